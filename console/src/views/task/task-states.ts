import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";

/** Whether a task waits: for others, for its time, or in line. */
export function isWaiting(state: TaskState): boolean {
  return state === TaskState.BLOCKED || state === TaskState.SCHEDULED || state === TaskState.PENDING;
}

/** Whether a task is at its end. It can be retried or run again. */
export function isFinished(state: TaskState): boolean {
  return state === TaskState.COMPLETED || state === TaskState.FAILED || state === TaskState.CANCELLED;
}
