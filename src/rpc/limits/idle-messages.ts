import type { Clock } from "../../domain/clock.ts";
import { tooManyIdleMessages } from "../../domain/refusals/server.ts";

/** How long a stream that was silent takes to have its whole allowance again, in milliseconds. */
const refillMs = 60_000;

/**
 * Bounds the messages of one stream that carry no work, by a token bucket: as many at once as come in a minute. Messages that carry
 * work do not touch it; HTTP/2 holds their sender back.
 */
export class IdleMessages {
  readonly #clock: Pick<Clock, "monotonic">;
  readonly #perMinute: number;
  #left: number;
  #countedMs: number;

  /** @param perMinute how many a stream may send in a minute */
  constructor(clock: Pick<Clock, "monotonic">, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#left = perMinute;
    this.#countedMs = clock.monotonic();
  }

  /** Counts one. @throws SitqError TOO_MANY_IDLE_MESSAGES, which is to end the stream */
  count(): void {
    this.#refill();
    if (this.#left < 1) throw tooManyIdleMessages(this.#perMinute);
    this.#left--;
  }

  #refill(): void {
    const nowMs = this.#clock.monotonic();
    this.#left = Math.min(this.#perMinute, this.#left + ((nowMs - this.#countedMs) * this.#perMinute) / refillMs);
    this.#countedMs = nowMs;
  }
}
