import type { BalancingStrategy } from "../balancing/balancing.ts";
import type { RetryPolicy } from "../retry.ts";
import type { TaskState } from "./task.ts";

/** What an operator can set of a queue. */
export interface QueueSettings {
  readonly paused: boolean;
  /** Unfinished tasks it takes; 0: the server's bound. */
  readonly maxDepth: number;
  /** Tasks that may run at a time; 0: no bound. */
  readonly maxRunning: number;
  readonly strategy: BalancingStrategy;
  /** Of tasks that do not say. */
  readonly maxAttempts: number;
  /** Of tasks that do not say, field by field; what is missing here is the default. */
  readonly retryPolicy: Partial<RetryPolicy>;
  /** Of tasks that do not say; `null`: no bound. */
  readonly attemptTimeoutMs: number | null;
  readonly retention: Retention;
}

/** How long finished tasks are kept, in milliseconds. */
export interface Retention {
  readonly completedMs: number;
  readonly failedMs: number;
  readonly cancelledMs: number;
}

const dayMs = 86_400_000;

/** The default settings of a queue. */
export const defaultQueueSettings: QueueSettings = {
  paused: false,
  maxDepth: 0,
  maxRunning: 0,
  strategy: "least_loaded",
  maxAttempts: 5,
  retryPolicy: {},
  attemptTimeoutMs: null,
  retention: { completedMs: dayMs, failedMs: 30 * dayMs, cancelledMs: dayMs },
};

/** As long as the contract lets a queue keep its tasks. */
const longestRetentionMs = 10 * 366 * dayMs;

/**
 * The settings of a queue whose own cannot be read, until it is given others: they hand nothing out that may have been paused or
 * bounded, and delete nothing. Tasks are taken.
 */
export const damagedQueueSettings: QueueSettings = {
  ...defaultQueueSettings,
  paused: true,
  retention: { completedMs: longestRetentionMs, failedMs: longestRetentionMs, cancelledMs: longestRetentionMs },
};

/** How many unfinished tasks a queue holds. */
export function unfinishedCount(counts: Readonly<Record<TaskState, number>>): number {
  return counts.blocked + counts.scheduled + counts.pending + counts.running;
}

/** How many unfinished tasks a queue takes. @param serverMaxDepth the bound of queues whose settings do not say */
export function depthLimit({ maxDepth }: Pick<QueueSettings, "maxDepth">, serverMaxDepth: number): number {
  return maxDepth || serverMaxDepth;
}

/** A queue as it is stored. Times are wall clock, in milliseconds. */
export interface Queue extends QueueSettings {
  readonly name: string;
  /** How many tasks it holds in each state. */
  readonly counts: Readonly<Record<TaskState, number>>;
  /** Since when the task that is next in line may be claimed; `null`: none waits. */
  readonly nextPendingMs: number | null;
  /** Tasks that may be claimed, of types that workers with types have passed over: how many of each, counted up to 10,000. */
  readonly passedOver: readonly { readonly type: string; readonly count: number }[];
  readonly createMs: number;
  readonly updateMs: number;
}
