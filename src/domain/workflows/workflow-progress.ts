/**
 * What the moves of steps mean for their workflow. A step that is completed releases those that waited for it. One that fails for
 * good ends the workflow: what waits is cancelled, what runs may finish, and then what was completed is compensated, one step at a
 * time. Once nothing runs and no compensation is to come, the workflow is at rest.
 *
 * Each function looks at a workflow and answers commands. The engine carries them out in their order, in the transaction of the
 * move; their moves have no further consequences.
 */

import { isFinished, serverErrors, type TaskError, type TaskState } from "../tasks/task.ts";
import { compensationOrder } from "./compensation-order.ts";
import {
  type CompensationState,
  isActive,
  type NewStep,
  type WorkflowFailure,
  type WorkflowState,
} from "./workflow.ts";

/** What of a workflow never changes and decides what follows. Its steps are identified by number, from 0. */
export interface WorkflowPlan {
  readonly steps: readonly Pick<NewStep, "stepId" | "dependsOn" | "compensateWith">[];
  /** It is as it was stored. Of one that is not, the steps are a guess, and may be none. */
  readonly isSound: boolean;
}

/** Where a step stands; `missing`: its task is gone from a damaged file, so that it is not known whether the step was completed. */
export type StepState = TaskState | "missing";

/** How a workflow stands; what may be long is read when asked for. */
export interface WorkflowStanding {
  readonly state: WorkflowState;
  readonly compensation: CompensationState;
  readonly isAtRest: boolean;
  readonly plan: WorkflowPlan;
  /** Reads where its steps stand, by number. */
  readonly steps: () => readonly StepState[];
  /** The place of a completed step among the completed ones, greater the later. */
  readonly completionOf: (step: number) => number;
  /** Reads the compensations that have begun. */
  readonly compensations: () => readonly CompensationStanding[];
}

/** How the compensation of a step stands. */
export interface CompensationStanding {
  readonly step: number;
  readonly state: TaskState;
}

/** A step, or its compensation, that has come into another state. */
export interface StepMove {
  readonly step: number;
  readonly isCompensation: boolean;
  readonly to: TaskState;
  /** Reads why it failed; `null`: it has no error. */
  readonly error: () => TaskError | null;
}

/** How a workflow ends that is not completed. */
export interface Ending {
  readonly state: "failed" | "cancelled";
  readonly failure: WorkflowFailure;
  /** Compensate what was completed. */
  readonly compensate: boolean;
  readonly stopRunning: boolean;
}

/** What the engine is to do. */
export type Command =
  /** BLOCKED → PENDING. */
  | { readonly do: "release"; readonly step: number }
  /** FAILED, CANCELLED → PENDING or BLOCKED with a fresh allowance. */
  | { readonly do: "restart"; readonly step: number; readonly to: "pending" | "blocked" }
  /** Any unfinished state → CANCELLED; the lease of one that runs ends. */
  | { readonly do: "cancel"; readonly step: number; readonly error: TaskError }
  /** Stores the task that undoes a step: in the same queue, with the same parameters and the same policy. */
  | { readonly do: "compensate"; readonly step: number }
  /** As `restart`, of the compensation of a step: to PENDING. */
  | { readonly do: "restart_compensation"; readonly step: number }
  /** The workflow: pending, running → failed, cancelled. */
  | {
      readonly do: "end";
      readonly state: Ending["state"];
      readonly failure: WorkflowFailure;
      readonly compensation: "none" | "running";
    }
  /** The workflow comes to rest in this state. */
  | { readonly do: "rest"; readonly state: WorkflowState; readonly compensation: CompensationState }
  /** The workflow: failed, cancelled → running, or pending if no step of it was ever handed out. */
  | { readonly do: "resume" }
  /** The workflow goes on compensating. */
  | { readonly do: "resume_compensation" };

/** Where the task of a step stands when it is stored. */
export function firstState({ dependsOn }: Pick<NewStep, "dependsOn">, awaitsExecution: boolean): "pending" | "blocked" {
  return dependsOn.length === 0 && !awaitsExecution ? "pending" : "blocked";
}

/** Whether a workflow may begin with the hand-out of a step: before any other, another step was completed. */
export function mayBegin({ steps }: WorkflowPlan, step: number): boolean {
  return steps[step]?.dependsOn.length === 0;
}

/** Whether a completed step may have to be compensated, so that its place among the completed ones is to be stored. */
export function isCompensable({ steps }: WorkflowPlan, step: number): boolean {
  return steps[step]?.compensateWith != null;
}

/** What follows from the move of a step, other than its hand-out. */
export function afterStep(workflow: WorkflowStanding, move: StepMove): Command[] {
  const { step, isCompensation, to } = move;
  if (isActive(workflow.state) && !isCompensation) {
    if (to === "completed") return afterCompletion(workflow);
    return isFinished(to) ? end(workflow, failureOf(workflow.plan, move)) : [];
  }
  if (isFinished(to)) return rest(workflow, workflow.steps());
  if (isCompensation) return [];
  // A step that is to be tried again, or was given back, has nothing to begin again for.
  const states = workflow.steps().map((state, number) => (number === step ? "cancelled" : state));
  return [{ do: "cancel", step, error: serverErrors.workflowEnded }, ...rest(workflow, states)];
}

/** Pending, running → failed or cancelled. What waits is cancelled, and what runs too if `stopRunning`. */
export function end(workflow: WorkflowStanding, { state, failure, compensate, stopRunning }: Ending): Command[] {
  const { plan } = workflow;
  const isStopped = (step: StepState) => step !== "missing" && !isFinished(step) && (stopRunning || step !== "running");
  const before = workflow.steps();
  const isToBeUndone = before.some((step, number) => {
    const mayBeCompleted = step === "completed" || step === "missing" || (step === "running" && !stopRunning);
    return mayBeCompleted && isCompensable(plan, number);
  });
  const compensation = compensate && isToBeUndone ? "running" : "none";
  const error = state === "cancelled" ? failure.error : serverErrors.workflowEnded;
  const cancels = before.flatMap((step, number): Command[] =>
    isStopped(step) ? [{ do: "cancel", step: number, error }] : [],
  );
  const after = before.map((step) => (isStopped(step) ? "cancelled" : step));
  return [
    { do: "end", state, failure, compensation },
    ...cancels,
    ...rest({ ...workflow, state, compensation }, after),
  ];
}

/** Releases the steps that depend on nothing and are BLOCKED, which await the execution. */
export function execute(workflow: WorkflowStanding): Command[] {
  const { plan } = workflow;
  const states = workflow.steps();
  if (!isWhole(plan, states)) return end(workflow, damaged);
  return states.flatMap((state, step): Command[] =>
    state === "blocked" && mayBegin(plan, step) ? [{ do: "release", step }] : [],
  );
}

/**
 * A failed or cancelled workflow at rest goes on: with the compensation that failed, else from the steps that are not completed.
 * `null`: it cannot, since it is not at rest, is completed or compensated, or is damaged.
 */
export function retry(workflow: WorkflowStanding): Command[] | null {
  const { state, compensation, isAtRest, plan } = workflow;
  if (!isAtRest || state === "completed" || compensation === "completed" || !plan.isSound) return null;
  if (compensation === "failed") {
    const failed = workflow.compensations().filter((each) => isFailed(each.state));
    // It failed for what is missing.
    if (failed.length === 0) return null;
    return [
      { do: "resume_compensation" },
      ...failed.map(({ step }): Command => ({ do: "restart_compensation", step })),
    ];
  }
  const states = workflow.steps();
  if (!isWhole(plan, states)) return null;
  const restarts = plan.steps.flatMap(({ dependsOn }, step): Command[] => {
    if (states[step] === "completed") return [];
    return [{ do: "restart", step, to: areCompleted(dependsOn, states) ? "pending" : "blocked" }];
  });
  return [{ do: "resume" }, ...restarts];
}

function afterCompletion(workflow: WorkflowStanding): Command[] {
  const states = workflow.steps();
  if (states.every((state) => state === "completed")) {
    return [{ do: "rest", state: "completed", compensation: "none" }];
  }
  // What would come next is not known any more: it fails, rather than to stand still.
  if (!isWhole(workflow.plan, states)) return end(workflow, damaged);
  return workflow.plan.steps.flatMap(({ dependsOn }, step): Command[] =>
    states[step] === "blocked" && areCompleted(dependsOn, states) ? [{ do: "release", step }] : [],
  );
}

function failureOf({ steps }: WorkflowPlan, { step, error }: StepMove): Ending {
  const failure = { stepId: steps[step]?.stepId ?? null, error: error() ?? serverErrors.workflowEnded };
  return { state: "failed", failure, compensate: true, stopRunning: false };
}

const damaged: Ending = {
  state: "failed",
  failure: { stepId: null, error: serverErrors.dataLoss },
  compensate: true,
  stopRunning: false,
};

/** What comes next of a workflow that has ended: the next compensation, or its rest; nothing while something of it runs. */
function rest(workflow: WorkflowStanding, states: readonly StepState[]): Command[] {
  if (workflow.isAtRest || states.includes("running")) return [];
  const next = workflow.compensation === "running" ? nextToCompensate(workflow, states) : "none";
  if (next === "wait") return [];
  if (typeof next === "number") return [{ do: "compensate", step: next }];
  return [{ do: "rest", state: workflow.state, compensation: next }];
}

/** The step to compensate next, or how compensation ended: `none`, since there was nothing to undo. */
function nextToCompensate(
  workflow: WorkflowStanding,
  states: readonly StepState[],
): number | "wait" | CompensationState {
  const begun = workflow.compensations();
  if (begun.some(({ state }) => !isFinished(state))) return "wait";
  if (begun.some(({ state }) => isFailed(state))) return "failed";
  // In what order it would have to be is not known any more.
  if (!workflow.plan.isSound) return "failed";
  const done = new Set(begun.map(({ step }) => step));
  const candidates = workflow.plan.steps.map(({ dependsOn, compensateWith }, step) => {
    const isUndoable = compensateWith !== null && states[step] === "completed";
    return { dependsOn, completed: isUndoable ? workflow.completionOf(step) : null };
  });
  const next = compensationOrder(candidates).find((step) => !done.has(step));
  if (next !== undefined) return next;
  // What a missing step did, if it was completed, cannot be undone.
  const isLeft = (state: StepState, step: number) =>
    state === "missing" && isCompensable(workflow.plan, step) && !done.has(step);
  if (states.some(isLeft)) return "failed";
  return begun.length > 0 ? "completed" : "none";
}

/** Whether it is known what comes next. */
function isWhole({ isSound }: WorkflowPlan, states: readonly StepState[]): boolean {
  return isSound && !states.includes("missing");
}

function areCompleted(steps: readonly number[], states: readonly StepState[]): boolean {
  return steps.every((step) => states[step] === "completed");
}

function isFailed(state: TaskState): boolean {
  return state === "failed" || state === "cancelled";
}
