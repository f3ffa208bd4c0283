import { onAbort } from "../../async/signals.ts";
import { TokenBucket } from "../../collections/token-bucket.ts";
import type { Clock } from "../../domain/clock.ts";

/**
 * Holds the requests of one stream to a pace: those that come faster wait, and with them their sender, by HTTP/2's flow control. Nothing
 * is refused.
 */
export class Pace {
  readonly #clock: Pick<Clock, "monotonic" | "after">;
  readonly #bucket: TokenBucket;
  readonly #end: AbortSignal;

  /** @param most how many come through at once. @param end aborted when no request is waited for any more */
  constructor(clock: Pick<Clock, "monotonic" | "after">, perMinute: number, most: number, end: AbortSignal) {
    this.#clock = clock;
    this.#bucket = new TokenBucket(clock, perMinute, most);
    this.#end = end;
  }

  /** Counts a request; a promise where the next one is to wait. */
  count(): void | Promise<void> {
    if (!this.#bucket.take()) return this.#wait();
  }

  async #wait(): Promise<void> {
    while (!this.#end.aborted && !this.#bucket.take()) {
      await new Promise<void>((resolve) => {
        const callOff = this.#clock.after(10, done);
        const release = onAbort(this.#end, done);
        function done(): void {
          callOff();
          release();
          resolve();
        }
      });
    }
  }
}
