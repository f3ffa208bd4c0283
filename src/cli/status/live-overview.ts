import type { OverviewTotals, Problem, QueueOverview, WatchOverviewResponse } from "../../client/index.ts";

/** What a server shows of itself, kept up to date by the messages of its stream. */
export class LiveOverview {
  readonly queues = new Map<string, QueueOverview>();
  problems: readonly Problem[] = [];
  totals: OverviewTotals | undefined;
  /** How many queues there are, also those that are not shown. */
  matchingQueues = 0;

  /** Takes in a message; answers whether an update is whole by it. */
  take(message: WatchOverviewResponse): boolean {
    if (message.snapshot) this.queues.clear();
    this.totals = message.totals ?? this.totals;
    this.problems = message.problems?.problems ?? this.problems;
    this.matchingQueues = message.matchingQueues ?? this.matchingQueues;
    for (const name of message.removedQueues) this.queues.delete(name);
    for (const queue of message.queues) {
      const history = queue.history ?? this.queues.get(queue.name)?.history;
      this.queues.set(queue.name, history === undefined ? queue : { ...queue, history });
    }
    return !message.more;
  }
}
