import { AttemptOutcome, type Explanation, type Task, TaskState } from "../../../client/index.ts";
import type { Paint } from "../../terminal/paint.ts";
import { printable } from "../../terminal/printable.ts";
import { ago, msOf, tookText } from "../../terminal/times.ts";
import { waitText } from "./explanation-words.ts";

/** A state by its word: `FAILED`. */
export function stateWord(state: TaskState): string {
  return TaskState[state] ?? String(state);
}

/** The same with its colour. */
export function paintedState(state: TaskState, paint: Paint): string {
  const word = stateWord(state);
  switch (state) {
    case TaskState.COMPLETED:
      return paint.good(word);
    case TaskState.FAILED:
      return paint.bad(word);
    case TaskState.RUNNING:
      return paint.active(word);
    case TaskState.CANCELLED:
      return paint.dim(word);
    case TaskState.UNSPECIFIED:
    case TaskState.BLOCKED:
    case TaskState.SCHEDULED:
    case TaskState.PENDING:
      return word;
  }
}

/** How an attempt ended, by its word: `LEASE_LOST`; `RUNNING` while it has not. */
export function outcomeWord(outcome: AttemptOutcome): string {
  if (outcome === AttemptOutcome.UNSPECIFIED) return "RUNNING";
  return AttemptOutcome[outcome] ?? String(outcome);
}

/** Why, in one line: `PrinterError: the printer is on fire`; for no error, nothing. The type of a cancel says nothing new. */
export function errorLine(error: { readonly type: string; readonly message: string } | undefined): string {
  if (error === undefined) return "";
  return printable([error.type, error.message].filter((part) => part !== "" && part !== "CANCELLED").join(": "));
}

/** How long the attempt took by which a task completed or failed; empty: it has not, or none did. */
export function attemptTook({ state, startTime, finishTime }: Task): string {
  const isOver = state === TaskState.COMPLETED || state === TaskState.FAILED;
  const finishMs = msOf(finishTime);
  return isOver && finishMs !== null ? tookText({ startTime, finishTime }, finishMs) : "";
}

/** What there is to know of a task beside its state, in one line. @param explanation why it is not running, if the server said so */
export function taskRemark(task: Task, nowMs: number = Date.now(), explanation?: Explanation): string {
  switch (task.state) {
    case TaskState.RUNNING: {
      const { fraction = 0, message = "" } = task.progress ?? {};
      const share = task.progress === undefined ? "" : ` ${Math.round(fraction * 100)} % ${printable(message)}`;
      return `on ${task.workerId}${share}`.trimEnd();
    }
    case TaskState.BLOCKED:
    case TaskState.SCHEDULED:
    case TaskState.PENDING: {
      const why = waitText(explanation, nowMs) || dueText(task, nowMs);
      return [why, errorLine(task.lastError)].filter((part) => part !== "").join(", after ");
    }
    case TaskState.FAILED:
    case TaskState.CANCELLED:
      return errorLine(task.lastError);
    case TaskState.UNSPECIFIED:
    case TaskState.COMPLETED:
      return "";
  }
}

/** When a task is due that an older server did not explain. */
function dueText({ state, scheduleTime }: Task, nowMs: number): string {
  const dueMs = state === TaskState.SCHEDULED ? msOf(scheduleTime) : null;
  return dueMs === null ? "" : `due ${ago(dueMs, nowMs)}`;
}
