/**
 * The contract of storage, in set-wise verbs. What every engine promises:
 *
 * - **Durable.** A verb's promise is settled after its commit, on the disk, never before.
 * - **In order.** Verbs take effect in the order in which they were called, but that the end of an attempt may go ahead of claims and new
 *   tasks that are not answered yet. Those called in the same turn of the event
 *   loop usually share one transaction: settle and claim, or enqueue and claim, cost one commit when called together.
 * - **Whole or not at all.** A verb's effects, the queue's counts included, are one transaction.
 * - **Expected outcomes are return values.** A rejection is a bug, `DISK_LOW` of new work, `DISK_FULL`, `OVERLOADED` where the storage takes too long,
 *   `STORE_UNREACHABLE`, or `STORE_FAILED`, after which nothing is acknowledged any more. What the server does by itself may also be refused with another
 *   error, and goes on when it is called again.
 *
 * Times are wall clock, in milliseconds, and handed in: an engine reads no clock.
 */

import type { DeliveryFlow, QueueFlow } from "../domain/tasks/queue-flow.ts";
import type { TaskChange } from "../domain/tasks/task.ts";
import type { WorkflowChange } from "../domain/workflows/workflow.ts";
import type { AccessStore } from "./access-store.ts";
import type { AuditStore } from "./audit-store.ts";
import type { ClusterStore } from "./cluster-store.ts";
import type { EventStore } from "./event-store.ts";
import type { AnswerMeasures, MeasureStore } from "./measures.ts";
import type { OverviewStore } from "./overview-store.ts";
import type { QueueStore } from "./queue-store.ts";
import type { RegistryStore } from "./registry-store.ts";
import type { TaskStore } from "./task-store.ts";
import type { WorkflowStore } from "./workflow-store.ts";

/** What is not as it was stored. */
export interface CopyDamages {
  readonly count: number;
  /** A few of them, in words such as `event 0f3k9q2m7xa`. */
  readonly named: readonly string[];
}

/** What was found damaged in what is stored. */
export interface FoundDamages {
  /** Ids of tasks that are FAILED and not handed out. */
  readonly setAside: readonly string[];
  /** What was left out of answers, in words such as `event 0f3k9q2m7xa`. */
  readonly leftOut: readonly string[];
}

/** What the operator should know of where a store keeps its data. */
export interface StoreWarning {
  /** As it is logged. */
  readonly text: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** A copy that a server can be started with. */
export interface CheckedCopy {
  readonly taskCount: number;
  readonly damages: CopyDamages;
}

/** A copy of everything that is stored, kept until it is removed. */
export interface Backup extends CheckedCopy {
  readonly sizeBytes: number;
  /** Its bytes, from the first to the last. */
  chunks(signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** Removes it. Idempotent. */
  remove(): Promise<void>;
}

/** A commit that took long: other calls waited as long. */
export interface SlowCommit {
  readonly durationMs: number;
  /** Of it the wait for the disk. */
  readonly syncMs: number;
  /** The verbs of the calls that shared it. */
  readonly verbs: readonly string[];
}

/** How much room there is for what is stored. */
export interface DiskState {
  /** New work is refused with `DISK_LOW`; what ends work goes on. */
  readonly isLow: boolean;
  /** Free beside the reserve. */
  readonly freeBytes: number;
  /** What is left of the reserve. */
  readonly reserveBytes: number;
}

/** What an engine runs in transactions: each method is one verb. */
export interface StoreVerbs
  extends TaskStore,
    QueueStore,
    EventStore,
    WorkflowStore,
    RegistryStore,
    AccessStore,
    AuditStore,
    MeasureStore,
    OverviewStore {
  /**
   * Shifts every time that stands for a span that runs: when a delay, a backoff or a time to live is over, when what runs began
   * and its lease ends. Times that a caller chose (`schedule_time`, `expire_time`) stay. All at once, however much there is.
   *
   * @param known of servers that share the storage: how many shifts have been made as far as this one knows, see Revisions; if there is one
   *   more, nothing is done. Default: it is done in any case
   */
  shiftTimes(byMs: number, known?: number): Promise<void>;
  /** When the newest task, event or workflow was stored; `null`: none ever was. */
  newestMs(): Promise<number | null>;
}

/** Durable storage of everything that sitq keeps. */
export interface Store extends StoreVerbs {
  /** What it is, with its version: `SQLite 3.54.1`. */
  readonly engine: string;
  /** Where it keeps its data, for the operator: the absolute path of a file. */
  readonly location: string;
  /** There was nothing stored when it was opened, not even an empty database. */
  readonly isNew: boolean;
  /**
   * Where what is stored is only shown, as that of a backup: until when it shows what happened, by the wall clock. Verbs that write are refused
   * with `READ_ONLY`. `null`: it can be written.
   */
  readonly asOfMs: number | null;
  readonly warnings: readonly StoreWarning[];
  /** What the servers that share the storage know of each other; `null`: no other server can share it. */
  readonly cluster: ClusterStore | null;
  /** Whether the data are on a disk of this machine whose room it watches, and reports by `onDisk`. */
  readonly watchesDisk: boolean;

  /**
   * Calls `listener` after each commit with the number of tasks of a queue that it made PENDING, other than by `enqueue`, before
   * the verbs of that commit are answered; until the function that it returns is called.
   */
  onReady(listener: (queue: string, n: number) => void): () => void;
  /** Calls `listener` with every change of every task, in the order of the commits, until the function that it returns is called. */
  subscribe(listener: (changes: readonly TaskChange[]) => void): () => void;
  /** As `subscribe`, with every change of every workflow. */
  subscribeWorkflows(listener: (changes: readonly WorkflowChange[]) => void): () => void;
  /**
   * Calls `listener` after each commit with what it did to the tasks of queues, those left out to whose tasks it did nothing, before
   * the verbs of that commit are answered; until the function that it returns is called.
   */
  onFlow(listener: (flows: readonly QueueFlow[]) => void): () => void;
  /** As `onFlow`, with what a commit did to the deliveries of subscriptions that have not ended. */
  onDeliveryFlow(listener: (flows: readonly DeliveryFlow[]) => void): () => void;
  /** How it answers, since it was opened; `null`: that is not counted. */
  answerMeasures(): AnswerMeasures | null;
  /** Calls `listener` with each commit that took long, until the function that it returns is called. */
  onSlowCommit(listener: (commit: SlowCommit) => void): () => void;
  /**
   * Calls `listener` with false when the storage cannot be reached, as a database on another machine can be, and with true when it can
   * again: until then new work and reads are refused with `STORE_UNREACHABLE`, and what ends work waits.
   */
  onReachable(listener: (isReachable: boolean) => void): () => void;
  /** Calls `listener` when the room gets low and when it is in order again, and at once if it is low already. */
  onDisk(listener: (disk: DiskState) => void): () => void;
  /**
   * Copies everything that is stored while it is in use, and checks the copy. Rejects with `DATA_LOSS` where it cannot be used,
   * with `DISK_FULL` where there is no room for it, and with the signal's reason once that is aborted.
   *
   * @param onProgress how much is copied, and of how much, in a unit of the engine
   */
  backup(onProgress: (copied: number, total: number) => void, signal?: AbortSignal): Promise<Backup>;
  /** Fulfilled with the cause when storage failed for good (an fsync error, a corrupt file); never rejected. */
  readonly failed: Promise<Error>;
  /** From now on storage that cannot be reached is not waited for: what waits for it is refused with `STORE_FAILED`. */
  giveUp(): void;
  /** Ends after everything that was called before is settled, or cannot be since the storage is away. Idempotent. */
  close(): Promise<void>;
}
