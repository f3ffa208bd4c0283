import { TokenBucket } from "../../collections/token-bucket.ts";
import type { Clock } from "../../domain/clock.ts";
import { tooManyIdleMessages } from "../../domain/refusals/server.ts";

/**
 * Bounds the messages of one stream that carry no work. Messages that carry work do not touch it; HTTP/2 holds their sender back.
 */
export class IdleMessages {
  readonly #perMinute: number;
  readonly #bucket: TokenBucket;

  /** @param perMinute how many a stream may send in a minute */
  constructor(clock: Pick<Clock, "monotonic">, perMinute: number) {
    this.#perMinute = perMinute;
    this.#bucket = new TokenBucket(clock, perMinute);
  }

  /** Counts one. @throws SitqError TOO_MANY_IDLE_MESSAGES, which is to end the stream */
  count(): void {
    if (!this.#bucket.take()) throw tooManyIdleMessages(this.#perMinute);
  }
}
