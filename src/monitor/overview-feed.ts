import type { Clock } from "../domain/clock.ts";
import { createFeed, type Feed } from "../domain/service.ts";
import type { QueueRates } from "../queue/tasks/queue-rates.ts";
import type { Overview } from "./overview.ts";
import type { QueueRows } from "./queue-rows.ts";

/** What a second has changed. */
export interface OverviewChange {
  readonly overview: Overview;
  /** The queues that have changed. */
  readonly changed: ReadonlySet<string>;
  /** Those of them whose histories have moved on by a step. */
  readonly moved: ReadonlySet<string>;
}

/** Where a feed reads from. */
export interface OverviewSource {
  readonly rows: Pick<QueueRows, "takeChanged">;
  /** As Monitor.read. */
  read(storedForMs: number): Promise<Overview>;
}

/** How often watchers hear of changes, in milliseconds. */
const intervalMs = 1_000;
/** How old what is read of subscriptions and workflows may be, in milliseconds: it costs reads of the disk. */
const storedForMs = 5_000;

/** Tells watchers once a second what has changed; without watchers it does nothing. The work of a second is shared by all. */
export class OverviewFeed implements Feed {
  /** Aborted once it was stopped. */
  readonly stopped: AbortSignal;
  readonly #monitor: OverviewSource;
  readonly #rates: Pick<QueueRates, "active" | "step">;
  readonly #clock: Clock;
  readonly #feed = createFeed();
  readonly #sinks = new Set<(changes: readonly OverviewChange[]) => void>();
  #endTimer: (() => void) | null = null;
  /** The step of the histories that were shown last, and the queues that had any. */
  #step = 0;
  #told: ReadonlySet<string> = new Set();

  constructor(monitor: OverviewSource, rates: Pick<QueueRates, "active" | "step">, clock: Clock) {
    this.#monitor = monitor;
    this.#rates = rates;
    this.#clock = clock;
    this.stopped = this.#feed.stopped;
  }

  start(): Promise<void> {
    return this.#feed.start();
  }

  stop(): Promise<void> {
    this.#endTimer?.();
    return this.#feed.stop();
  }

  /** How everything is, for one who begins to watch. */
  read(): Promise<Overview> {
    return this.#monitor.read(storedForMs);
  }

  /** Calls `sink` once a second until the answered function is called. */
  watch(sink: (changes: readonly OverviewChange[]) => void): () => void {
    this.#sinks.add(sink);
    if (this.#sinks.size === 1) this.#later();
    return () => {
      this.#sinks.delete(sink);
      if (this.#sinks.size > 0) return;
      this.#endTimer?.();
      this.#endTimer = null;
    };
  }

  #later(): void {
    if (this.stopped.aborted) return;
    this.#endTimer?.();
    this.#endTimer = this.#clock.after(intervalMs, () => void this.#tick());
  }

  async #tick(): Promise<void> {
    try {
      const overview = await this.#monitor.read(storedForMs);
      const change = { overview, ...this.#takeChanged() };
      for (const sink of this.#sinks) sink([change]);
    } catch {
      // The store has failed, and the server is about to end. If it is not, the next second shows what this one would have.
    }
    if (this.#sinks.size > 0) this.#later();
  }

  /** The queues that have changed, and once in each step of the histories those that have one, or have none any more. */
  #takeChanged(): Omit<OverviewChange, "overview"> {
    const changed = this.#monitor.rows.takeChanged();
    const { step } = this.#rates;
    if (step === this.#step) return { changed, moved: none };
    const told = new Set(this.#rates.active());
    const moved = new Set([...told, ...this.#told]);
    this.#step = step;
    this.#told = told;
    return { changed: new Set([...changed, ...moved]), moved };
  }
}

const none: ReadonlySet<string> = new Set();
