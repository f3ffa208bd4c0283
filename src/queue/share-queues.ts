import type { Cluster } from "../cluster/cluster.ts";
import type { Store } from "../store/store.ts";
import type { Dispatcher } from "./dispatch/dispatcher.ts";
import type { OutcomeCompleter } from "./leases/outcome-completer.ts";

/** What sharing queues needs. */
export interface SharedQueues {
  readonly cluster: Cluster;
  readonly store: Pick<Store, "onReady" | "onFlow">;
  readonly dispatcher: Pick<Dispatcher, "wake" | "wakeAll" | "ended" | "readStrategies">;
  readonly completer: Pick<OutcomeCompleter, "onEnded">;
}

/**
 * Wakes the dispatcher for what other servers make ready, and tells them what this one does. Any server claims: the one that has free workers
 * first. Which of them gets a task the store decides.
 */
export function shareQueues({ cluster, store, dispatcher, completer }: SharedQueues): void {
  if (cluster.serverId === null) return;
  store.onReady((queue, n) => cluster.tell({ ready: new Map([[queue, n]]) }));
  store.onFlow((flows) => {
    const added = flows.filter(({ enqueued }) => enqueued > 0);
    if (added.length > 0) cluster.tell({ ready: new Map(added.map(({ queue, enqueued }) => [queue, enqueued])) });
  });
  completer.onEnded((queue) => cluster.tell({ endedQueues: new Set([queue]) }));
  cluster.onNews(({ ready, endedQueues }) => {
    for (const [queue, n] of ready) dispatcher.wake(queue, n);
    for (const queue of endedQueues) dispatcher.ended(queue);
  });
  cluster.onMissed(() => dispatcher.wakeAll());
  cluster.onRevised("settings", () => dispatcher.readStrategies());
}
