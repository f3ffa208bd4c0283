/** What is known of why a task waits, and what follows from it. */

import type { ChangeAuthor } from "../tasks/setting-changes.ts";
import type { AttemptOutcome, TaskState } from "../tasks/task.ts";

/** What a task waits for. */
export type WaitReason =
  | "scheduled"
  | "retry"
  | "dependencies"
  | "ordering"
  | "not_executed"
  | "paused"
  | "no_worker"
  | "no_handler"
  | "reserved"
  | "max_running"
  | "workers_full"
  | "in_line"
  | "draining";

/** Why a task is not running. Times are wall clock, in milliseconds. */
export interface Explanation {
  /** `null`: it runs, or is finished. */
  readonly reason: WaitReason | null;
  /** In a sentence, without a capital and a full stop. */
  readonly message: string;
  readonly sinceMs: number;
  /** The tasks that it waits for. */
  readonly taskIds: readonly string[];
  /** The steps that it waits for. */
  readonly stepIds: readonly string[];
  /** 1: it is next; 0: it is not in line, or that is not known. */
  readonly position: number;
  /** Hand-outs of its queue a second. */
  readonly rate: number;
  /** `null`: not known. */
  readonly expectedStartMs: number | null;
}

/** What is stored of a task that may wait. */
export interface StoredWait {
  readonly id: string;
  readonly queue: string;
  readonly type: string;
  readonly state: TaskState;
  readonly attempt: number;
  readonly maxAttempts: number;
  /** The worker of its newest attempt; `null`: there was none. */
  readonly workerId: string | null;
  /** The type of its last error; empty: it has none, or one without a type. */
  readonly errorType: string;
  /** As in Explanation. */
  readonly sinceMs: number;
  /** When it is due, if it is scheduled. */
  readonly dueMs: number | null;
  /** How its newest attempt ended, if it is scheduled; `null`: it had none. */
  readonly lastOutcome: AttemptOutcome | null;
  /** What holds it back, if it is blocked. */
  readonly blockedBy: Blockers | null;
  /** The worker that it is reserved for, and until when; `null`: any may have it. */
  readonly reservedFor: { readonly workerId: string; readonly untilMs: number } | null;
  /** How many tasks are before it in line; `null`: it is not in line, or they are too many to count. */
  readonly ahead: number | null;
  /** Its queue. */
  readonly limits: {
    readonly paused: boolean;
    /** Absent: it is not paused, or that is not known. */
    readonly pausedBy?: ChangeAuthor;
    readonly maxRunning: number;
    readonly running: number;
  };
}

/** What a blocked task waits for. */
export type Blockers =
  | { readonly kind: "steps"; readonly stepIds: readonly string[]; readonly taskIds: readonly string[] }
  /** The deliveries of its ordering key that come before it, the next one first; at most 10. */
  | { readonly kind: "deliveries"; readonly taskIds: readonly string[] }
  | { readonly kind: "execution" };

/** Who may take a task now. */
export interface Staff {
  /** The server hands out nothing any more. */
  readonly isStopping: boolean;
  /** The workers of its queue. */
  readonly workers: number;
  /** Those of them that handle its type. */
  readonly handling: number;
  /** Those of these that take new tasks. */
  readonly taking: number;
  /** How many more tasks these take. */
  readonly room: number;
}

/** Where the worker of a reservation is. */
export type ReservedWorker = "away" | "other_types" | "draining" | "full" | "free";

/** What is known beside the store. */
export interface LiveFacts {
  readonly staff: Staff;
  /** Of a task that is reserved for one. */
  readonly reservedWorker: ReservedWorker;
  /** Hand-outs of its queue a second. */
  readonly rate: number;
}
