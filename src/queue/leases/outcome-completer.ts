import type { Clock } from "../../domain/clock.ts";
import type { Scheduler } from "../../maintenance/scheduler.ts";
import type { Store } from "../../store/store.ts";
import type { SettleAnswer, Settlement } from "../../store/task-store.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";

/** Stores the ends of attempts, whoever tells them, and sets off what follows from them. */
export interface OutcomeCompleter {
  /** Answers after the commit, in the order of the settlements. */
  complete(settlements: readonly Settlement[]): Promise<SettleAnswer[]>;
}

/** OutcomeCompleter over a store. */
export function createOutcomeCompleter(
  store: Store,
  clock: Clock,
  dispatcher: Dispatcher,
  scheduler: Scheduler,
): OutcomeCompleter {
  return {
    async complete(settlements) {
      const answers = await store.settle(settlements, clock.now());
      for (const answer of answers) {
        if (answer.status !== "settled") continue;
        dispatcher.ended(answer.queue);
        if (answer.scheduleMs !== null) scheduler.due(answer.scheduleMs);
      }
      return answers;
    },
  };
}
