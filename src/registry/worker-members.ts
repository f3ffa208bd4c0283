import type { Cluster } from "../cluster/cluster.ts";
import { nameOf, type WorkerFacts, type WorkerNews } from "../cluster/registry-news.ts";
import type { Clock } from "../domain/clock.ts";
import type { InstanceKey } from "../domain/instance.ts";
import { createService, type Service } from "../domain/service.ts";
import type { InstanceTable } from "./instance-table.ts";
import { type WorkerInstance, WorkerMember } from "./member.ts";

/** Takes in the workers that belong to a service: each open stream is an instance. */
export interface WorkerInstances {
  added(worker: WorkerInstance): void;
  /** Its capacity may have changed. */
  updated(worker: WorkerInstance): void;
  removed(worker: WorkerInstance): void;
}

/** How often the loads of workers are looked at for the other servers, in milliseconds. */
const loadsMs = 250;
/** How old the last sign of life of a worker may be there, in milliseconds. */
const seenMs = 5_000;

/** A worker here, as the other servers know it. */
interface OwnWorker {
  readonly member: WorkerMember;
  shown: WorkerFacts;
}

/** A worker whose stream another server has. */
interface RemoteWorker {
  readonly member: WorkerMember;
  /** What the member reads. */
  readonly worker: { -readonly [Name in keyof WorkerFacts]: WorkerFacts[Name] };
}

/**
 * The workers that are instances, of this server and, as these let it know, of the others. Those of another one are gone when it has ended. A worker
 * that has streams at two servers, for a moment, counts as the one here.
 */
export class WorkerMembers implements WorkerInstances, Service {
  private readonly table: InstanceTable;
  private readonly cluster: Cluster;
  private readonly clock: Clock;
  private readonly own = new Map<WorkerInstance, OwnWorker>();
  private readonly ownNames = new Map<string, WorkerInstance>();
  private readonly remote = new Map<number, Map<string, RemoteWorker>>();
  /** Of servers that say all that there are: those that they have named. */
  private readonly named = new Map<number, Set<string>>();
  private readonly service = createService({ stop: () => this.end() });
  private isLooking = false;
  private stopped = false;
  private callOff: () => void = () => undefined;

  /** Creates them over a table, without any. */
  constructor(table: InstanceTable, cluster: Cluster, clock: Clock) {
    this.table = table;
    this.cluster = cluster;
    this.clock = clock;
    cluster.beginsWith(() => {
      this.lookLater();
      return {
        workers: byName([...this.own.values()].map(({ shown }) => ({ ...shown, facts: shown }))),
        allWorkers: true,
      };
    });
    cluster.onNews(({ workers, allWorkers }, serverId) => {
      for (const news of workers.values()) this.takeIn(serverId, news);
      if (allWorkers) this.keepNamed(serverId);
    });
    cluster.onPeer((serverId, event) => {
      if (event === "heard") this.named.set(serverId, new Set());
      if (event !== "ended") return;
      this.named.set(serverId, new Set());
      this.keepNamed(serverId);
      this.remote.delete(serverId);
    });
  }

  start(): Promise<void> {
    return this.service.start();
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  added(worker: WorkerInstance): void {
    const member = new WorkerMember(worker);
    const own: OwnWorker = { member, shown: factsOf(worker) };
    this.own.set(worker, own);
    this.ownNames.set(nameOf(member.key), worker);
    this.table.put(member);
    this.show(own, worker);
    this.lookLater();
  }

  updated(worker: WorkerInstance): void {
    const own = this.own.get(worker);
    if (own === undefined) return;
    this.table.refresh(own.member);
    this.show(own, worker);
  }

  removed(worker: WorkerInstance): void {
    const own = this.own.get(worker);
    if (own === undefined) return;
    const { key } = own.member;
    const name = nameOf(key);
    this.own.delete(worker);
    if (this.ownNames.get(name) === worker) this.ownNames.delete(name);
    this.takeOut(own.member);
    if (!this.ownNames.has(name)) this.tell({ serviceName: key.serviceName, workerId: key.instanceId, facts: null });
  }

  /** Takes a member out of the table; another one of its name takes its place. */
  private takeOut(member: WorkerMember): void {
    this.table.remove(member);
    const name = nameOf(member.key);
    const worker = this.ownNames.get(name);
    const next = worker === undefined ? this.remoteOf(name) : this.own.get(worker)?.member;
    if (next !== undefined && this.table.worker(member.key) === undefined) this.table.put(next);
  }

  private remoteOf(name: string): WorkerMember | undefined {
    for (const workers of this.remote.values()) {
      const found = workers.get(name);
      if (found !== undefined) return found.member;
    }
    return undefined;
  }

  private takeIn(serverId: number, { facts, ...ids }: WorkerNews): void {
    const name = nameOf(keyOf(ids));
    if (facts === null) this.named.get(serverId)?.delete(name);
    else this.named.get(serverId)?.add(name);
    const workers = this.remote.get(serverId) ?? new Map<string, RemoteWorker>();
    this.remote.set(serverId, workers);
    const known = workers.get(name);
    if (known !== undefined && facts !== null && isSameStream(known.worker, facts)) {
      const isChanged = known.worker.capacity !== facts.capacity || known.worker.weight !== facts.weight;
      Object.assign(known.worker, facts);
      if (isChanged) this.table.refresh(known.member);
      return;
    }
    workers.delete(name);
    if (facts !== null) {
      const worker = { ...facts };
      const member = new WorkerMember(worker);
      workers.set(name, { worker, member });
      if (!this.ownNames.has(name)) this.table.put(member);
    }
    if (known !== undefined) this.takeOut(known.member);
  }

  /** A server has named all that there are. */
  private keepNamed(serverId: number): void {
    const named = this.named.get(serverId);
    const workers = this.remote.get(serverId);
    this.named.delete(serverId);
    for (const [name, { member }] of workers ?? []) {
      if (named?.has(name) !== false) continue;
      workers?.delete(name);
      this.takeOut(member);
    }
  }

  private show(own: OwnWorker, worker: WorkerInstance): void {
    own.shown = factsOf(worker);
    this.tell({ ...own.shown, facts: own.shown });
  }

  private tell(news: WorkerNews): void {
    if (this.cluster.listeners.count > 0) this.cluster.tell({ workers: byName([news]) });
  }

  /** Loads change without an event. */
  private lookLater(): void {
    if (this.isLooking || this.stopped || this.own.size === 0 || this.cluster.serverId === null) return;
    this.isLooking = true;
    this.callOff = this.clock.after(loadsMs, () => {
      this.isLooking = false;
      if (this.cluster.listeners.count === 0) return;
      for (const [worker, own] of this.own) {
        const { load, lastSeenMs } = own.shown;
        if (worker.load !== load || worker.lastSeenMs - lastSeenMs >= seenMs) this.show(own, worker);
      }
      this.lookLater();
    });
  }

  private end(): void {
    this.stopped = true;
    this.callOff();
  }
}

function keyOf({ serviceName, workerId }: Pick<WorkerFacts, "serviceName" | "workerId">): InstanceKey {
  return { serviceName, instanceId: workerId };
}

function byName(news: readonly WorkerNews[]): Map<string, WorkerNews> {
  return new Map(
    news.map(({ serviceName, workerId, facts }) => {
      return [nameOf(keyOf({ serviceName, workerId })), { serviceName, workerId, facts }];
    }),
  );
}

/** A worker as it is now. */
function factsOf(worker: WorkerInstance): WorkerFacts {
  const { serviceName, workerId, address, capacity, weight, metadata, load, connectMs, lastSeenMs } = worker;
  return { serviceName, workerId, address, capacity, weight, metadata, load, connectMs, lastSeenMs };
}

/** Whether what does not change in the life of a stream is the same. */
function isSameStream(a: WorkerFacts, b: WorkerFacts): boolean {
  return a.connectMs === b.connectMs && a.address === b.address;
}
