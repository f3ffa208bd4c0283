import { HourCount } from "../collections/hour-count.ts";
import type { Clock } from "../domain/clock.ts";
import type { FailureFacts } from "../domain/monitor/facts.ts";

/** The failures of a queue. */
interface Failures {
  readonly count: HourCount;
  /** When the first of them failed, as it was answered last. */
  sinceMs: number;
}

/** How exactly it is known when a task failed, in milliseconds. */
const minuteMs = 60_000;

/** How many tasks of each queue failed within the last hour, in memory. */
export class QueueFailures {
  readonly #clock: Clock;
  readonly #queues = new Map<string, Failures>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts tasks that failed now. */
  add(queue: string, n: number): void {
    const known = this.#queues.get(queue) ?? { count: new HourCount(), sinceMs: 0 };
    known.count.add(n, this.#clock.monotonic());
    this.#queues.set(queue, known);
  }

  /** The failures of a queue; `null`: there were none within the hour. */
  of(queue: string): FailureFacts | null {
    const known = this.#queues.get(queue);
    if (known === undefined) return null;
    const monotonicMs = this.#clock.monotonic();
    const count = known.count.sum(monotonicMs);
    if (count === 0) {
      this.#queues.delete(queue);
      return null;
    }
    const sinceMs = this.#clock.now() - known.count.oldestAgeMs(monotonicMs);
    // Within the minute that is known it stays the same.
    if (Math.abs(sinceMs - known.sinceMs) >= minuteMs) known.sinceMs = sinceMs;
    return { count, sinceMs: known.sinceMs };
  }
}
