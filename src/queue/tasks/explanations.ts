import type { Clock } from "../../domain/clock.ts";
import { explain } from "../../domain/waits/explanation.ts";
import type { Explanation, StoredWait } from "../../domain/waits/wait-facts.ts";
import type { Store } from "../../store/store.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { QueueStaff } from "../dispatch/staff.ts";
import type { QueueRates } from "./queue-rates.ts";

/** Explains why tasks are not running, in order; `null` of one that is not there. */
export type ExplainTasks = (ids: readonly string[]) => Promise<(Explanation | null)[]>;

/** What explanations need. */
export interface ExplanationsOptions {
  readonly store: Pick<Store, "readWaits">;
  readonly clock: Clock;
  readonly dispatcher: Pick<Dispatcher, "staffOf">;
  readonly rates: Pick<QueueRates, "rateOf">;
}

/** Creates the use case: what is stored of a task, and who works its queue at this moment. */
export function createExplanations({ store, clock, dispatcher, rates }: ExplanationsOptions): ExplainTasks {
  return async (ids) => {
    if (ids.length === 0) return [];
    const waits = await store.readWaits(ids);
    const nowMs = clock.now();
    const queues = new Map<string, { readonly staff: QueueStaff; readonly rate: number }>();

    function queueOf(name: string) {
      const known = queues.get(name);
      if (known !== undefined) return known;
      const found = { staff: dispatcher.staffOf(name), rate: rates.rateOf(name).handedOut };
      queues.set(name, found);
      return found;
    }

    function explained(wait: StoredWait): Explanation {
      const { staff, rate } = queueOf(wait.queue);
      const { type, reservedFor } = wait;
      const reservedWorker = reservedFor === null ? "away" : staff.standingOf(reservedFor.workerId, type);
      return explain(wait, { staff: staff.of(type), reservedWorker, rate }, nowMs);
    }

    return waits.map((wait) => (wait === null ? null : explained(wait)));
  };
}
