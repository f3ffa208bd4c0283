import { awaitTask, CallError, type Explanation, type Task, TaskState } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { briefly, type Session } from "../command/session.ts";
import { printable } from "../terminal/printable.ts";
import { explanationOf, waitText } from "./output/explanation-words.ts";
import { stateWord, taskRemark } from "./output/task-words.ts";

/** How often a task is looked at, in milliseconds. */
const lookEveryMs = 15_000;
/** The same where a person looks on and is shown how far the task is, in milliseconds. */
const watchedLookEveryMs = 5_000;
/** How long the server may be away once it has answered, in milliseconds: it restarts. */
const retryTimeoutMs = 60_000;

/**
 * Waits until a task is finished, through a restart of the server. It says why the task waits, and when that
 * changes; at a terminal also how far it is.
 *
 * @param timeoutMs how long; `undefined`: without a limit
 * @returns the task, whole
 * @throws CommandFailure with `timedOut` if it is not finished by then
 */
export async function awaitFinished(
  { client, out, shell }: Session,
  taskId: string,
  timeoutMs?: number,
): Promise<Task> {
  const isWatched = shell.stderr.isTTY === true && !out.asJson;
  let shown: string | null = null;

  async function onWaiting(task: Task): Promise<void> {
    const explanation = await explanationOf(client, task);
    // Off a terminal only another reason is news: a task that no worker takes is noticed, and a log does not fill with places in line.
    const news = isWatched ? progressOf(task, explanation) : String(explanation?.reason);
    if (news === shown) return;
    shown = news;
    const why = waitText(explanation);
    if (isWatched) out.remark(`waiting: ${stateWord(task.state)} ${taskRemark(task, undefined, explanation)}`.trim());
    else if (why !== "") out.remark(`waiting: ${why}`);
  }

  // The first call does not wait and is not repeated: whether there is such a server, and such a task, is known at once.
  const { task } = await client.queue.getTask({ taskId }, briefly);
  if (task !== undefined && isFinished(task)) return task;
  try {
    return await awaitTask(client, taskId, {
      onWaiting,
      retryTimeoutMs,
      lookEveryMs: isWatched ? watchedLookEveryMs : lookEveryMs,
      ...(timeoutMs !== undefined && { timeoutMs }),
    });
  } catch (error) {
    if (error instanceof CallError && error.reason === "TASK_NOT_FINISHED") throw notFinished(taskId, timeoutMs, error);
    throw error;
  }
}

/** What changes when there is something new to say: the rate of a queue alone is nothing new. */
function progressOf({ state, attempt, progress }: Task, explanation: Explanation | undefined): string {
  const { reason, position, stepIds, taskIds } = explanation ?? {};
  const { fraction, message } = progress ?? {};
  return JSON.stringify([state, attempt, fraction, message, reason, String(position), stepIds, taskIds]);
}

function isFinished({ state }: Task): boolean {
  return state === TaskState.COMPLETED || state === TaskState.FAILED || state === TaskState.CANCELLED;
}

function notFinished(taskId: string, timeoutMs = 0, error: CallError): CommandFailure {
  const { why = "" } = error.metadata;
  const text = `the task ${taskId} is not finished after ${formatDuration(timeoutMs)}${why && `: ${why}`}`;
  return new CommandFailure(printable(text), {
    exitCode: exitCodes.timedOut,
    hint: `See how far it is: sitq get ${taskId}`,
    cause: error,
  });
}
