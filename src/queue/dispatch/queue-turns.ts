/** When each queue was last served, so that one that shares workers with a busy one has its turn. */
export interface QueueTurns {
  /** Counts a turn of the queue. */
  take(queue: string): void;
  /** The queues, the one first that waited longest for a turn; equal ones as they come. */
  inTurn<T>(items: readonly T[], queueOf: (item: T) => string): T[];
}

const mostQueues = 10_000;

/** Creates the turns of queues. They outlast the workers, so that claims of one task at a time are as fair as a stream. */
export function createQueueTurns(): QueueTurns {
  const served = new Map<string, number>();
  let turns = 0;
  const lastOf = (queue: string) => served.get(queue) ?? 0;

  return {
    take(queue) {
      served.delete(queue);
      served.set(queue, ++turns);
      if (served.size <= mostQueues) return;
      const [oldest] = served.keys();
      if (oldest !== undefined) served.delete(oldest);
    },

    inTurn: (items, queueOf) => [...items].sort((a, b) => lastOf(queueOf(a)) - lastOf(queueOf(b))),
  };
}
