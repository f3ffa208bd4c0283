import {
  type Compensation,
  CompensationState,
  type Explanation,
  TaskState,
  type Workflow,
  WorkflowState,
  type WorkflowStep,
} from "../../client/index.ts";
import { paintedWait, waitText } from "../tasks/output/explanation-words.ts";
import { errorLine } from "../tasks/output/task-words.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";

/** A workflow's state by its word: `FAILED`. */
export function workflowStateWord(state: WorkflowState): string {
  return WorkflowState[state] ?? String(state);
}

/** The same with its colour. */
export function paintedWorkflowState(state: WorkflowState, paint: Paint): string {
  const word = workflowStateWord(state);
  switch (state) {
    case WorkflowState.COMPLETED:
      return paint.good(word);
    case WorkflowState.FAILED:
      return paint.bad(word);
    case WorkflowState.RUNNING:
      return paint.active(word);
    case WorkflowState.CANCELLED:
      return paint.dim(word);
    case WorkflowState.UNSPECIFIED:
    case WorkflowState.PENDING:
      return word;
  }
}

/** How far compensation is, in words; empty: there is none. */
export function undoingWords(state: CompensationState): string {
  switch (state) {
    case CompensationState.RUNNING:
      return "compensating";
    case CompensationState.COMPLETED:
      return "compensated";
    case CompensationState.FAILED:
      return "compensation failed";
    case CompensationState.UNSPECIFIED:
      return "";
  }
}

/** Why a workflow did not complete, and what became of its completed steps, in one line. */
export function workflowRemark({ failure, compensationState }: Workflow): string {
  const step = failure?.stepId ? `${failure.stepId}: ` : "";
  const why = failure === undefined ? "" : `${step}${errorLine(failure.error)}`;
  return [why, undoingWords(compensationState)].filter((part) => part !== "").join("; ");
}

const marks: Readonly<Record<TaskState, string>> = {
  [TaskState.UNSPECIFIED]: "○",
  [TaskState.BLOCKED]: "◌",
  [TaskState.SCHEDULED]: "◔",
  [TaskState.PENDING]: "○",
  [TaskState.RUNNING]: "●",
  [TaskState.COMPLETED]: "✓",
  [TaskState.FAILED]: "✗",
  [TaskState.CANCELLED]: "⊘",
};

/** What stands for a step in the drawing of its workflow. */
export function stateMark(state: TaskState, paint: Paint): string {
  const mark = marks[state];
  switch (state) {
    case TaskState.COMPLETED:
      return paint.good(mark);
    case TaskState.FAILED:
      return paint.bad(mark);
    case TaskState.RUNNING:
      return paint.active(mark);
    default:
      return paint.dim(mark);
  }
}

/** What there is to know of a step beside its state, in one line. */
export function stepRemark(step: WorkflowStep, paint: Paint, nowMs: number): string {
  const error = errorLine(step.lastError);
  const { explanation, damagedFields } = step;
  if (damagedFields.length > 0) return paint.warning(`${damagedFields.join(" and ")} damaged on the disk`);
  if (explanation === undefined) {
    const isOver = step.state === TaskState.FAILED || step.state === TaskState.CANCELLED;
    return isOver ? error : "";
  }
  return waitRemark(explanation, error, paint, nowMs);
}

/** Why a step, or its undoing, is not running, with its last error, in one line. */
function waitRemark(explanation: Explanation, error: string, paint: Paint, nowMs: number): string {
  const after = error === "" ? "" : `, after ${error}`;
  return `${paintedWait(explanation, paint, nowMs)}${after}`;
}

/** What there is to know of the undoing of a step beside its state, in one line. */
export function undoRemark({ state, lastError, explanation }: Compensation, paint: Paint, nowMs: number): string {
  const error = state === TaskState.COMPLETED ? "" : errorLine(lastError);
  return explanation === undefined ? error : waitRemark(explanation, error, paint, nowMs);
}

/** What a workflow waits for, in one line: `charge: no worker is on the queue "payment" (waits for 7m)`; empty: that is not known. */
export function workflowWaitText({ wait }: Workflow, nowMs: number): string {
  const why = waitText(wait?.explanation, nowMs);
  if (wait === undefined || why === "") return "";
  const step = printable(wait.stepId);
  return wait.isCompensation ? `the undoing of ${step}: ${why}` : `${step}: ${why}`;
}
