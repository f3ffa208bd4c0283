import type { EndedLease } from "../domain/lease.ts";
import type { TaskError } from "../domain/tasks/task.ts";
import type {
  NewWorkflow,
  Workflow,
  WorkflowFilter,
  WorkflowState,
  WorkflowSummary,
} from "../domain/workflows/workflow.ts";

/** What became of a workflow that was to be stored. */
export type StartAnswer =
  /** `existing`: the same request started it before. */
  | { readonly status: "created" | "existing"; readonly workflow: Workflow }
  | { readonly status: "request_id_reused"; readonly id: string }
  /** The queue of this step has no room. */
  | { readonly status: "queue_full"; readonly step: number; readonly queue: string; readonly depth: number };

/** What became of a cancellation. `leases` are what ran until then. */
export type WorkflowCancelAnswer =
  | { readonly status: "cancelled"; readonly workflow: Workflow; readonly leases: readonly EndedLease[] }
  | { readonly status: "finished"; readonly state: WorkflowState }
  | { readonly status: "not_found" };

/** What became of a wish to execute a workflow. */
export type ExecuteAnswer =
  /** `isBegun`: by this call. Otherwise it was executed before. */
  | { readonly status: "executed"; readonly workflow: Workflow; readonly isBegun: boolean }
  | { readonly status: "cancelled" }
  | { readonly status: "not_found" };

/** What became of a retry. */
export type WorkflowRetryAnswer =
  | { readonly status: "retried"; readonly workflow: Workflow }
  /** It is not at rest, is completed, or its steps have been undone. */
  | { readonly status: "not_retryable"; readonly workflow: WorkflowSummary }
  | { readonly status: "not_found" };

/** The task that holds a workflow up; see `domain/workflows/first-wait.ts`. */
export interface StoredWorkflowWait {
  readonly stepId: string;
  /** It undoes the step. */
  readonly isCompensation: boolean;
  readonly taskId: string;
}

/** A page of workflows, newest first. */
export interface WorkflowListQuery {
  readonly filter: WorkflowFilter;
  /** Go on below this id; `null`: from the newest. */
  readonly cursor: string | null;
  readonly limit: number;
}

/** A workflow that waits. */
export interface StuckWorkflow extends WorkflowSummary {
  /** Since when none of its tasks runs and none has ended. */
  readonly waitingSinceMs: number;
}

/**
 * Durable storage of workflows. A step is a task: it is claimed, settled and retried like any other. What follows from a step's
 * end (the release of its dependents, the end of the workflow, the next compensation) is one transaction with it, in every case.
 */
export interface WorkflowStore {
  /**
   * Stores workflows with all their steps; those that depend on nothing are PENDING, the others BLOCKED. Of one that awaits its
   * execution all are BLOCKED.
   */
  startWorkflows(workflows: readonly NewWorkflow[], nowMs: number): Promise<StartAnswer[]>;
  /** Releases the steps that depend on nothing of a workflow that awaits its execution. */
  executeWorkflow(id: string, nowMs: number): Promise<ExecuteAnswer>;
  /** Reads a workflow with its steps and all their payloads; `null` if it is not there. */
  getWorkflow(id: string): Promise<Workflow | null>;
  /** Reads a page of workflows, over a bounded number of rows; `nextCursor` is `null` on the last one. */
  listWorkflows(
    query: WorkflowListQuery,
  ): Promise<{ readonly workflows: WorkflowSummary[]; readonly nextCursor: string | null }>;
  /** As `listWorkflows`, of those that wait since `sinceMs` or for longer: `waitingSinceMs` of the domain. */
  listStuckWorkflows(
    query: WorkflowListQuery,
    sinceMs: number,
  ): Promise<{ readonly workflows: StuckWorkflow[]; readonly nextCursor: string | null }>;
  /** Reads which tasks workflows wait for; `null` for one that is not held up, is not there, or behind 10,000 steps of others. */
  readWorkflowWaits(ids: readonly string[]): Promise<(StoredWorkflowWait | null)[]>;
  /** Pending, running → cancelled: what waits never begins, what runs is stopped. */
  cancelWorkflow(id: string, error: TaskError, compensate: boolean, nowMs: number): Promise<WorkflowCancelAnswer>;
  /** Failed, cancelled at rest → goes on from the steps that are not completed, or with the compensation that failed. */
  retryWorkflow(id: string, nowMs: number): Promise<WorkflowRetryAnswer>;
  /**
   * One batch of retention: deletes workflows that came to rest before `beforeMs`, with their tasks, from `cursor` up.
   * `nextCursor` is `null` when the round is done.
   */
  sweepWorkflows(
    cursor: string | null,
    beforeMs: number,
    nowMs: number,
  ): Promise<{ readonly deleted: number; readonly nextCursor: string | null }>;
}
