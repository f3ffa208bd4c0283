import type { Timestamp } from "@bufbuild/protobuf/wkt";
import type { Explanation } from "../../../../gen/sitq/v1/explanation_pb.js";
import { AttemptOutcome, type Task, type TaskAttempt, TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import { count, enumName, msOf } from "../../ui/text.ts";

/** One place on the line of a task's life. */
export interface Station {
  readonly name: string;
  /** What there is to add: how an attempt ended, on which worker. */
  readonly detail: string;
  readonly at: Timestamp | undefined;
  /** Until when it lasted. Unset: it is a moment, or lasts. */
  readonly until: Timestamp | undefined;
  readonly kind: "past" | "now" | "future";
  /** Whether something went wrong there. */
  readonly isBad: boolean;
}

/** Attempts on the line: the first ones and the last ones of more. */
const firstAttempts = 2;
const lastAttempts = 4;

/** The life of a task, from when it was created to its end, or to what it waits for. */
export function stationsOf(task: Task, explanation: Explanation | undefined): Station[] {
  const { createTime, attempts } = task;
  const created = { ...moment, name: "created", detail: task.sourceService, at: createTime };
  return [created, ...delayOf(task), ...shortened(attempts).flatMap(attemptStation), ...endOf(task, explanation)];
}

const moment = { detail: "", until: undefined, kind: "past", isBad: false } as const;

/** That it waited for its time before its first attempt. Later its `schedule_time` is that of a retry. */
function delayOf({ createTime, scheduleTime, attempts, state }: Task): Station[] {
  const due = msOf(scheduleTime);
  const first = msOf(attempts[0]?.startTime);
  const waits = state === TaskState.SCHEDULED || state === TaskState.BLOCKED;
  if (due === null || due <= (msOf(createTime) ?? 0) || (first === null ? waits : due > first)) return [];
  return [{ ...moment, name: "its time", at: scheduleTime }];
}

function shortened(attempts: readonly TaskAttempt[]): readonly (TaskAttempt | number)[] {
  const left = attempts.length - firstAttempts - lastAttempts;
  if (left <= 1) return attempts;
  return [...attempts.slice(0, firstAttempts), left, ...attempts.slice(-lastAttempts)];
}

function attemptStation(attempt: TaskAttempt | number): Station {
  if (typeof attempt === "number") return { ...moment, name: `${count(attempt)} more attempts`, at: undefined };
  const { outcome, workerId, startTime, finishTime } = attempt;
  const isRunning = outcome === AttemptOutcome.UNSPECIFIED;
  const words = isRunning ? "runs" : enumName(AttemptOutcome, outcome);
  return {
    name: `attempt ${attempt.attempt}`,
    detail: workerId === "" ? words : `${words} on ${workerId}`,
    at: startTime,
    until: finishTime,
    kind: isRunning ? "now" : "past",
    isBad: !isRunning && outcome !== AttemptOutcome.COMPLETED && outcome !== AttemptOutcome.RELEASED,
  };
}

/** How it ended, or what it waits for. A running task is at its attempt. */
function endOf(task: Task, explanation: Explanation | undefined): Station[] {
  const { state, scheduleTime, finishTime, attempts } = task;
  const name = enumName(TaskState, state);
  const since = explanation?.sinceTime;
  switch (state) {
    case TaskState.UNSPECIFIED:
      return [];
    case TaskState.COMPLETED:
    case TaskState.FAILED:
    case TaskState.CANCELLED:
      return [{ ...moment, name, at: finishTime, kind: "now", isBad: state === TaskState.FAILED }];
    case TaskState.RUNNING:
      return attempts.some(({ outcome }) => outcome === AttemptOutcome.UNSPECIFIED)
        ? []
        : [{ ...moment, name, detail: task.workerId, at: task.startTime, kind: "now" }];
    case TaskState.SCHEDULED:
      return [
        { ...moment, name, at: since, kind: "now" },
        { ...moment, name: attempts.length > 0 ? "next attempt" : "its time", at: scheduleTime, kind: "future" },
      ];
    case TaskState.BLOCKED:
      return [{ ...moment, name, at: since, kind: "now" }];
    case TaskState.PENDING: {
      const expected = explanation?.expectedStartTime;
      const now = { ...moment, name, at: since, kind: "now" } as const;
      return expected === undefined
        ? [now]
        : [now, { ...moment, name: "expected start", at: expected, kind: "future" }];
    }
  }
}
