/**
 * The life of a workflow.
 *
 * ```
 *   pending ──first step handed out──▶ running ──all steps completed──▶ completed
 *      │                                  │
 *      │                                  ├─ a step failed for good ──▶ failed ─────┐
 *      └──────────── cancelled ◀──────────┘                                         │ undo what was completed,
 *                        └── if asked to ───────────────────────────────────────────┴ newest first, one at a time
 * ```
 *
 * One that is created to be executed later is pending with all its steps blocked until then.
 *
 * It is at rest, and has a finish time, when its state is final, nothing of it runs, and no compensation is to come. A failed
 * or cancelled workflow at rest can be retried: it goes on from the steps that are not completed, unless its steps have been
 * undone; if undoing them failed, it goes on with that.
 */

import type { RetryPolicy } from "../retry.ts";
import type { Task, TaskError, TaskState } from "../tasks/task.ts";

/** Every state, in the order of its numbers in the database, from 1. */
export const workflowStates = ["pending", "running", "completed", "failed", "cancelled"] as const;

/** Where a workflow stands. */
export type WorkflowState = (typeof workflowStates)[number];

/** Every stage of compensation, in the order of its numbers in the database, from 0. */
export const compensationStates = ["none", "running", "completed", "failed"] as const;

/** How far the undoing of completed steps is. */
export type CompensationState = (typeof compensationStates)[number];

/** Whether steps of a workflow in this state may still begin. */
export function isActive(state: WorkflowState): boolean {
  return state === "pending" || state === "running";
}

/** A requested step. Steps are identified by their number, from 0, in the order in which they were given. */
export interface NewStep {
  readonly stepId: string;
  /** The queue of its task. */
  readonly service: string;
  /** The type of its task. */
  readonly action: string;
  /** An encoded sitq.v1.Payload with its expressions as they were written. `null`: empty. */
  readonly parameters: Uint8Array | null;
  /** The steps that have to be completed first. */
  readonly dependsOn: readonly number[];
  /** The steps whose results its worker or its expressions are given: those it depends on, and those it names. */
  readonly reads: readonly number[];
  /** Whether its parameters have expressions: they are then worked out when it is handed out. */
  readonly hasExpressions: boolean;
  readonly maxAttempts: number;
  /** What it says of its own policy; the queue's fills the rest. */
  readonly retryPolicy: Partial<RetryPolicy> | null;
  /** `null`: the queue's. */
  readonly attemptTimeoutMs: number | null;
  /** The type of the task that undoes it; `null`: there is nothing to undo. */
  readonly compensateWith: string | null;
}

/** A workflow as it is asked for. */
export interface NewWorkflow {
  readonly name: string;
  readonly steps: readonly NewStep[];
  /** An encoded sitq.v1.Payload. */
  readonly input: Uint8Array | null;
  /** `null`: the workflow's id. */
  readonly correlationId: string | null;
  readonly sourceService: string | null;
  readonly requestId: string | null;
  /** The headers of its tasks, sorted by key. Not there: none. */
  readonly headers?: Readonly<Record<string, string>>;
  /** No step begins before it is executed. */
  readonly awaitsExecution?: true;
  /** Stands for the whole content: two requests with the same one ask for the same. */
  readonly digest: string;
}

/** Why a workflow did not complete. */
export interface WorkflowFailure {
  /** The step that failed for good; `null`: the workflow was cancelled. */
  readonly stepId: string | null;
  readonly error: TaskError;
}

/** A workflow without its steps. Times are wall clock, in milliseconds. */
export interface WorkflowSummary {
  readonly id: string;
  readonly name: string;
  readonly state: WorkflowState;
  readonly compensation: CompensationState;
  readonly correlationId: string;
  readonly sourceService: string | null;
  readonly requestId: string | null;
  readonly failure: WorkflowFailure | null;
  readonly createMs: number;
  /** When its first step was handed out. */
  readonly startMs: number | null;
  /** When it came to rest. */
  readonly finishMs: number | null;
}

/** A workflow with its steps. */
export interface Workflow extends WorkflowSummary {
  readonly steps: readonly WorkflowStep[];
  /** Only where it is read whole. */
  readonly input: Uint8Array | null;
  /** What is damaged on the disk: the input, which is `null` then, or the steps, which are a guess. Not there: nothing. */
  readonly damagedFields?: readonly ("input" | "steps")[];
}

/** A step and how it stands. */
export interface WorkflowStep {
  readonly stepId: string;
  /** The ids of the steps that have to be completed first. */
  readonly dependsOn: readonly string[];
  readonly compensateWith: string | null;
  readonly task: Task;
  /** The task that undoes it; `null`: none has begun. */
  readonly compensation: Task | null;
}

/** Which workflows are meant; every field that is not `null` must match. */
export interface WorkflowFilter {
  readonly name: string | null;
  /** Any of them; empty: all. */
  readonly states: readonly WorkflowState[];
  readonly correlationId: string | null;
  /** Inclusive. */
  readonly createdAfterMs: number | null;
  /** Exclusive. */
  readonly createdBeforeMs: number | null;
}

/** One change of a workflow or of one of its steps. */
export type WorkflowChange =
  | {
      readonly kind: "workflow";
      readonly workflowId: string;
      readonly state: WorkflowState;
      readonly compensation: CompensationState;
      readonly atRest: boolean;
      readonly changeMs: number;
    }
  | {
      readonly kind: "step";
      readonly workflowId: string;
      readonly stepId: string;
      readonly isCompensation: boolean;
      readonly state: TaskState;
      readonly attempt: number;
      readonly workerId: string | null;
      readonly changeMs: number;
    };
