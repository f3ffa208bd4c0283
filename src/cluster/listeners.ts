import { type Clock, systemClock } from "../domain/clock.ts";
import { type News, NewsOutbox } from "./news.ts";

/** A server that listens to this one. */
export interface Listener {
  /** What there is for it since the last call; `null`: nothing. */
  take(): News | null;
  /** Ends it. */
  leave(): void;
}

/** How long news gather, in milliseconds: under load they are put together, and at rest none waits for long. */
const gatherMs = 1;

/** The servers that listen to this one, and what they have not been sent. */
export class Listeners {
  private readonly clock: Pick<Clock, "after">;
  private readonly all = new Map<NewsOutbox, () => void>();
  private readonly beginnings: (() => Partial<News>)[] = [];
  private isDue = false;

  /** None listens. */
  constructor(clock: Pick<Clock, "after"> = systemClock) {
    this.clock = clock;
  }

  /** How many there are. */
  get count(): number {
    return this.all.size;
  }

  /** Lets each that begins to listen take this first, with what all others of these calls say: what there is, beside what comes. */
  beginWith(news: () => Partial<News>): void {
    this.beginnings.push(news);
  }

  /** Adds one. @param onNews called when there is something to take */
  add(onNews: () => void): Listener {
    const outbox = new NewsOutbox();
    for (const news of this.beginnings) outbox.add(news());
    this.all.set(outbox, onNews);
    return {
      take: () => (outbox.isEmpty ? null : outbox.take()),
      leave: () => void this.all.delete(outbox),
    };
  }

  /** Tells all of them, soon. */
  tell(news: Partial<News>): void {
    if (this.all.size === 0) return;
    for (const outbox of this.all.keys()) outbox.add(news);
    if (this.isDue) return;
    this.isDue = true;
    this.clock.after(gatherMs, () => {
      this.isDue = false;
      for (const [outbox, onNews] of [...this.all]) if (!outbox.isEmpty) onNews();
    });
  }
}
