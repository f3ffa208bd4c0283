import {
  type Compensation,
  CompensationState,
  type StepWait,
  TaskState,
  type Workflow,
  WorkflowState,
  type WorkflowStep,
} from "../../client/index.ts";
import { formatDuration, roughDuration } from "../../contract/duration.ts";
import { errorLine } from "../tasks/output/task-words.ts";
import type { Paint } from "../terminal/paint.ts";
import { namesText, printable } from "../terminal/printable.ts";
import { ago, msOf, roughly } from "../terminal/times.ts";

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
  const { wait, damagedFields } = step;
  if (damagedFields.length > 0) return paint.warning(`${damagedFields.join(" and ")} damaged on the disk`);
  if (wait === undefined) {
    const isOver = step.state === TaskState.FAILED || step.state === TaskState.CANCELLED;
    return isOver ? error : "";
  }
  if (wait.stepIds.length > 0) return paint.dim(`after ${namesText(wait.stepIds)}`);
  if (wait.awaitsExecution) return paint.warning("waits for sitq workflows execute");
  const atMs = msOf(wait.sinceTime);
  if (step.state === TaskState.SCHEDULED) {
    return [atMs === null ? "" : `again ${ago(atMs, nowMs)}`, error].filter((part) => part !== "").join(", after ");
  }
  const since = atMs === null ? "" : ` for ${roughly(nowMs - atMs)}`;
  const after = error === "" ? "" : `, after ${error}`;
  return `${waitWords(wait, step.action, since, paint)}${after}`;
}

/** What a task of a service waits for that may be claimed. @param since ` for 3m`, or empty */
function waitWords(wait: StepWait, action: string, since: string, paint: Paint): string {
  const place = `waits for ${printable(wait.serviceName)}${since}`;
  if (wait.workerCount === 0) return paint.warning(`${place}: no worker`);
  const workers = `${wait.workerCount} ${wait.workerCount === 1 ? "worker" : "workers"}`;
  if (wait.isUnhandled) return paint.warning(`${place}: ${workers}, none handles ${printable(action)}`);
  return `${place}: ${workers}`;
}

/** What there is to know of the undoing of a step beside its state, in one line. */
export function undoRemark(step: WorkflowStep, compensation: Compensation, paint: Paint, nowMs: number): string {
  const { state, lastError, wait } = compensation;
  const error = state === TaskState.COMPLETED ? "" : errorLine(lastError);
  if (wait === undefined || state !== TaskState.PENDING) return error;
  const atMs = msOf(wait.sinceTime);
  const since = atMs === null ? "" : ` for ${roughly(nowMs - atMs)}`;
  return `${waitWords(wait, step.compensateWith, since, paint)}${error === "" ? "" : `, after ${error}`}`;
}

/** How long an attempt took, or has been running; empty: it has not begun. */
export function tookText(
  { startTime, finishTime }: Pick<WorkflowStep, "startTime" | "finishTime">,
  nowMs: number,
): string {
  const fromMs = msOf(startTime);
  if (fromMs === null) return "";
  const ms = (msOf(finishTime) ?? nowMs) - fromMs;
  return ms >= 1_000 && ms < 10_000 ? formatDuration(Math.round(ms / 100) * 100) : roughDuration(ms);
}
