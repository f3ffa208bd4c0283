import type { FullTaskRow } from "../../rows/task-rows.ts";
import { bytesChecksum, mixed, textSum, withBytes, withNumber, wordSum } from "./checksums.ts";

/** The result of a task with its checksum. */
export type StoredResult = Pick<FullTaskRow, "id" | "result" | "result_checksum">;

/** What of a task's row is delivered. It changes only together with its checksum. */
export type DeliveredTask = Pick<
  FullTaskRow,
  | "id"
  | "queue_id"
  | "priority"
  | "type"
  | "correlation_id"
  | "source_service"
  | "options"
  | "headers"
  | "payload"
  | "event_key"
  | "subscription_id"
  | "workflow_id"
  | "undoes"
>;

/** Its columns. */
export const deliveredTaskColumns =
  "id, queue_id, priority, type, correlation_id, source_service, options, headers, payload, event_key, subscription_id, " +
  "workflow_id, undoes";

/** The checksum of a task. */
export function taskChecksum(task: DeliveredTask): number {
  let sum = withNumber(0, task.id);
  sum = withNumber(sum, task.queue_id);
  sum = withNumber(sum, task.priority);
  sum = withNumber(sum, task.event_key);
  sum = withNumber(sum, task.subscription_id);
  sum = withNumber(sum, task.workflow_id);
  sum = withNumber(sum, task.undoes);
  sum = mixed(sum, wordSum(task.type));
  sum = mixed(sum, wordSum(task.source_service));
  sum = mixed(sum, wordSum(task.options));
  sum = mixed(sum, textSum(task.correlation_id));
  sum = mixed(sum, textSum(task.headers));
  return withBytes(sum, task.payload);
}

/** Whether the result of a task is as it was stored, as far as can be known. A flipped bit can make a number of one that is none. */
export function isSoundResult({ id, result, result_checksum: checksum }: StoredResult): boolean {
  if (result !== null && !(result instanceof Uint8Array)) return false;
  return checksum === null || checksum === bytesChecksum(id, result);
}
