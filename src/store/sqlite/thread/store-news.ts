import { systemClock } from "../../../domain/clock.ts";
import type { Changes } from "../../changes.ts";
import type { VerbName } from "../engine/verb.ts";
import { createPacedCallbacks } from "./paced-callbacks.ts";
import type { Answer } from "./thread-messages.ts";

/** Passes on what the thread tells, in the order in which it matters. */
export interface News {
  /** Hears of a call before it is answered. */
  called(id: number, verb: VerbName): void;
  /**
   * Passes on what a commit did. Changes come before the answers of their commit; answers to those who hold something, or look
   * at something, come before the answers to new work.
   */
  passOn(changes: Changes, answers: readonly Answer[]): void;
  /** Passes on everything that waits, at once. */
  flush(): void;
}

/** How much is passed on in one turn of the event loop. */
const newsPerTurn = 4;

/** @param tell passes on changes @param settle passes on an answer */
export function createNews(tell: (changes: Changes) => void, settle: (answer: Answer) => void): News {
  const paced = createPacedCallbacks(newsPerTurn, systemClock.monotonic);
  /** Calls that bring new work, and are not answered. */
  const newWork = new Set<number>();
  return {
    called(id, verb) {
      if (verb === "enqueue" || verb === "publish" || verb === "startWorkflows") newWork.add(id);
    },
    passOn(changes, answers) {
      tell(changes);
      const urgent: (() => void)[] = [];
      const others: (() => void)[] = [];
      for (const answer of answers) (newWork.delete(answer.id) ? others : urgent).push(() => settle(answer));
      paced.add(urgent, others);
    },
    flush: () => paced.flush(),
  };
}
