import type { JsonObject } from "@bufbuild/protobuf";
import { type TaskChange, TaskState } from "../../../client/index.ts";
import type { Paint } from "../../terminal/paint.ts";
import { printable } from "../../terminal/printable.ts";
import { msOf, timeOfDay } from "../../terminal/times.ts";
import { paintedState } from "./task-words.ts";

/** The longest word for a state, so that the lines of a watch stand in columns. */
const stateWidth = "CANCELLED".length;

/** A change in one line. */
export function changeLine(change: TaskChange, paint: Paint): string {
  const { taskId, queue, type, state, attempt, workerId, correlationId } = change;
  const deleted = state === TaskState.UNSPECIFIED;
  const word = deleted ? "DELETED" : (TaskState[state] ?? String(state));
  const painted = deleted ? paint.dim(word) : paintedState(state, paint);
  const atMs = msOf(change.changeTime);
  const parts = [
    paint.dim(atMs === null ? "" : timeOfDay(atMs)),
    taskId,
    `${painted}${" ".repeat(Math.max(stateWidth - word.length, 0))}`,
    `${queue} ${type}`,
    attempt > 0 ? `attempt ${attempt}` : "",
    workerId === "" ? "" : `on ${printable(workerId)}`,
    correlationId === "" ? "" : paint.dim(printable(correlationId)),
  ];
  return parts.filter((part) => part !== "").join("  ");
}

/** A change in Protobuf's JSON; a deletion has the state `TASK_STATE_UNSPECIFIED`. */
export function changeJson(change: TaskChange): JsonObject {
  const { taskId, queue, type, correlationId, state, attempt, workerId } = change;
  const atMs = msOf(change.changeTime);
  return {
    taskId,
    queue,
    type,
    correlationId,
    state: `TASK_STATE_${TaskState[state]}`,
    attempt,
    workerId,
    ...(atMs !== null && { changeTime: new Date(atMs).toISOString() }),
  };
}
