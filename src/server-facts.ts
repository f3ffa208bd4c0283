import { busyMs } from "./domain/clock.ts";
import type { ServerFacts } from "./metrics/server-samples.ts";
import type { Watchers } from "./rpc/calls/watchers.ts";
import type { RpcServer } from "./rpc/server.ts";
import type { UseCases } from "./use-cases.ts";

/** Makes what reads the facts of a server for its metrics. */
export function createServerFacts(
  { store, cluster, queueSystem, registry, admission }: UseCases,
  watchers: Pick<Watchers, "count">,
  xds: { readonly counts: ServerFacts["xds"] },
  connections: RpcServer["countConnections"],
): () => Promise<ServerFacts> {
  let isDiskLow = false;
  store.onDisk(({ isLow }) => {
    isDiskLow = isLow;
  });
  function countServers(): ServerFacts["servers"] {
    const unheard = cluster.others.filter(({ isHeard }) => !isHeard).length;
    return { heard: 1 + cluster.others.length - unheard, unheard };
  }

  return async () => ({
    servers: countServers(),
    isLeading: cluster.isLeader && store.asOfMs === null,
    workers: queueSystem.allWorkers.list().map(({ state, hello: { queues }, capacity, inFlight, serverId }) => {
      return { state, queues, capacity, inFlight, isHere: serverId === cluster.serverId };
    }),
    instances: registry.countByState(),
    watches: watchers.count,
    xds: xds.counts,
    connections: await connections(),
    waitingCalls: admission.waiting.calls,
    waitingBytes: admission.waiting.bytes,
    isDiskLow,
    busySeconds: busyMs() / 1_000,
  });
}
