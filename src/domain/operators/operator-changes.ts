/** What an operator may do to a task, by where it stands. A workflow's tasks go on, and go, with their workflow. */

import { isFinished, isRetryable, type TaskError, type TaskState, taskStates } from "../tasks/task.ts";

/** What operators do to many tasks at once. */
export type BulkChange = { readonly kind: "retry" | "delete" } | { readonly kind: "cancel"; readonly error: TaskError };

/** The states of the tasks that are meant by a change of many. Of one alone, a scheduled one can be retried too. */
export const changeableStates: Readonly<Record<BulkChange["kind"], readonly TaskState[]>> = {
  retry: ["failed", "cancelled"],
  cancel: taskStates.filter((state) => !isFinished(state)),
  delete: taskStates.filter((state) => state !== "running"),
};

/** What of a task decides. */
export interface ChangedTask {
  readonly state: TaskState;
  /** Whether it is a step or a compensation of a workflow. */
  readonly isInWorkflow: boolean;
  /** Whether it delivers an event. */
  readonly isDelivery: boolean;
}

/** What an operator changes of a task that waits; what is not set stays. */
export interface TaskUpdate {
  readonly queue?: string;
  readonly priority?: number;
  /** When it may start; a past time: now. */
  readonly scheduleMs?: number;
}

/** The result of cancelling a task; a cancelled one stays as it is. */
export function judgeCancel(state: TaskState): "cancel" | "cancelled" | "finished" {
  if (state === "cancelled") return "cancelled";
  return isFinished(state) ? "finished" : "cancel";
}

/**
 * The result of retrying a task: `restart` with a fresh allowance of attempts, or `bring_forward` of one that waits for its time.
 *
 * @param hasRival whether another unfinished task has its deduplication key; only a finished task can have a rival
 */
export function judgeRetry(
  { state, isInWorkflow }: ChangedTask,
  hasRival: () => boolean,
): "restart" | "bring_forward" | "not_retryable" | "in_workflow" | "duplicate" {
  if (!isRetryable(state)) return "not_retryable";
  if (!isFinished(state)) return "bring_forward";
  if (isInWorkflow) return "in_workflow";
  return hasRival() ? "duplicate" : "restart";
}

/** The result of deleting a task. */
export function judgeDelete({ state, isInWorkflow }: ChangedTask): "delete" | "running" | "in_workflow" {
  if (state === "running") return "running";
  return isInWorkflow ? "in_workflow" : "delete";
}

/**
 * The result of changing a task. The queue of a step is its service, and that of a delivery its subscription's; what waits for other
 * tasks has no time.
 */
export function judgeUpdate(
  { state, isInWorkflow, isDelivery }: ChangedTask,
  { queue, scheduleMs }: TaskUpdate,
): "update" | "running" | "finished" | "in_workflow" | "delivery" | "blocked" {
  if (state === "running") return "running";
  if (isFinished(state)) return "finished";
  if (queue !== undefined && isInWorkflow) return "in_workflow";
  if (queue !== undefined && isDelivery) return "delivery";
  return scheduleMs !== undefined && state === "blocked" ? "blocked" : "update";
}

/** When a waiting task may start. Times are wall clock, in milliseconds. */
export interface StartTimes {
  /** `null`: now. */
  readonly scheduleMs: number | null;
  /** Until when it waits for the worker that it is for; `null`: for none, or however long. */
  readonly laneUntilMs: number | null;
}

/** Where a task waits that may start at another time: it waits as long for its worker, counted from then. */
export function placeAt(
  { scheduleMs, laneUntilMs }: StartTimes,
  startMs: number,
  nowMs: number,
): StartTimes & { readonly state: "scheduled" | "pending" } {
  const shiftMs = Math.max(startMs, nowMs) - (scheduleMs ?? nowMs);
  const isLater = startMs > nowMs;
  return {
    state: isLater ? "scheduled" : "pending",
    scheduleMs: isLater ? startMs : null,
    laneUntilMs: laneUntilMs === null ? null : laneUntilMs + shiftMs,
  };
}

/** The result of running a task again: what is unfinished runs anyway, and steps and deliveries only make sense where they belong. */
export function judgeRerun({
  state,
  isInWorkflow,
  isDelivery,
}: ChangedTask): "rerun" | "unfinished" | "in_workflow" | "delivery" {
  if (isInWorkflow) return "in_workflow";
  if (isDelivery) return "delivery";
  return isFinished(state) ? "rerun" : "unfinished";
}
