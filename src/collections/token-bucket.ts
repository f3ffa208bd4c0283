/** A clock that never goes back, in milliseconds. */
interface MonotonicClock {
  monotonic(): number;
}

const minuteMs = 60_000;

/** Allows so many things a minute, and a burst of them. */
export class TokenBucket {
  readonly #clock: MonotonicClock;
  readonly #perMinute: number;
  readonly #most: number;
  #left: number;
  #countedMs: number;

  /** @param most how many are allowed at once; by default as many as in a minute */
  constructor(clock: MonotonicClock, perMinute: number, most = perMinute) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#most = most;
    this.#left = most;
    this.#countedMs = clock.monotonic();
  }

  /** How many things are allowed now, with a part of the next one. */
  get left(): number {
    const nowMs = this.#clock.monotonic();
    this.#left = Math.min(this.#most, this.#left + ((nowMs - this.#countedMs) * this.#perMinute) / minuteMs);
    this.#countedMs = nowMs;
    return this.#left;
  }

  /** Counts one thing. @returns whether it is allowed; one that is not does not count */
  take(): boolean {
    if (this.left < 1) return false;
    this.#left--;
    return true;
  }
}
