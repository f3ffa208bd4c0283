/** How often values fell between bounds. */
export interface HistogramReading {
  /** The upper bounds, each inclusive, in rising order. */
  readonly bounds: readonly number[];
  /** How many values fell below each bound and above the one before; the last: above all of them. */
  readonly counts: readonly number[];
  /** Of all values. */
  readonly sum: number;
}

/** The number of the range that a value falls into. */
export function rangeOf(bounds: readonly number[], value: number): number {
  let range = 0;
  // There are few bounds, and most values are small.
  while (range < bounds.length && value > (bounds[range] as number)) range++;
  return range;
}

/** Counts values by the ranges that they fall into. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;

  /** Creates one without values. @param bounds see HistogramReading */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  /** Counts a value. */
  observe(value: number): void {
    const range = rangeOf(this.#bounds, value);
    this.#counts[range] = (this.#counts[range] ?? 0) + 1;
    this.#sum += value;
  }

  /** What was counted. */
  read(): HistogramReading {
    return { bounds: this.#bounds, counts: [...this.#counts], sum: this.#sum };
  }
}
