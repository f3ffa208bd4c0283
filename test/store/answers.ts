/** Takes answers apart in tests that expect them to be good. */

import type { EnqueueAnswer } from "../../src/store/task-store.ts";

/** The ids of tasks that must all have been created. */
export function createdIds(answers: readonly (EnqueueAnswer | undefined)[]): string[] {
  return answers.map((answer) => {
    if (answer?.status !== "created") throw new Error(`not created: ${JSON.stringify(answer)}`);
    return answer.task.id;
  });
}

/** The one item of a list that must have exactly one. */
export function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (items.length !== 1 || item === undefined) throw new Error(`not one item but ${items.length}`);
  return item;
}
