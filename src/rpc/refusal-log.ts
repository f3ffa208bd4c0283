import { TokenBucket } from "../collections/token-bucket.ts";
import { traceFacts } from "../contract/trace-context.ts";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { RefusedCall } from "../grpc/server/call-guard.ts";

/** How many lines each reason has in a minute: a flood of refusals must not fill the log, nor take the server's time. */
const linesPerMinute = 60;

/** Writes a line for each call that was refused. Of many for the same reason it writes some, and how many it has left out. */
export class RefusalLog {
  readonly #log: Pick<Log, "info">;
  readonly #clock: Pick<Clock, "monotonic">;
  /** By reason, of which there are few. */
  readonly #reasons = new Map<string, { readonly lines: TokenBucket; leftOut: number }>();

  constructor({ log, clock }: { readonly log: Pick<Log, "info">; readonly clock: Pick<Clock, "monotonic"> }) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Takes in a call that was refused. */
  refused({ method, peer, code, reason, traceparent = "" }: RefusedCall): void {
    const known = this.#reasons.get(reason) ?? { lines: new TokenBucket(this.#clock, linesPerMinute), leftOut: 0 };
    this.#reasons.set(reason, known);
    if (!known.lines.take()) {
      known.leftOut++;
      return;
    }
    const leftOut = known.leftOut === 0 ? null : { left_out: known.leftOut };
    known.leftOut = 0;
    this.#log.info({ method, peer, code, reason, ...traceFacts(traceparent), ...leftOut }, "refused a call");
  }
}
