/** How long a queue must have been lower in an order before it goes down, in milliseconds. */
export const steadyMs = 10_000;

/** Keeps rows from jumping about: a queue goes up in the order at once, and down once it has been lower for ten seconds. */
export class SteadyKeys {
  /** Since when queues are lower than they are shown. */
  readonly #lowerSince = new Map<string, number>();

  /**
   * The place at which a queue is shown, the lowest first.
   *
   * @param before the one at which it was shown last; `null`: it was not
   * @param key its place now
   */
  of(queue: string, before: number | null, key: number, nowMs: number): number {
    if (before === null || key <= before) {
      this.#lowerSince.delete(queue);
      return key;
    }
    const sinceMs = this.#lowerSince.get(queue);
    // The clock can go back.
    if (sinceMs === undefined || sinceMs > nowMs) {
      this.#lowerSince.set(queue, nowMs);
      return before;
    }
    if (nowMs - sinceMs < steadyMs) return before;
    this.#lowerSince.delete(queue);
    return key;
  }

  /** When a queue will go down unless something happens; infinite: it will not. */
  changeMs(queue: string): number {
    const sinceMs = this.#lowerSince.get(queue);
    return sinceMs === undefined ? Number.POSITIVE_INFINITY : sinceMs + steadyMs;
  }
}
