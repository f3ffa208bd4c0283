import type { Cluster } from "../cluster/cluster.ts";
import type { SharedMap, ValueCodec } from "../cluster/shared-maps.ts";
import type { Clock } from "../domain/clock.ts";
import { createService, type Service } from "../domain/service.ts";
import type { ClusterStore } from "../store/cluster-store.ts";
import type { WorkerReport } from "./all-workers.ts";
import type { StickyClaims } from "./dispatch/sticky-claims.ts";
import type { LeaseEnder } from "./leases/lease-ender.ts";
import type { LeaseTable } from "./leases/lease-table.ts";
import type { WorkerHub } from "./workers/worker-hub.ts";
import type { WorkerSession } from "./workers/worker-session.ts";

/** What sharing workers needs. */
export interface SharedWorkers {
  readonly cluster: Cluster;
  /** `null`: no other server can share the store. */
  readonly store: Pick<ClusterStore, "lapsed"> | null;
  readonly hub: WorkerHub;
  readonly leases: Pick<LeaseTable, "all" | "isWatched">;
  readonly ender: Pick<LeaseEnder, "endCancelled">;
  readonly reports: SharedMap<WorkerReport>;
  /** For how many tasks each worker has room, by id. */
  readonly room: SharedMap<number>;
  readonly sticky: Pick<StickyClaims, "isKnown">;
  readonly clock: Pick<Clock, "after">;
}

/** How often the others are shown what the workers of this server do, in milliseconds. */
const reportMs = 2_000;
/** How often they are shown the room of those whose tasks stick to them: so long a task may wait for a worker that is full meanwhile. */
const roomMs = 200;

/** Room as servers tell each other of it. */
export const roomCodec: ValueCodec<number> = {
  encode: (room) => Buffer.from(String(room)),
  decode: (bytes) => Number(Buffer.from(bytes).toString()),
};

/**
 * Shows the other servers the workers of this one, and takes in what they say of theirs: a worker that has come to another server has left
 * this one, and leases of this one may have ended there. Where the news of that may be lost, the leases are compared with what is stored. It runs
 * from its start to its stop.
 */
export function shareWorkers(options: SharedWorkers): Service {
  const { cluster, store, hub, leases, ender, reports, room, sticky, clock } = options;
  if (cluster.serverId === null || store === null) return createService({});
  const ownId = cluster.serverId;
  const shown = new Set<string>();
  let callOff: () => void = () => undefined;
  let callOffRoom: () => void = () => undefined;

  function showRoom(session: WorkerSession): void {
    room.set(session.id, Math.max(session.capacity - session.inFlight, 0));
  }

  function show(): void {
    const present = new Set<string>();
    for (const worker of hub.listAll(true)) {
      const { workerId } = worker.hello;
      present.add(workerId);
      shown.add(workerId);
      reports.set(workerId, { worker, activity: hub.activityOf(worker) });
    }
    for (const workerId of shown) {
      if (present.has(workerId)) continue;
      shown.delete(workerId);
      reports.delete(workerId);
    }
    for (const session of hub.connected().values()) showRoom(session);
  }

  function showLater(): void {
    callOff = clock.after(reportMs, () => {
      show();
      showLater();
    });
  }

  function showRoomLater(): void {
    callOffRoom = clock.after(roomMs, () => {
      for (const session of hub.connected().values())
        if (session.queues.some((queue) => sticky.isKnown(queue))) showRoom(session);
      showRoomLater();
    });
  }

  /** Ends the leases that ended elsewhere, and leaves to other servers those that they watch. */
  async function compare(stored: Pick<ClusterStore, "lapsed">): Promise<void> {
    for (const found of await stored.lapsed(leases.all())) {
      const { lease, isEnded } = found;
      // Its end came from here meanwhile, or its worker has the task once more.
      if (!leases.isWatched(lease)) continue;
      const { taskId, attempt, workerId, leaseKind, queue } = lease;
      const own = { taskId, attempt, workerId, leaseKind, queue, serverId: ownId };
      if (isEnded) ender.endCancelled([own], found.reason);
      else hub.taken([own]);
    }
  }

  /** What another server did before it was heard, or before it ended, is not known. */
  let isUnsure = false;
  let isComparing = false;
  cluster.onPeer((_, event) => {
    if (event !== "lost") isUnsure = true;
  });
  cluster.onMissed(() => {
    if (isComparing || !(isUnsure || !cluster.hearsAll)) return;
    isComparing = true;
    isUnsure = false;
    // The storage is out of reach: it is tried again at the next time.
    compare(store)
      .catch(() => {
        isUnsure = true;
      })
      .finally(() => {
        isComparing = false;
      });
  });

  hub.onEvent((_, session) => {
    const open = hub.connected().get(session.id);
    if (open === undefined) room.delete(session.id);
    else showRoom(open);
    const [worker] = hub.listAll(true).filter(({ hello }) => hello.workerId === session.id);
    if (worker === undefined) return reports.delete(session.id);
    shown.add(session.id);
    reports.set(session.id, { worker, activity: hub.activityOf(worker) });
  });
  reports.onChange((serverId, workerId) => {
    const worker = reports.others.get(serverId)?.get(workerId)?.worker;
    if (worker?.state === "connected") hub.cameElsewhere(worker, serverId > ownId);
  });
  cluster.onAdopted((leases) => {
    const workerIds = new Set(leases.map(({ workerId }) => workerId));
    for (const [serverId, theirs] of reports.others) {
      for (const workerId of workerIds) {
        const worker = theirs.get(workerId)?.worker;
        if (worker?.state === "connected") hub.cameElsewhere(worker, serverId > ownId);
      }
    }
  });
  cluster.onNews(({ endedLeases, takenLeases }) => {
    for (const { lease, reason } of endedLeases) if (lease.serverId === ownId) ender.endCancelled([lease], reason);
    hub.taken(takenLeases);
  });

  return createService({
    start() {
      showLater();
      showRoomLater();
    },
    stop() {
      callOff();
      callOffRoom();
    },
  });
}
