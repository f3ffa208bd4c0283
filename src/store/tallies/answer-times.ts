import { Histogram, type HistogramReading } from "../../collections/histogram.ts";
import type { Clock } from "../../domain/clock.ts";

/** The bounds, in seconds. */
const bounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Counts how long batches of calls take, which are answered in the order in which they were sent. */
export class AnswerTimes {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #histogram = new Histogram(bounds);
  /** When those were sent that are not answered: there are few. */
  readonly #sentMs: number[] = [];

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** A batch was sent. */
  sent(): void {
    this.#sentMs.push(this.#clock.monotonic());
  }

  /** The oldest so many were answered. */
  answered(batches: number): void {
    if (batches === 0) return;
    const nowMs = this.#clock.monotonic();
    for (const sentMs of this.#sentMs.splice(0, batches)) this.#histogram.observe((nowMs - sentMs) / 1_000);
  }

  /** What was counted. */
  read(): HistogramReading {
    return this.#histogram.read();
  }
}
