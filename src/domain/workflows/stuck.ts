import { isFinished, type TaskState } from "../tasks/task.ts";
import type { Workflow } from "./workflow.ts";

/** What of a task of a workflow, a step or its undoing, says whether the workflow goes on. */
export interface Doing {
  readonly state: TaskState;
  readonly attempt: number;
  readonly finishMs: number | null;
  /** When it came to stand in line. */
  readonly readyMs: number;
}

/**
 * Since when a workflow waits: none of its tasks runs, and none has ended since. `null`: one runs or will at a time that was set for it,
 * or the workflow is at rest.
 *
 * A failed attempt that is tried again is not an end. One that was never handed out may have come to stand in line later than the last
 * end: by ExecuteWorkflow.
 */
export function waitingSinceMs(
  { createMs, finishMs }: Pick<Workflow, "createMs" | "finishMs">,
  tasks: Iterable<Doing>,
): number | null {
  if (finishMs !== null) return null;
  let sinceMs = createMs;
  for (const { state, attempt, finishMs: endMs, readyMs } of tasks) {
    if (state === "running" || (state === "scheduled" && attempt === 0)) return null;
    if (isFinished(state)) sinceMs = Math.max(sinceMs, endMs ?? 0);
    else if (state === "pending" && attempt === 0) sinceMs = Math.max(sinceMs, readyMs);
  }
  return sinceMs;
}
