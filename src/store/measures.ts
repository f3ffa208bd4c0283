import type { HistogramReading } from "../collections/histogram.ts";
import type { AttemptOutcome, TaskState } from "../domain/tasks/task.ts";
import type { WorkflowState } from "../domain/workflows/workflow.ts";

/** The name under which queues, or subscriptions, are counted together that are too many to be counted apart. */
export const otherName = "other";

/** What is counted of a queue. Counts of what happens begin with the opening of the store. */
export interface QueueMeasures {
  /** Its name, or `otherName`: also of one that is called so. */
  readonly queue: string;
  /** How many tasks it holds in each state. */
  readonly tasks: Readonly<Record<TaskState, number>>;
  /** Since when the task that waits longest could have been handed out; `null`: none waits. */
  readonly oldestReadyMs: number | null;
  readonly paused: boolean;
  readonly created: number;
  readonly finished: Readonly<Record<"completed" | "failed" | "cancelled", number>>;
  /** How its attempts ended. */
  readonly attempts: Readonly<Record<AttemptOutcome, number>>;
  /** Attempts that ended and counted, after which the task waits for another. */
  readonly retries: number;
  /** In seconds, of each hand-out: since the task could have been handed out. */
  readonly wait: HistogramReading;
  /** In seconds, of each attempt that ended. */
  readonly run: HistogramReading;
}

/** What is counted of a subscription. */
export interface SubscriptionMeasures {
  /** Its name, or `otherName`: also of one that is called so. */
  readonly subscription: string;
  readonly deliveries: Readonly<Record<"waiting" | "running" | "failed", number>>;
  /** When the oldest event was published, or later, that is not handed out; `null`: none waits, or it is not known. */
  readonly oldestWaitingMs: number | null;
}

/** What is counted of workflows. */
export interface WorkflowMeasures {
  /** Those that are not at rest. */
  readonly unfinished: Readonly<Record<WorkflowState, number>>;
  readonly started: number;
  /** How often one came to rest in each state. */
  readonly finished: Readonly<Record<"completed" | "failed" | "cancelled", number>>;
}

/** What is counted of commits. */
export interface CommitMeasures {
  /** In seconds: the transaction with its calls, and the wait for the disk. */
  readonly duration: HistogramReading;
  /** In seconds: the wait for the disk alone. */
  readonly sync: HistogramReading;
  /** How many calls shared each. */
  readonly calls: HistogramReading;
}

/** What the store's files take, in bytes. */
export interface FileMeasures {
  readonly databaseBytes: number;
  readonly walBytes: number;
  /** On the disk of the database, beside the reserve; `null`: the file system does not say. */
  readonly freeBytes: number | null;
  readonly reserveBytes: number;
}

/** What a store counts for metrics. */
export interface StoreMeasures {
  /** Those that are counted apart, by name, and all others together. */
  readonly queues: readonly QueueMeasures[];
  readonly queueCount: number;
  /** As `queues`. */
  readonly subscriptions: readonly SubscriptionMeasures[];
  readonly workflows: WorkflowMeasures;
  /** Events that were published. */
  readonly events: number;
  readonly commits: CommitMeasures;
  readonly files: FileMeasures;
}

/** How the store answers. */
export interface AnswerMeasures {
  /** In seconds, of each batch of calls: from its sending to the store until its answers. */
  readonly duration: HistogramReading;
  /** How long the store has worked or waited for the disk, in seconds. */
  readonly busySeconds: number;
}

/** The part of storage that counts what it does. */
export interface MeasureStore {
  /** What is counted; `null`: nothing is. It reads no more than it has in memory, but for the oldest task of each queue. */
  measure(nowMs: number): Promise<StoreMeasures | null>;
}
