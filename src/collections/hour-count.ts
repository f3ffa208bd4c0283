const minuteMs = 60_000;
const minutes = 60;

/** Counts what happens, and forgets it an hour later, minute by minute. */
export class HourCount {
  readonly #counts = new Uint32Array(minutes);
  /** The last minute that was counted in, since 1970. */
  #newest = Number.NEGATIVE_INFINITY;

  /** Counts something that happens now. @param nowMs of a clock that goes forward; a step back counts as its last minute */
  add(n: number, nowMs: number): void {
    const minute = this.#forward(nowMs);
    this.#counts[minute % minutes] = (this.#counts[minute % minutes] ?? 0) + n;
  }

  /** How much happened within the hour. */
  sum(nowMs: number): number {
    this.#forward(nowMs);
    return this.#counts.reduce((sum, n) => sum + n, 0);
  }

  /** The age of the oldest minute of the hour in which something happened, in milliseconds; 0: nothing did. */
  oldestAgeMs(nowMs: number): number {
    const newest = this.#forward(nowMs);
    for (let age = minutes - 1; age > 0; age--) {
      if ((this.#counts[(newest - age + minutes) % minutes] ?? 0) > 0) return age * minuteMs;
    }
    return 0;
  }

  /** Clears the minutes that are over since the last call; answers the present one. */
  #forward(nowMs: number): number {
    const minute = Math.max(Math.floor(nowMs / minuteMs), this.#newest);
    for (let each = Math.max(this.#newest + 1, minute - minutes + 1); each <= minute; each++) {
      this.#counts[each % minutes] = 0;
    }
    this.#newest = minute;
    return minute;
  }
}
