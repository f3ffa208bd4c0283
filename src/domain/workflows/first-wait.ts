import { isWaiting, type TaskState } from "../tasks/task.ts";
import { type CompensationState, isActive, type WorkflowState } from "./workflow.ts";

/** How the tasks of a step stand. */
export interface StepStates {
  readonly state: TaskState;
  /** Of the task that undoes it; `null`: there is none. */
  readonly compensation: TaskState | null;
}

/** A step that holds its workflow up. */
export interface FirstWait {
  /** The step's number. */
  readonly number: number;
  /** It is its compensation that waits. */
  readonly isCompensation: boolean;
}

/**
 * What a workflow waits for: the first of its steps, or of their compensations, that could go on and does not run. One that is blocked is
 * it only where none could, which is before the workflow is executed. `null`: its steps run, or it is at rest.
 */
export function firstWait(
  { state, compensation }: { readonly state: WorkflowState; readonly compensation: CompensationState },
  steps: readonly StepStates[],
): FirstWait | null {
  if (compensation === "running")
    return found(
      steps.map((step) => step.compensation),
      true,
    );
  return isActive(state)
    ? found(
        steps.map((step) => step.state),
        false,
      )
    : null;
}

function found(states: readonly (TaskState | null)[], isCompensation: boolean): FirstWait | null {
  const ready = states.findIndex((state) => state === "pending" || state === "scheduled");
  if (ready !== -1) return { number: ready, isCompensation };
  if (states.includes("running")) return null;
  const blocked = states.findIndex((state) => state !== null && isWaiting(state));
  return blocked === -1 ? null : { number: blocked, isCompensation };
}
