import type { Cluster } from "../cluster/cluster.ts";
import type { SharedMap, ValueCodec } from "../cluster/shared-maps.ts";
import { typeSet } from "./dispatch/consumer.ts";
import type { WorkerHub } from "./workers/worker-hub.ts";
import {
  type Attendance,
  attendanceOf,
  type ListedWorker,
  type PresentWorker,
  type WorkerActivity,
} from "./workers/worker-view.ts";

/** A worker as the server says that has it. */
export interface WorkerReport {
  readonly worker: ListedWorker;
  readonly activity: WorkerActivity;
}

/** What the workers of all servers are known by. */
export interface AllWorkersOptions {
  readonly hub: WorkerHub;
  readonly cluster: Pick<Cluster, "drainWorker">;
  /** The workers of each server, by id. */
  readonly reports: SharedMap<WorkerReport>;
  readonly codec: Pick<ValueCodec<WorkerReport>, "decode">;
}

/** The workers of all servers that share the store: those of this one as they are, those of the others as they were a moment ago. */
export class AllWorkers {
  private readonly hub: WorkerHub;
  private readonly cluster: Pick<Cluster, "drainWorker">;
  private readonly reports: SharedMap<WorkerReport>;
  private readonly codec: AllWorkersOptions["codec"];

  constructor({ hub, cluster, reports, codec }: AllWorkersOptions) {
    this.hub = hub;
    this.cluster = cluster;
    this.reports = reports;
    this.codec = codec;
  }

  /** All that are there, by id. */
  list(): PresentWorker<ListedWorker>[] {
    const own = this.hub.list();
    return this.reports.others.size === 0 ? own : merged(own, this.remote().filter(isPresent));
  }

  /** As WorkerHub.listAll. */
  listAll(withLost: boolean): ListedWorker[] {
    const own = this.hub.listAll(withLost);
    if (this.reports.others.size === 0) return own;
    return merged(
      own,
      this.remote().filter(({ state }) => withLost || state !== "lost"),
    );
  }

  /** What a worker of the list does. */
  activityOf(worker: ListedWorker): WorkerActivity {
    for (const [, reports] of this.reports.others) {
      const report = reports.get(worker.hello.workerId);
      if (report?.worker === worker) return report.activity;
    }
    return this.hub.activityOf(worker);
  }

  /** The workers of a queue. */
  attendance(queue: string): Attendance {
    if (this.reports.others.size === 0) return this.hub.attendance(queue);
    const present = this.list().filter(({ hello, state }) => state !== "disconnected" && hello.queues.includes(queue));
    return attendanceOf(present.map(({ hello }) => ({ types: typeSet(hello.types) })));
  }

  /**
   * Stops handing out tasks to a worker and sends it `drain`, whichever server it is connected to.
   *
   * @throws SitqError WORKER_NOT_FOUND
   */
  async drain(workerId: string, graceMs: number): Promise<WorkerReport> {
    const at = this.hub.connected().has(workerId) ? undefined : this.serverOf(workerId);
    if (at !== undefined) return this.codec.decode(await this.cluster.drainWorker(at, workerId, graceMs));
    const worker = this.hub.drain(workerId, graceMs);
    return { worker, activity: this.hub.activityOf(worker) };
  }

  private serverOf(workerId: string): number | undefined {
    for (const [serverId, reports] of this.reports.others) {
      const state = reports.get(workerId)?.worker.state;
      if (state === "connected" || state === "draining") return serverId;
    }
    return undefined;
  }

  private remote(): ListedWorker[] {
    return [...this.reports.others.values()].flatMap((reports) => Array.from(reports.values(), ({ worker }) => worker));
  }
}

function isPresent(worker: ListedWorker): worker is PresentWorker<ListedWorker> {
  return worker.state !== "lost" && worker.state !== "claiming";
}

/** One of each name: an open stream before one that is gone, then the one that was heard of last. */
function merged<View extends ListedWorker>(own: readonly View[], remote: readonly View[]): View[] {
  const byId = new Map<string, View>();
  for (const worker of [...own, ...remote]) {
    const known = byId.get(worker.hello.workerId);
    if (known === undefined || isNewer(worker, known)) byId.set(worker.hello.workerId, worker);
  }
  return [...byId.values()].sort((a, b) => (a.hello.workerId < b.hello.workerId ? -1 : 1));
}

function isNewer(a: ListedWorker, b: ListedWorker): boolean {
  const [isOpen, wasOpen] = [a, b].map(({ state }) => state === "connected" || state === "draining");
  return isOpen === wasOpen ? a.lastSeenMs > b.lastSeenMs : isOpen === true;
}
