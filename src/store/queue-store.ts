import type { Queue, QueueSettings } from "../domain/tasks/queue.ts";
import type { TaskState } from "../domain/tasks/task.ts";
import type { Batch } from "./task-store.ts";

/** Durable storage of queues and their settings. A queue is created by its first task or worker. */
export interface QueueStore {
  /** Reads a queue; `null` if it is not there. */
  getQueue(name: string): Promise<Queue | null>;
  /** Reads the queues with names above `cursor`, by name. */
  listQueues(cursor: string | null, limit: number): Promise<Queue[]>;
  /** Changes what `changes` names; `null` if the queue does not exist and may not be created. */
  updateQueue(
    name: string,
    changes: Partial<QueueSettings>,
    allowMissing: boolean,
    nowMs: number,
  ): Promise<Queue | null>;
  /** One batch of `delete` over the tasks of a queue in the given states, newest first; RUNNING is not one of them. */
  purge(
    queue: string,
    states: readonly TaskState[],
    cursor: string | null,
    dryRun: boolean,
    nowMs: number,
  ): Promise<Batch>;
}
