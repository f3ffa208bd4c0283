import type { OverviewTotals, Problem, QueueOverview, WatchOverviewResponse } from "../../client/index.ts";

/** Everything that a server shows of itself, kept up to date by the messages of its stream. */
export class LiveOverview {
  readonly queues = new Map<string, QueueOverview>();
  problems: readonly Problem[] = [];
  totals: OverviewTotals | undefined;

  /** Takes in a message; answers whether an update is whole by it. */
  take({ snapshot, more, totals, problems, queues }: WatchOverviewResponse): boolean {
    if (snapshot) this.queues.clear();
    this.totals = totals ?? this.totals;
    this.problems = problems?.problems ?? this.problems;
    for (const queue of queues) {
      const history = queue.history ?? this.queues.get(queue.name)?.history;
      this.queues.set(queue.name, history === undefined ? queue : { ...queue, history });
    }
    return !more;
  }
}
