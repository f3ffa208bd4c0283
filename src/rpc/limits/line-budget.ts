import { TokenBucket } from "../../collections/token-bucket.ts";
import type { Clock } from "../../domain/clock.ts";

/** How many lines of one sort the log has in a minute: a flood must not fill it, nor take the server's time. */
const linesPerMinute = 60;

/** Allows some lines of the log a minute, and counts those that are left out. */
export class LineBudget {
  readonly #lines: TokenBucket;
  #leftOut = 0;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#lines = new TokenBucket(clock, linesPerMinute);
  }

  /** Asks for a line. @returns what the line says beside its own facts: how many were left out before it; `null`: no line is allowed */
  take(): { readonly left_out?: number } | null {
    if (!this.#lines.take()) {
      this.#leftOut++;
      return null;
    }
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return leftOut === 0 ? {} : { left_out: leftOut };
  }
}
