import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { status as statusCode } from "@grpc/grpc-js";
import { type Task, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CallError } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { retryCall } from "../connection/retry-call.ts";
import { TaskFailedError } from "../errors/errors.ts";
import { whyItWaits, whyUnfinished } from "./why-it-waits.ts";

/** How long a result is waited for. */
export interface AwaitOptions {
  /** Gives up, in milliseconds from now. Default: never. */
  readonly timeoutMs?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

const optionNames: OptionNames<AwaitOptions> = { timeoutMs: true, signal: true };

/** How long one call waits before it is made again, in milliseconds. */
const roundMs = 30_000;
/** What the answer may take beside the waiting, in milliseconds. */
const marginMs = 10_000;

/**
 * Waits until a task is COMPLETED, over any number of calls and through restarts of the server.
 *
 * @param retryTimeoutMs how long the server may be out of reach
 * @returns the task, whole
 * @throws TaskFailedError if it ends otherwise; CallError DEADLINE_EXCEEDED after the timeout, NOT_FOUND; the signal's reason
 */
export async function awaitCompleted(
  client: Pick<SitqClient, "queue" | "outages" | "log">,
  taskId: string,
  retryTimeoutMs: number,
  options: AwaitOptions,
): Promise<Task> {
  refuseUnknown(options, optionNames);
  const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options;
  const untilMs = performance.now() + timeoutMs;
  const tries = client.outages.follow(`the wait for the task ${taskId}`);
  for (let round = 1; ; round++) {
    signal?.throwIfAborted();
    const waitMs = Math.max(0, Math.min(roundMs, Math.ceil(untilMs - performance.now())));
    const call = () =>
      client.queue.awaitTask({ taskId, timeout: durationFromMs(waitMs) }, { signal, timeoutMs: waitMs + marginMs });
    let task: Task | undefined;
    try {
      ({ task } = await retryCall(call, {
        tries,
        timeoutMs: Math.min(retryTimeoutMs, untilMs - performance.now()),
        signal,
      }));
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
    if (task === undefined) {
      throw new CallError(`The server answered without the task ${taskId}.`, { code: statusCode.INTERNAL });
    }
    switch (task.state) {
      case TaskState.COMPLETED:
        return task;
      case TaskState.FAILED:
      case TaskState.CANCELLED:
        throw new TaskFailedError(task);
      default:
    }
    if (performance.now() >= untilMs) {
      const why = await whyUnfinished(client, task, signal);
      const text = `The task ${taskId} was not finished within ${timeoutMs} ms${why === "" ? "" : `: ${why}`}.`;
      throw new CallError(text, { code: statusCode.DEADLINE_EXCEEDED, reason: "TASK_NOT_FINISHED" });
    }
    const why = round === 1 ? await whyItWaits(client, task, signal) : "";
    if (why !== "") client.log.warn({ task_id: taskId, queue: task.queue }, `the task ${taskId} waits: ${why}`);
  }
}
