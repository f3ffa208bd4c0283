import type { QueueOverview } from "../../../../gen/sitq/v1/monitor_service_pb.js";

/** What holds a queue up, the worst first. */
export const hindrances = ["no worker", "no handler", "paused", "at its limit"] as const;
/** What holds a queue up. */
export type Hindrance = (typeof hindrances)[number];

/** What holds a queue up; `null`: nothing, or nothing waits. */
export function hindranceOf({ paused, statistics, maxRunning }: QueueOverview): Hindrance | null {
  if (paused) return "paused";
  if (statistics === undefined || statistics.pending === 0n) return null;
  if (statistics.workers === 0) return "no worker";
  if (statistics.unhandledTypes.length > 0) return "no handler";
  return maxRunning > 0 && statistics.running >= BigInt(maxRunning) ? "at its limit" : null;
}

/** The queues that are held up, the worst first, then those in which most waits. */
export function inOrder(queues: Iterable<QueueOverview>): QueueOverview[] {
  const ranked = Array.from(queues, (queue) => {
    const hindrance = hindranceOf(queue);
    const rank = hindrance === null ? hindrances.length : hindrances.indexOf(hindrance);
    return { queue, rank, pending: queue.statistics?.pending ?? 0n };
  });
  ranked.sort((a, b) => a.rank - b.rank || Number(b.pending - a.pending) || (a.queue.name < b.queue.name ? -1 : 1));
  return ranked.map(({ queue }) => queue);
}
