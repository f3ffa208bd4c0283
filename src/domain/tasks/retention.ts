import type { Retention } from "./queue.ts";
import { isFinished, type TaskState, taskStates } from "./task.ts";

/** What of a task decides how long it is kept. */
export interface KeptTask {
  readonly state: TaskState;
  /** Wall clock, milliseconds; `null`: it is unfinished. */
  readonly finishMs: number | null;
  /** Whether it is a step or a compensation of a workflow. */
  readonly isInWorkflow: boolean;
}

/** Whether a finished task has been kept for as long as its queue says. A workflow's tasks are kept as long as the workflow. */
export function isPastRetention(
  { state, finishMs, isInWorkflow }: KeptTask,
  retention: Retention,
  nowMs: number,
): boolean {
  if (finishMs === null || !isFinished(state) || isInWorkflow) return false;
  return finishMs + retention[`${state}Ms`] <= nowMs;
}

/** The states of finished tasks. */
export const finishedStates = taskStates.filter(isFinished);

/** How long the finished tasks of queues are kept at least, in milliseconds; `Infinity`: there are none. */
export function shortestRetentionMs(
  queues: Iterable<{ readonly counts: Readonly<Record<TaskState, number>>; readonly retention: Retention }>,
): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (const { counts, retention } of queues) {
    for (const state of finishedStates) {
      if (counts[state] > 0) shortestMs = Math.min(shortestMs, retention[`${state}Ms`]);
    }
  }
  return shortestMs;
}
