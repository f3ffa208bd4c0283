import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { status as statusCode } from "@grpc/grpc-js";
import { type Task, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CallError } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import type { SitqClient } from "../connection/connection.ts";
import { retryCall } from "../connection/retry-call.ts";
import { TaskFailedError } from "../errors/errors.ts";
import { type AwaitOptions, awaitEnd } from "./await-end.ts";
import { explanationOf, isFinished, isLasting, whyUnfinished } from "./why-it-waits.ts";

/** How a task is waited for. */
export interface AwaitTaskOptions extends AwaitOptions {
  /** How long the server may be out of reach, in milliseconds. Default 30,000. */
  readonly retryTimeoutMs?: number;
  /** How long one call waits before the task is looked at again, in milliseconds. Default 30,000. */
  readonly lookEveryMs?: number;
  /**
   * Called with the task each time it was looked at and is not finished; with it the first look does not wait. Default: the client's log
   * says why no worker takes the task, once.
   */
  readonly onWaiting?: (task: Task) => void | Promise<void>;
}

const optionNames: OptionNames<AwaitTaskOptions> = {
  timeoutMs: true,
  signal: true,
  retryTimeoutMs: true,
  lookEveryMs: true,
  onWaiting: true,
};

/** What the answer may take beside the waiting, in milliseconds. */
const marginMs = 10_000;

type AwaitingClient = Pick<SitqClient, "queue" | "outages" | "log">;

/**
 * Waits until a task is finished, COMPLETED or otherwise, over any number of calls and through restarts of the server.
 *
 * @returns the task, whole
 * @throws CallError DEADLINE_EXCEEDED with TASK_NOT_FINISHED after the timeout, and `why` in its metadata; NOT_FOUND; the signal's reason
 */
export async function awaitTask(client: AwaitingClient, taskId: string, options: AwaitTaskOptions = {}): Promise<Task> {
  refuseUnknown(options, optionNames);
  const { timeoutMs, signal, retryTimeoutMs = 30_000, lookEveryMs = 30_000, onWaiting } = options;
  const tries = client.outages.follow(`the wait for the task ${taskId}`);

  async function look(leftMs: number, former: Task | null): Promise<Task> {
    const isFirst = former === null;
    const waitMs = isFirst && onWaiting !== undefined ? 0 : Math.ceil(Math.min(lookEveryMs, leftMs));
    const request = { taskId, timeout: durationFromMs(waitMs) };
    const call = () => client.queue.awaitTask(request, { signal, timeoutMs: waitMs + marginMs });
    const { task } = await retryCall(call, { tries, timeoutMs: Math.min(retryTimeoutMs, leftMs), signal });
    if (task !== undefined) return task;
    throw new CallError(`The server answered without the task ${taskId}.`, { code: statusCode.INTERNAL });
  }

  let isLogged = false;
  async function logWhy(task: Task): Promise<void> {
    if (isLogged) return;
    isLogged = true;
    const why = await explanationOf(client, taskId, signal);
    if (why === null || !isLasting(why.reason)) return;
    client.log.warn({ task_id: taskId, queue: task.queue }, `the task ${taskId} waits: ${why.message}`);
  }

  return awaitEnd(
    {
      look,
      endOf: (task) => (isFinished(task.state) ? task : null),
      onWaiting: async (task) => (onWaiting ?? logWhy)(task),
      async notEnded(task) {
        const why = await whyUnfinished(client, task, signal);
        const text = `The task ${taskId} was not finished within ${timeoutMs} ms${why === "" ? "" : `: ${why}`}.`;
        const reason = "TASK_NOT_FINISHED";
        return new CallError(text, { code: statusCode.DEADLINE_EXCEEDED, reason, metadata: { why } });
      },
    },
    options,
  );
}

/**
 * Waits until a task is COMPLETED.
 *
 * @throws TaskFailedError if it ends otherwise; what `awaitTask` throws
 */
export async function awaitCompleted(client: AwaitingClient, taskId: string, options: AwaitTaskOptions): Promise<Task> {
  const task = await awaitTask(client, taskId, options);
  if (task.state !== TaskState.COMPLETED) throw new TaskFailedError(task);
  return task;
}
