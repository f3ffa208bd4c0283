import type { Clock } from "../../domain/clock.ts";
import type { Upkeep } from "../../maintenance/scheduler.ts";
import type { SettleAnswer, Settlement, Store } from "../../store/store.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";

/** Stores the ends of attempts, whoever tells them, and sets off what follows from them. */
export interface Settling {
  /** Answers after the commit, in the order of the settlements. */
  settle(settlements: readonly Settlement[]): Promise<SettleAnswer[]>;
}

/** Settling over a store. */
export function createSettling(store: Store, clock: Clock, dispatcher: Dispatcher, upkeep: Upkeep): Settling {
  return {
    async settle(settlements) {
      const answers = await store.settle(settlements, clock.now());
      for (const answer of answers) {
        if (answer.status !== "settled") continue;
        dispatcher.ended(answer.queue);
        if (answer.scheduleMs !== null) upkeep.due(answer.scheduleMs);
      }
      return answers;
    },
  };
}
