import { traceFacts } from "../contract/trace-context.ts";
import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { RefusedCall } from "../grpc/server/call-guard.ts";
import { LineBudget } from "./limits/line-budget.ts";

/** Writes a line for each call that was refused. Of many for the same reason it writes some, and how many it has left out. */
export class RefusalLog {
  readonly #log: Pick<Log, "info">;
  readonly #clock: Pick<Clock, "monotonic">;
  /** By reason, of which there are few. */
  readonly #reasons = new Map<string, LineBudget>();

  constructor({ log, clock }: { readonly log: Pick<Log, "info">; readonly clock: Pick<Clock, "monotonic"> }) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Takes in a call that was refused. */
  refused({ method, peer, code, reason, traceparent = "" }: RefusedCall): void {
    const lines = this.#reasons.get(reason) ?? new LineBudget(this.#clock);
    this.#reasons.set(reason, lines);
    const leftOut = lines.take();
    if (leftOut === null) return;
    this.#log.info({ method, peer, code, reason, ...traceFacts(traceparent), ...leftOut }, "refused a call");
  }
}
