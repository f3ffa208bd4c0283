import type { Clock } from "../../domain/clock.ts";

/** How long an empty bucket takes to be full again, in milliseconds. */
const refillMs = 60_000;

/** Allows so many things a minute: as many at once as come in a minute. */
export class TokenBucket {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #perMinute: number;
  #left: number;
  #countedMs: number;

  constructor(clock: Pick<Clock, "monotonic">, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#left = perMinute;
    this.#countedMs = clock.monotonic();
  }

  /** How many things are allowed now, with a part of the next one. */
  get left(): number {
    const nowMs = this.#clock.monotonic();
    this.#left = Math.min(this.#perMinute, this.#left + ((nowMs - this.#countedMs) * this.#perMinute) / refillMs);
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
