import { ranMs } from "../retry.ts";
import type { AttemptOutcome, Task, TaskAttempt } from "./task.ts";

/** An attempt on record: one that ended otherwise than completed. */
export type EndedAttempt = Pick<TaskAttempt, "attempt" | "workerId" | "startMs" | "outcome"> & {
  readonly finishMs: number;
};

/** Reads the attempts on record of a task, newest first; only some outcomes ask for it. */
export type AttemptHistory = () => Iterable<EndedAttempt>;

/** How often the task was released in a row, last of all, without having run. */
export function releasesInARow(history: AttemptHistory): number {
  let releases = 0;
  for (const { outcome, startMs, finishMs } of history()) {
    if (outcome !== "released" || finishMs - startMs >= ranMs) break;
    releases++;
  }
  return releases;
}

/** How the worker last ended an attempt of this number; `null`: it did not. */
export function lastOutcome(history: AttemptHistory, attempt: number, workerId: string): AttemptOutcome | null {
  for (const ended of history()) {
    if (ended.attempt === attempt && ended.workerId === workerId) return ended.outcome;
  }
  return null;
}

/**
 * The newest attempts of a task, oldest first: those on record, and the one that runs or completed, which the task itself shows.
 *
 * @param most how many
 */
export function attemptsOf(task: Task, onRecord: readonly TaskAttempt[], most: number): TaskAttempt[] {
  const attempts = [...onRecord];
  if ((task.state === "running" || task.state === "completed") && task.workerId !== null && task.startMs !== null) {
    attempts.push({
      attempt: task.attempt,
      workerId: task.workerId,
      startMs: task.startMs,
      finishMs: task.finishMs,
      outcome: task.state === "completed" ? "completed" : null,
      error: null,
    });
  }
  return attempts.slice(-most);
}
