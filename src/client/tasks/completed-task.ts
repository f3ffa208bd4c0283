import { timestampMs } from "@bufbuild/protobuf/wkt";
import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import { assertUndamaged } from "../errors/data-loss.ts";
import { readResult } from "../errors/read-result.ts";
import type { AnyDefinition } from "./new-task.ts";

/** A task that is COMPLETED: what it answered, and who did it. */
export interface CompletedTask<Result> {
  readonly taskId: string;
  readonly result: Result;
  /** The worker that completed it. */
  readonly workerId: string;
  /** The attempt that completed it, from 1. */
  readonly attempt: number;
  /** How long that attempt took, from its hand-out to its end, in milliseconds by the server's clock. */
  readonly tookMs: number;
}

/**
 * Reads a completed task.
 *
 * @throws PayloadMismatchError if the result does not match the definition; CallError DATA_LOSS if it is damaged on the server's
 *   disk
 */
export function completedTask(task: Task, definition: AnyDefinition): CompletedTask<unknown> {
  const { id: taskId, type, workerId, attempt, startTime, finishTime } = task;
  assertUndamaged(task.damagedFields, "result", `The result of the task ${taskId}`);
  const tookMs = startTime && finishTime ? Math.max(timestampMs(finishTime) - timestampMs(startTime), 0) : 0;
  const result = readResult(`the task ${taskId} (${type})`, () => definition.result.decode(task.result));
  return { taskId, result, workerId, attempt, tookMs };
}
