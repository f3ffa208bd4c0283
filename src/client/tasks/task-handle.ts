import { status as statusCode } from "@grpc/grpc-js";
import type { EnqueueStreamResult } from "../../../gen/sitq/v1/queue_service_pb.js";
import { CallError } from "../../grpc/client/call-error.ts";
import { itemError } from "../connection/item-error.ts";
import type { AnyDefinition, NewTask } from "./new-task.ts";

/** A task that is on the server's disk. */
export interface TaskHandle<Result> {
  readonly id: string;
  readonly queue: string;
  readonly type: string;
  /**
   * This enqueue stored it. False: it was there already, by `requestId` or `deduplicationKey`. A request id that the producer
   * made is unique: a retry that finds the task reports the first try, whose answer was lost.
   */
  readonly created: boolean;
  readonly requestId: string;
  readonly definition: AnyDefinition<Result>;
}

/** The answer to one task of `enqueueAll`. */
export type EnqueueAnswer<Result> =
  | { readonly task: TaskHandle<Result>; readonly error: null }
  | { readonly task: null; readonly error: CallError };

/** Reads the answer for one task. @param requestId its own, or one that the producer made */
export function enqueueAnswer<R>(
  { queue, definition, options }: NewTask<R>,
  requestId: string,
  result: EnqueueStreamResult | undefined,
): EnqueueAnswer<R> {
  if (!result?.taskId) {
    const missing = () => new CallError("The server did not answer for this task.", { code: statusCode.INTERNAL });
    return { task: null, error: result?.error ? itemError(result.error) : missing() };
  }
  // A generated id is unique. By the task's own: a deduplication key can match another producer's task.
  const created = result.created || (options.requestId === undefined && result.requestId === requestId);
  return { task: { id: result.taskId, queue, type: definition.type, created, requestId, definition }, error: null };
}
