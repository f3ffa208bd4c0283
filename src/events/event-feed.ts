import { onAbort } from "../async/signals.ts";
import { limits } from "../contract/limits.ts";
import type { Clock } from "../domain/clock.ts";
import type { EventFilter, EventStart, StoredEvent } from "../domain/events/event.ts";
import type { FanOut } from "../domain/fan-out.ts";
import { positionExpired } from "../domain/refusals/events.ts";
import { createFeed, type Feed } from "../domain/service.ts";
import type { EventPage, EventStore } from "../store/event-store.ts";

/** What a watcher gets: events that match, and the position up to which the events were searched. */
export interface WatchedEvents {
  readonly events: readonly StoredEvent[];
  readonly position: string;
}

/** How long a watcher to whom nothing was of interest stays without a newer position, in milliseconds. */
const positionIntervalMs = 5_000;

/** What a watcher that is woken takes of a round, in units: its page is looked up, and sent. */
const unitsPerWatcher = 3;

/** The verbs of the store that a feed reads by. */
type FeedStore = Pick<EventStore, "findStart" | "readEvents">;

/** Shows events to watchers as they are stored. It asks the store for nothing before something was published. Its stop ends all watches. */
export class EventFeed implements Feed {
  /** Aborted once it was stopped. */
  readonly stopped: AbortSignal;
  private readonly store: FeedStore;
  private readonly clock: Clock;
  private readonly fanOut: FanOut;
  private readonly feed = createFeed();
  /** Those that wait for something new. One that does not read is not among them. */
  private readonly waiting = new Set<() => void>();
  /** Pages that are being read: watchers that are equally far with equal filters share them, unless something was published since. */
  private readonly reading = new Map<string, Promise<EventPage>>();
  /** Whether watchers are being woken: then what is read is kept for those that are woken last. */
  private waking = false;
  /** How often something was published. */
  private publications = 0;

  /** Creates the feed of a store. */
  constructor(store: FeedStore, clock: Clock, fanOut: FanOut) {
    this.store = store;
    this.clock = clock;
    this.fanOut = fanOut;
    this.stopped = this.feed.stopped;
  }

  start(): Promise<void> {
    return this.feed.start();
  }

  stop(): Promise<void> {
    return this.feed.stop();
  }

  /** Something was published, and is committed. */
  wake(): void {
    this.publications++;
    if (this.waiting.size > 0) this.fanOut.due(this.wakeWaiting);
  }

  /**
   * Reads events from a start on, in bounded pages, as fast as the reader takes them, until the signal is aborted. The first page is
   * empty. A watch that begins again behind the last position it saw misses nothing and repeats nothing.
   *
   * @throws SitqError POSITION_EXPIRED, at the start or when the reader is so slow that retention overtakes it
   */
  async *watch(filter: EventFilter, start: EventStart, signal: AbortSignal): AsyncGenerator<WatchedEvents, void> {
    let wake: () => void = () => undefined;
    const release = onAbort(signal, () => wake());
    try {
      let position = await this.placeOf(start);
      let sentMs = this.clock.monotonic();
      yield { events: [], position };
      while (!signal.aborted) {
        const seen = this.publications;
        const page = await this.read(filter, position);
        const isOverdue = page.position !== position && this.clock.monotonic() - sentMs >= positionIntervalMs;
        position = page.position;
        if (page.events.length > 0 || isOverdue) {
          sentMs = this.clock.monotonic();
          yield { events: page.events, position };
        }
        if (!page.isEnd || this.publications !== seen || signal.aborted) continue;
        await new Promise<void>((resolve) => {
          wake = resolve;
          this.waiting.add(resolve);
        });
        this.waiting.delete(wake);
      }
    } finally {
      release();
    }
  }

  /** One round over all that wait. A property, so that a round that is due already is not asked for again. */
  private readonly wakeWaiting = (): Iterator<number, void> => this.wakeEach();

  private *wakeEach(): Generator<number, void> {
    this.waking = true;
    for (const wake of [...this.waiting]) {
      wake();
      yield unitsPerWatcher;
    }
    // The last of them read first.
    this.clock.afterIo(() => {
      this.waking = false;
      this.reading.clear();
    });
  }

  private async placeOf(start: EventStart): Promise<string> {
    const answer = await this.store.findStart(start);
    if (answer.status === "expired") throw positionExpired(answer.earliest);
    return answer.position;
  }

  /** Reads on. Retention may overtake a slow reader: it is asked after the reading whether nothing was missing. */
  private read(filter: EventFilter, after: string): Promise<EventPage> {
    const key = JSON.stringify([filter, after, this.publications]);
    const known = this.reading.get(key);
    if (known !== undefined) return known;
    const page = this.readNow(filter, after).finally(() => this.waking || this.reading.delete(key));
    this.reading.set(key, page);
    return page;
  }

  private async readNow(filter: EventFilter, after: string): Promise<EventPage> {
    const { eventsPerMessage: limit, messageBytes: maxBytes } = limits;
    const events = this.store.readEvents({ filter, after, limit, maxBytes });
    const [page] = await Promise.all([events, this.placeOf({ kind: "position", position: after })]);
    return page;
  }
}
