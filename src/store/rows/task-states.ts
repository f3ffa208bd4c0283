/** The states of tasks and the outcomes of attempts as they are stored, and the conditions on them in SQL. */

import { type AttemptOutcome, attemptOutcomes, type TaskState, taskStates } from "../../domain/tasks/task.ts";

/** A state as it is stored: its number in the contract. */
export const stateNumber = Object.fromEntries(taskStates.map((state, index) => [state, index + 1])) as Record<
  TaskState,
  number
>;

/**
 * What a task is, as a condition of SQL on its state. The partial indexes of the schema have the same words: by others the planner
 * does not see that an index answers.
 */
export const taskIs = {
  /** Not RUNNING yet. */
  waiting: `state <= ${stateNumber.pending}`,
  unfinished: `state <= ${stateNumber.running}`,
  /** FAILED or CANCELLED. */
  stopped: `state >= ${stateNumber.failed}`,
} as const;

/** The state of a stored number. One that is none, which only a damaged row holds, is `failed`: the row can be read and deleted. */
export function stateOf(number: number): TaskState {
  return taskStates[number - 1] ?? "failed";
}

/** An outcome as it is stored: its number in the contract. */
export function outcomeNumber(outcome: AttemptOutcome): number {
  return attemptOutcomes.indexOf(outcome) + 1;
}
