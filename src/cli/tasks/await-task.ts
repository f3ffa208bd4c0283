import { setTimeout as sleep } from "node:timers/promises";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { CallError, type Task, TaskState } from "../../client/index.ts";
import { whyUnfinished } from "../../client/tasks/why-it-waits.ts";
import { formatDuration } from "../../contract/duration.ts";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import type { Session } from "../command/session.ts";
import { printable } from "../terminal/printable.ts";
import { stateWord, taskRemark } from "./output/task-words.ts";
import { workNotes } from "./output/work-notes.ts";

/** How long one call waits before it is made again, in milliseconds. */
const roundMs = 60_000;
/** The same where a person looks on and is shown how far the task is, in milliseconds. */
const watchedRoundMs = 5_000;
/** What an answer may take beside the waiting, in milliseconds. */
const marginMs = 15_000;
/** How long the server may be away once it has answered, in milliseconds: it restarts. */
const awayMs = 60_000;
const retryMs = 1_000;

/**
 * Waits until a task is finished, through a restart of the server. At a terminal it says how far the task is, whenever that changes.
 *
 * @param timeoutMs how long; `undefined`: for ever
 * @returns the task, whole
 * @throws CommandFailure with `timedOut` if it is not finished by then
 */
export async function awaitTask({ client, out, shell }: Session, taskId: string, timeoutMs?: number): Promise<Task> {
  const isWatched = shell.stderr.isTTY === true && !out.asJson;
  const untilMs = performance.now() + (timeoutMs ?? Number.POSITIVE_INFINITY);
  const call = async (waitMs: number) => {
    const request = { taskId, timeout: durationFromMs(Math.ceil(waitMs)) };
    return (await client.queue.awaitTask(request, { timeoutMs: waitMs + marginMs })).task;
  };
  // The first call does not wait: whether there is such a server, and such a task, is known at once.
  let task = await call(0);
  let awaySinceMs: number | null = null;
  let shown: string | null = null;
  while (task === undefined || !isFinished(task)) {
    // Off a terminal it is said once, so that who waits for nobody knows it.
    if (task !== undefined && (isWatched || shown === null)) {
      const note = await workNotes(client, [task]);
      const remark = isWatched ? `${stateWord(task.state)} ${taskRemark(task, undefined, note)}` : note(task);
      const progress = remark === "" ? "" : `waiting: ${remark.trim()}`;
      if (progress !== (shown ?? "")) out.remark(progress);
      shown = progress;
    }
    const leftMs = untilMs - performance.now();
    if (leftMs <= 0) throw notFinished(taskId, timeoutMs, task && (await whyUnfinished(client, task)));
    try {
      task = await call(Math.min(isWatched ? watchedRoundMs : roundMs, leftMs));
      awaySinceMs = null;
    } catch (error) {
      awaySinceMs ??= performance.now();
      const isAway = error instanceof CallError && error.codeName === "UNAVAILABLE";
      if (!isAway || performance.now() - awaySinceMs > awayMs) throw error;
      await sleep(Math.min(retryMs, leftMs));
    }
  }
  return task;
}

function isFinished({ state }: Task): boolean {
  return state === TaskState.COMPLETED || state === TaskState.FAILED || state === TaskState.CANCELLED;
}

function notFinished(taskId: string, timeoutMs = 0, why = ""): CommandFailure {
  const hint = `See how far it is: sitq get ${taskId}`;
  return new CommandFailure(
    printable(`the task ${taskId} is not finished after ${formatDuration(timeoutMs)}${why && `: ${why}`}`),
    {
      exitCode: exitCodes.timedOut,
      hint,
    },
  );
}
