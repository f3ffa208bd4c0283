import { awaitTask, CallError, type Task, TaskState } from "../../client/index.ts";
import { formatDuration } from "../../contract/duration.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { briefly, type Session } from "../command/session.ts";
import { printable } from "../terminal/printable.ts";
import { stateWord, taskRemark } from "./output/task-words.ts";
import { workNotes } from "./output/work-notes.ts";

/** How often a task is looked at, in milliseconds. */
const lookEveryMs = 60_000;
/** The same where a person looks on and is shown how far the task is, in milliseconds. */
const watchedLookEveryMs = 5_000;
/** How long the server may be away once it has answered, in milliseconds: it restarts. */
const retryTimeoutMs = 60_000;

/**
 * Waits until a task is finished, through a restart of the server. At a terminal it says how far the task is, whenever that changes.
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
    // Off a terminal it is said once, so that a task that no worker takes is noticed.
    if (!isWatched && shown !== null) return;
    const note = await workNotes(client, [task]);
    const remark = isWatched ? `${stateWord(task.state)} ${taskRemark(task, undefined, note)}` : note(task);
    const progress = remark === "" ? "" : `waiting: ${remark.trim()}`;
    if (progress !== (shown ?? "")) out.remark(progress);
    shown = progress;
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
