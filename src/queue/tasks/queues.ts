import type { Clock } from "../../domain/clock.ts";
import { queueNotFound } from "../../domain/refusals/tasks.ts";
import type { Queue, QueueSettings } from "../../domain/tasks/queue.ts";
import type { ChangeAuthor, QueueWithChanges } from "../../domain/tasks/setting-changes.ts";
import type { Store } from "../../store/store.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";

/** What operators do with queues. */
export interface Queues {
  /** @throws SitqError QUEUE_NOT_FOUND */
  get(name: string): Promise<QueueWithChanges>;
  /** By name, above `cursor`. */
  list(cursor: string | null, limit: number): Promise<Queue[]>;
  /** @throws SitqError QUEUE_NOT_FOUND unless the queue may be created */
  update(
    name: string,
    changes: Partial<QueueSettings>,
    allowMissing: boolean,
    author: ChangeAuthor,
  ): Promise<QueueWithChanges>;
}

/** What the use cases of queues need. */
export interface QueuesOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly dispatcher: Pick<Dispatcher, "settingsChanged" | "wake">;
  /** Called after each change of the settings of a queue. */
  readonly onUpdated: (name: string) => void;
}

/** Creates the use cases of queues. */
export function createQueues({ store, clock, dispatcher, onUpdated }: QueuesOptions): Queues {
  async function get(name: string): Promise<QueueWithChanges> {
    const queue = await store.getQueue(name);
    if (queue === null) throw queueNotFound(name);
    return queue;
  }

  return {
    get,
    list: (cursor, limit) => store.listQueues(cursor, limit),

    async update(name, changes, allowMissing, author) {
      const queue = await store.updateQueue(name, changes, allowMissing, clock.now(), author);
      if (queue === null) throw queueNotFound(name);
      dispatcher.settingsChanged(name, queue.strategy);
      // It may go on, or more at a time may run.
      dispatcher.wake(name, Number.POSITIVE_INFINITY);
      onUpdated(name);
      return queue;
    },
  };
}
