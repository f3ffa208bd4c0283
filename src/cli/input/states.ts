import { InvalidArgumentError } from "commander";
import { TaskState } from "../../client/index.ts";

/** The words for the states of a task, in the order of its life. */
const states = new Map([
  ["blocked", TaskState.BLOCKED],
  ["scheduled", TaskState.SCHEDULED],
  ["pending", TaskState.PENDING],
  ["running", TaskState.RUNNING],
  ["completed", TaskState.COMPLETED],
  ["failed", TaskState.FAILED],
  ["cancelled", TaskState.CANCELLED],
]);

/** Every word, as a usage line shows them. */
export const stateWords = [...states.keys()].join(", ");

/** Reads one more state of an option that may be repeated, or several with commas between them. */
export function collectStates(text: string, collected: readonly TaskState[] = []): TaskState[] {
  const found = text.split(",").map((word) => {
    const state = states.get(word.trim().toLowerCase());
    if (state === undefined) throw new InvalidArgumentError(`Expected one of: ${stateWords}.`);
    return state;
  });
  return [...collected, ...found];
}
