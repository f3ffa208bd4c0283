import { create } from "@bufbuild/protobuf";
import { type Server, ServerSchema } from "../../../gen/sitq/v1/admin_service_pb.js";
import type { Cluster } from "../../cluster/cluster.ts";
import type { Scope } from "../../domain/access/scope.ts";
import { allowsAll, namesOfQueues } from "../../domain/access/scoped-name.ts";
import type { AllWorkers } from "../../queue/all-workers.ts";
import { toTimestamp } from "../convert/times.ts";

/** What the list of servers is made of. */
export interface ListServersOptions {
  readonly cluster: Pick<Cluster, "serverId" | "isLeader" | "own" | "others">;
  readonly workers: Pick<AllWorkers, "list">;
  /** Where the other servers reach this one. */
  address(): string;
  /** The server's version, by Semantic Versioning. */
  readonly version: string;
  /** When the server began to serve, by the wall clock. */
  readonly startMs: number;
  /** The file that is only shown; `null`: the server serves. */
  readonly fileView: { readonly path: string; readonly asOfMs: number } | null;
}

/** The servers that share the storage, by id, as they go out. @param scope whose workers are counted */
export function listServers(options: ListServersOptions, scope: Scope): Server[] {
  const { cluster } = options;
  const { own, others } = cluster;
  const counts = countWorkers(options.workers, scope);
  const self = create(ServerSchema, {
    id: cluster.serverId ?? 0,
    address: own?.address ?? options.address(),
    version: options.version,
    startTime: toTimestamp(own?.startMs ?? options.startMs),
    answering: true,
    leading: cluster.isLeader && options.fileView === null,
    heard: true,
    ...(own && { expireTime: toTimestamp(own.untilMs) }),
    ...counts.get(cluster.serverId ?? 0),
  });
  const rest = others.map(({ id, address, version, startMs, isLeader, untilMs, isHeard, sinceMs }) =>
    create(ServerSchema, {
      id,
      address,
      version,
      startTime: toTimestamp(startMs),
      leading: isLeader,
      expireTime: toTimestamp(untilMs),
      heard: isHeard,
      sinceTime: toTimestamp(sinceMs),
      ...counts.get(id),
    }),
  );
  return [self, ...rest].sort((a, b) => a.id - b.id);
}

interface WorkerCount {
  workers: number;
  inFlight: bigint;
}

/** The workers with an open stream and what they run, by the server that they are at. */
function countWorkers(workers: Pick<AllWorkers, "list">, scope: Scope): ReadonlyMap<number, WorkerCount> {
  const counts = new Map<number, WorkerCount>();
  for (const { state, serverId, inFlight, hello } of workers.list()) {
    if (state === "disconnected" || !(scope.isWhole || allowsAll(scope, namesOfQueues(hello.queues)))) continue;
    const id = serverId ?? 0;
    const counted = counts.get(id) ?? { workers: 0, inFlight: 0n };
    counted.workers++;
    counted.inFlight += BigInt(inFlight);
    counts.set(id, counted);
  }
  return counts;
}
