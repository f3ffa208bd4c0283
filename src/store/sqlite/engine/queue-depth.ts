import { defaultQueueSettings, depthLimit, unfinishedCount } from "../../../domain/tasks/queue.ts";
import type { QueueEntry } from "../rows/queue-table.ts";

/** How many unfinished tasks a queue takes; one that is not there, as many as the server lets it. */
export function depthLimitOf(
  queue: QueueEntry | undefined,
  { maxQueueDepth }: { readonly maxQueueDepth: number },
): number {
  return depthLimit(queue?.settings ?? defaultQueueSettings, maxQueueDepth);
}

/** How many unfinished tasks a queue holds; one that is not there, none. */
export function depth(queue: QueueEntry | undefined): number {
  return queue === undefined ? 0 : unfinishedCount(queue.counts);
}
