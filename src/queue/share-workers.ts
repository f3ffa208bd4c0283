import type { Cluster } from "../cluster/cluster.ts";
import type { SharedMap } from "../cluster/shared-maps.ts";
import type { Clock } from "../domain/clock.ts";
import { createService, type Service } from "../domain/service.ts";
import type { WorkerReport } from "./all-workers.ts";
import type { LeaseEnder } from "./leases/lease-ender.ts";
import type { WorkerHub } from "./workers/worker-hub.ts";

/** What sharing workers needs. */
export interface SharedWorkers {
  readonly cluster: Cluster;
  readonly hub: WorkerHub;
  readonly ender: Pick<LeaseEnder, "endCancelled">;
  readonly reports: SharedMap<WorkerReport>;
  readonly clock: Pick<Clock, "after">;
}

/** How often the others are shown what the workers of this server do, in milliseconds. */
const reportMs = 2_000;

/**
 * Shows the other servers the workers of this one, and takes in what they say of theirs: a worker that has come to another server has left
 * this one, and leases of this one may have ended there. It runs from its start to its stop.
 */
export function shareWorkers({ cluster, hub, ender, reports, clock }: SharedWorkers): Service {
  if (cluster.serverId === null) return createService({});
  const ownId = cluster.serverId;
  const shown = new Set<string>();
  let callOff: () => void = () => undefined;

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
  }

  function showLater(): void {
    callOff = clock.after(reportMs, () => {
      show();
      showLater();
    });
  }

  hub.onEvent((_, session) => {
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

  return createService({ start: showLater, stop: () => callOff() });
}
