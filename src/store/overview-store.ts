import type { QueueSettings } from "../domain/tasks/queue.ts";
import type { ChangeAuthor } from "../domain/tasks/setting-changes.ts";
import type { TaskState } from "../domain/tasks/task.ts";

/** A queue as overviews show it. Times are wall clock, in milliseconds. */
export interface QueueSnapshot extends Pick<QueueSettings, "paused" | "maxDepth" | "maxRunning"> {
  readonly name: string;
  /** Absent: it is not paused, or that is not known. */
  readonly pausedBy?: ChangeAuthor;
  /** How many tasks it holds in each state. */
  readonly counts: Readonly<Record<TaskState, number>>;
  /** Since when the task that waits longest could have been handed out, whatever its priority; `null`: none waits. */
  readonly oldestReadyMs: number | null;
  /** As Queue.passedOver. */
  readonly passedOver: readonly { readonly type: string; readonly count: number }[];
}

/** Which queues are read. */
export interface ChangedQueuesQuery {
  /** Those that may have changed since this revision; 0: all. */
  readonly since: number;
  /** It is the first page of a reading, whose others go on from the revision before them. */
  readonly isFirstPage: boolean;
  /** The most queues: of each that has waiting tasks a few rows are read. */
  readonly limit: number;
}

/** Queues that may have changed. */
export interface ChangedQueues {
  readonly queues: readonly QueueSnapshot[];
  /** Hand it in to read what changes after these. */
  readonly revision: number;
  /** There are no more for now. */
  readonly isAll: boolean;
}

/** What is wrong with a workflow. */
export type WorkflowTrouble = "failed" | "compensation_failed" | "stuck";

/** A workflow with which something is wrong. Times are wall clock, in milliseconds. */
export interface TroubledWorkflow {
  readonly id: string;
  readonly name: string;
  readonly trouble: WorkflowTrouble;
  /** Since when. */
  readonly sinceMs: number;
  /** The queues of all its steps. */
  readonly queues: readonly string[];
}

/** Which workflows are looked for. */
export interface TroubleQuery {
  /** Failed ones count that came to rest from then on; those whose compensation failed always do. */
  readonly failedSinceMs: number;
  /** One is stuck that waits since then or for longer: `waitingSinceMs` of the domain, as for `listStuckWorkflows`. */
  readonly stuckSinceMs: number;
  /** The most of each trouble. */
  readonly limit: number;
}

/** The part of storage that shows how everything stands, from what is in memory and bounded reads. */
export interface OverviewStore {
  /** Reads a page of the queues that may have changed. What changes while it is read page by page comes again. */
  changedQueues(query: ChangedQueuesQuery, nowMs: number): Promise<ChangedQueues>;
  /** Finds workflows with which something is wrong, among the newest that failed and the oldest that are unfinished. */
  troubledWorkflows(query: TroubleQuery): Promise<TroubledWorkflow[]>;
}
