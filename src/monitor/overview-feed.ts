import type { Clock } from "../domain/clock.ts";
import { createFeed, type Feed } from "../domain/service.ts";
import type { QueueHistory, QueueRates } from "../queue/tasks/queue-rates.ts";
import type { Overview } from "./overview.ts";
import type { QueueRow, QueueRows } from "./queue-rows.ts";

/** A queue that has changed. */
export interface RowChange {
  readonly row: QueueRow;
  /** `null`: it is as before, until a step of it is over. */
  readonly history: QueueHistory | null;
}

/** What a second has changed. */
export interface OverviewChange {
  readonly overview: Overview;
  readonly rows: readonly RowChange[];
}

/** Where a feed reads from. */
export interface OverviewSource {
  readonly rows: Pick<QueueRows, "names" | "get" | "takeChanged">;
  /** As Monitor.read. */
  read(storedForMs: number): Promise<Overview>;
  /** What the tasks of a queue did in the last five minutes. */
  historyOf(queue: string): QueueHistory;
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

  /** All queues that a watcher begins with, by name. */
  *beginning(): Generator<RowChange, void> {
    const { rows } = this.#monitor;
    for (const name of rows.names()) {
      const row = rows.get(name);
      if (row !== undefined) yield { row, history: this.#monitor.historyOf(name) };
    }
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
      const change = { overview, rows: this.#takeRows() };
      for (const sink of this.#sinks) sink([change]);
    } catch {
      // The store has failed, and the server is about to end. If it is not, the next second shows what this one would have.
    }
    if (this.#sinks.size > 0) this.#later();
  }

  /** The queues that have changed, and once in each step of the histories those that have one, or have none any more. */
  #takeRows(): RowChange[] {
    const { rows } = this.#monitor;
    const changed = rows.takeChanged();
    const { step } = this.#rates;
    const moved = step === this.#step ? new Set<string>() : new Set([...this.#told, ...this.#rates.active()]);
    if (step !== this.#step) this.#told = new Set(this.#rates.active());
    this.#step = step;
    return [...new Set([...changed, ...moved])].flatMap((name) => {
      const row = rows.get(name);
      return row === undefined ? [] : { row, history: moved.has(name) ? this.#monitor.historyOf(name) : null };
    });
  }
}
