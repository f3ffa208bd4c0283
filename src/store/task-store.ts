import type { EndedLease, Lease, QueueLease } from "../domain/lease.ts";
import type { FailureGroup } from "../domain/operators/failure-group.ts";
import type { BulkChange, TaskUpdate } from "../domain/operators/operator-changes.ts";
import type { TaskFilter, TaskOrder } from "../domain/operators/task-filter.ts";
import type { ProgressReport, Settlement } from "../domain/tasks/outcome.ts";
import type { NewTask, Task, TaskAttempt, TaskError, TaskState } from "../domain/tasks/task.ts";
import type { StoredWait } from "../domain/waits/wait-facts.ts";
import type { ClaimAnswer, ClaimPlan } from "./claim-plan.ts";

/** What became of a task that was to be stored. */
export type EnqueueAnswer =
  | { readonly status: "created"; readonly task: CreatedTask }
  /** The same `request_id` with the same content, or the same unfinished `deduplication_key`: this is the task. */
  | { readonly status: "existing"; readonly task: Task }
  | { readonly status: "request_id_reused"; readonly id: string }
  | { readonly status: "duplicate"; readonly id: string; readonly state: TaskState }
  | { readonly status: "queue_full"; readonly depth: number }
  /** The tasks were to be stored all or none, and another one was refused. */
  | { readonly status: "batch_refused" };

/** What the store adds to a NewTask. */
export interface CreatedTask {
  readonly id: string;
  readonly state: TaskState;
  /** The queue's default filled in. */
  readonly maxAttempts: number;
  /** Spans from now turned into times. */
  readonly scheduleMs: number | null;
  readonly expireMs: number | null;
  readonly createMs: number;
}

/** What became of a settlement. A repeat is `settled` again, one with another result `already_settled`: the first stays. */
export type SettleAnswer =
  | {
      readonly status: "settled";
      readonly queue: string;
      /** Where the task stands now. */
      readonly state: TaskState;
      /** When it is due, if it is scheduled. */
      readonly scheduleMs: number | null;
    }
  | { readonly status: "already_settled" }
  | { readonly status: "stale"; readonly state: TaskState }
  | { readonly status: "not_found" };

/** News of a running attempt. */
export interface LeaseUpdate extends Lease {
  /** The new end of a unary lease; `null`: as it was. */
  readonly leaseUntilMs: number | null;
  /** `null`: as it was. */
  readonly progress: ProgressReport | null;
}

/** A lease as it is stored. */
export interface StoredLease extends QueueLease {
  readonly startMs: number;
  readonly attemptTimeoutMs: number | null;
  /** As in ClaimPlan. */
  readonly leaseUntilMs: number | null;
}

/**
 * Whether a lease was the caller's. A StoredLease: it was, and another server watched it until now; from now on this one does, and reports that it is
 * lost or has timed out.
 */
export type LeaseUpdateAnswer = "updated" | StoredLease | "stale" | "not_found";

/** What became of a cancellation. `lease` is what ran until then. */
export type CancelAnswer =
  | {
      readonly status: "cancelled";
      readonly task: Task;
      readonly lease: EndedLease | null;
    }
  | { readonly status: "finished"; readonly state: TaskState }
  | { readonly status: "not_found" };

/** What became of a retry. */
export type RetryAnswer =
  | { readonly status: "retried"; readonly task: Task }
  | { readonly status: "not_retryable"; readonly state: TaskState }
  /** It is a step of this workflow, which goes on as a whole. */
  | { readonly status: "in_workflow"; readonly workflowId: string }
  /** Another unfinished task has its `deduplication_key`. */
  | { readonly status: "duplicate"; readonly id: string }
  | { readonly status: "not_found" };

/** What became of the change of a task that waits. */
export type UpdateAnswer =
  | { readonly status: "updated"; readonly task: Task }
  | { readonly status: "finished"; readonly state: TaskState }
  /** Why it may not be changed so. `damaged`: its content is not as it was stored. */
  | { readonly status: "running" | "in_workflow" | "delivery" | "blocked" | "damaged" | "not_found" }
  /** An unfinished task of the other queue has its `deduplication_key`. */
  | { readonly status: "duplicate"; readonly id: string }
  /** The other queue has no room. */
  | { readonly status: "queue_full"; readonly depth: number };

/** A page of tasks. */
export interface ListQuery {
  readonly filter: TaskFilter;
  /** Default: the newest first. */
  readonly order?: TaskOrder;
  /** Go on behind this id; `null`: from the first. */
  readonly cursor: string | null;
  readonly limit: number;
  /** With payload, result and headers; the page ends where they would pass `maxBytes`. */
  readonly full: boolean;
  readonly maxBytes: number;
}

/** A page of the kinds of failures, largest first. */
export interface FailureQuery {
  /** `null`: all. */
  readonly queue: string | null;
  /** `null`: all. */
  readonly type: string | null;
  /** Go on behind it; `null`: from the first. */
  readonly cursor: string | null;
  readonly limit: number;
}

/** What one call of bulk work did: it takes a bounded part, and the caller goes on until nothing is left. */
export interface Batch {
  /** Tasks found, and changed unless it was a dry run. */
  readonly count: number;
  /** Some of them, at most 10. */
  readonly sampleIds: readonly string[];
  /** What matched and was left as it is, by its reason. */
  readonly skipped: readonly SkippedTasks[];
  /** Only in a dry run: the types of the errors of those that were counted. Without an error a task has none. */
  readonly errorTypes: readonly (readonly [type: string, count: number])[];
  /** What ran until it was cancelled. */
  readonly leases: readonly EndedLease[];
  /** The queues in which others were changed. */
  readonly queues: readonly string[];
  /** What was found and would leave others of the same key no place; only in a dry run, which changes nothing that shows it. */
  readonly keys: readonly string[];
  /** Hand it in to go on; `null`: done. */
  readonly nextId: string | null;
}

/** Tasks that were left as they are. */
export interface SkippedTasks {
  readonly reason: SkipReason;
  readonly count: number;
  /** Some of them, at most 10. */
  readonly sampleIds: readonly string[];
}

/** Why a task that matches is left as it is: as the call for it alone would be refused. */
export type SkipReason = "DUPLICATE_TASK" | "TASK_IN_WORKFLOW";

/** Durable storage of tasks, under the promises of the whole store. */
export interface TaskStore {
  /**
   * Stores tasks; the answers are in their order, in a list that is the caller's own. Queues that are missing are created.
   *
   * @param atomic store all of them or none; no two may then have one request id, or one deduplication key in one queue.
   *   Default false
   */
  enqueue(tasks: readonly NewTask[], nowMs: number, atomic?: boolean): Promise<EnqueueAnswer[]>;
  /**
   * PENDING → RUNNING with the next attempt, highest priority first, then longest ready. What expired becomes FAILED.
   *
   * The hand-out need not be on the disk yet: a crash within a moment may forget it, and then the task is PENDING, with its
   * attempt not counted.
   */
  claim(plan: ClaimPlan, nowMs: number): Promise<ClaimAnswer>;
  /**
   * RUNNING → COMPLETED, FAILED, SCHEDULED or PENDING, if the lease is the current one. What a server reports by itself (`unsent`, `not_arrived`,
   * `lease_lost`, `timed_out`) is stale where another server watches the lease.
   */
  settle(settlements: readonly Settlement[], nowMs: number): Promise<SettleAnswer[]>;
  /** Stores new lease ends and progress. Whose end this server prolongs, it watches from now on. */
  updateLeases(updates: readonly LeaseUpdate[], nowMs: number): Promise<LeaseUpdateAnswer[]>;
  /**
   * Every lease that this server watches, as it is stored: those of a store that no other server can share are all that there are; where servers
   * share it, a server that starts has none, and gets those of servers that have ended by `ClusterStore.adopt`.
   */
  leases(): Promise<StoredLease[]>;
  /**
   * Takes up leases that a worker names which has come to this server: those that a crash forgot, since they were not written, PENDING → RUNNING of
   * each task that no worker has, and whose next attempt this is; and those that it has, but which another server watches. Answers those that it
   * took up: this server watches them from now on. `leaseKind` has to be `stream`.
   */
  takeUp(leases: readonly Lease[], nowMs: number): Promise<StoredLease[]>;

  /** Reads tasks, whole; `null` for what is not there. */
  get(ids: readonly string[]): Promise<({ readonly task: Task; readonly attempts: TaskAttempt[] } | null)[]>;
  /** Reads the queues of tasks alone; `null` for what is not there. */
  queuesOf(ids: readonly string[]): Promise<(string | null)[]>;
  /** Reads a page of tasks; `nextCursor` is `null` on the last one. Reads a bounded number of rows. */
  list(query: ListQuery): Promise<{ readonly tasks: Task[]; readonly nextCursor: string | null }>;
  /**
   * Reads what is stored of why tasks wait; `null` for what is not there. Reads a bounded number of rows: the place of a task far back
   * in line is not counted.
   */
  readWaits(ids: readonly string[]): Promise<(StoredWait | null)[]>;
  /** Any unfinished state → CANCELLED. */
  cancel(ids: readonly string[], error: TaskError, nowMs: number): Promise<CancelAnswer[]>;
  /** FAILED, CANCELLED → PENDING with a fresh allowance and no expiry; SCHEDULED → PENDING. At the end of the line. */
  retry(ids: readonly string[], nowMs: number): Promise<RetryAnswer[]>;
  /**
   * One batch of a change to all tasks that match and may be changed so, which it narrows the filter's states to: of `retry` oldest
   * first, so that they are handed out in that order, else newest first.
   */
  changeMatching(
    change: BulkChange,
    filter: TaskFilter,
    cursor: string | null,
    dryRun: boolean,
    nowMs: number,
  ): Promise<Batch>;
  /** Reads a page of the kinds of failures among the FAILED tasks; `nextCursor` is `null` on the last one. It reads no tasks but samples. */
  listFailures(query: FailureQuery): Promise<{ readonly groups: FailureGroup[]; readonly nextCursor: string | null }>;
  /** Changes a task that waits. A queue that is missing is created. With another queue or priority it keeps its place in time. */
  update(id: string, update: TaskUpdate, nowMs: number): Promise<UpdateAnswer>;
  /** Forgets tasks that do not run, and are no step of a workflow. */
  delete(ids: readonly string[], nowMs: number): Promise<("deleted" | "running" | "in_workflow" | "not_found")[]>;

  /**
   * One batch of what time does: SCHEDULED tasks that are due → PENDING, waiting tasks past their `expire_time` → FAILED.
   * Answers when the next batch is due: a past time if there is more to do, `null` if nothing waits.
   */
  advance(nowMs: number): Promise<{ readonly nextMs: number | null }>;
  /**
   * One batch of retention: deletes finished tasks that are past it, from `cursor` up. `nextCursor` is `null` when the
   * round is done.
   */
  sweep(
    cursor: string | null,
    nowMs: number,
  ): Promise<{ readonly deleted: number; readonly nextCursor: string | null }>;
}
