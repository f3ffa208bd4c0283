import type { Queue, QueueSettings } from "../domain/tasks/queue.ts";
import type { ChangeAuthor, QueueWithChanges } from "../domain/tasks/setting-changes.ts";

/** Durable storage of queues and their settings. A queue is created by its first task or worker. */
export interface QueueStore {
  /** Reads a queue; `null` if it is not there. */
  getQueue(name: string): Promise<QueueWithChanges | null>;
  /** Reads the queues with names above `cursor`, by name. */
  listQueues(cursor: string | null, limit: number): Promise<Queue[]>;
  /**
   * Changes what `changes` names; `null` if the queue does not exist and may not be created.
   *
   * @param author who changes it, as it is stored with the changes. Default: no name, no reason
   */
  updateQueue(
    name: string,
    changes: Partial<QueueSettings>,
    allowMissing: boolean,
    nowMs: number,
    author?: ChangeAuthor,
  ): Promise<QueueWithChanges | null>;
}
