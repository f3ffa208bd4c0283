import { isSamePayload } from "../payload-content.ts";
import { type AttemptHistory, lastOutcome } from "./attempt-history.ts";
import type { Settlement } from "./outcome.ts";
import type { TaskState } from "./task.ts";

/** How a task stands whose lease a settlement does not hold. */
export interface ReportedTask {
  readonly state: TaskState;
  readonly attempt: number;
  readonly workerId: string | null;
  /** Reads its result; only another completion asks for it. */
  readonly result: () => Uint8Array | null;
  readonly history: AttemptHistory;
}

/**
 * What a settlement is of an attempt whose lease is not (any more) its sender's: `settled`, the repeat of the very one that ended
 * it, since an answer can be lost; `already_settled`, a completion with another result, of which the first stays; or `stale`.
 */
export function judgeRepeat(
  { attempt, workerId, outcome }: Settlement,
  task: ReportedTask,
): "settled" | "already_settled" | "stale" {
  switch (outcome.kind) {
    case "completed": {
      const isCompleted = task.state === "completed" && task.attempt === attempt && task.workerId === workerId;
      if (!isCompleted) return "stale";
      return isSamePayload(task.result(), outcome.result) ? "settled" : "already_settled";
    }
    case "not_arrived":
    case "unsent":
      return "stale";
    case "failed":
    case "released":
    case "timed_out":
    case "lease_lost":
      return lastOutcome(task.history, attempt, workerId) === outcome.kind ? "settled" : "stale";
  }
}
