import type { Clock } from "../../domain/clock.ts";
import type { Lease } from "../../domain/lease.ts";
import type { Log } from "../../domain/log.ts";
import { draining } from "../../domain/refusals/server.ts";
import { streamReplaced, workerNotFound, workerReplaced } from "../../domain/refusals/workers.ts";
import type { Cancellation } from "../../domain/tasks/cancellation.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { LeaseHolders } from "../leases/lease-ender.ts";
import { holderOf, type LeaseTable } from "../leases/lease-table.ts";
import type { HeldLease, LeaseOrigin, WatchedLease } from "../leases/watched-lease.ts";
import type { Claimers } from "./claimers.ts";
import { compareHeld } from "./compare-held.ts";
import { createDepartedWorkers, type DepartedWorkers } from "./departed-workers.ts";
import { LostWorkers } from "./lost-workers.ts";
import type { Hello, WorkerChannel } from "./worker-channel.ts";
import { createWorkerNames } from "./worker-names.ts";
import { type SessionParts, WorkerSession } from "./worker-session.ts";
import type { WorkerStatistics } from "./worker-statistics.ts";
import {
  type Attendance,
  attendanceOf,
  type ListedWorker,
  type PresentWorker,
  unknownView,
  viewOf,
  type WorkerActivity,
  type WorkerView,
} from "./worker-view.ts";

/** What happened to a worker with an open stream: it connected, what it takes may have changed, or its stream ended. */
export type WorkerEvent = "added" | "updated" | "removed";

/** What the hub needs; most of it is for its sessions. */
export interface WorkerHubOptions extends SessionParts {
  readonly clock: Clock;
  readonly log: Pick<Log, "warn">;
  readonly leases: LeaseTable;
  readonly dispatcher: Dispatcher;
  readonly statistics: WorkerStatistics;
  readonly claimers: Pick<Claimers, "list">;
  /** This server among those that share the store; `null`: there is only one. */
  readonly serverId: number | null;
}

/** All workers with an open stream, and those whose leases outlive it. */
export class WorkerHub implements LeaseHolders {
  private readonly options: WorkerHubOptions;
  /** The open one of each worker id. */
  private readonly sessions = new Map<string, WorkerSession>();
  private readonly departed: DepartedWorkers;
  private readonly lost: LostWorkers;
  private readonly names = createWorkerNames();
  private readonly listeners: ((event: WorkerEvent, session: WorkerSession) => void)[] = [];
  /** How long workers have to finish, once all are to drain; `null`: not yet. In milliseconds. */
  private drainGraceMs: number | null = null;

  /** Creates a hub without workers. */
  constructor(options: WorkerHubOptions) {
    this.options = options;
    this.departed = createDepartedWorkers(options.clock, options.leases, (holder, view) => this.lose(holder, view));
    this.lost = new LostWorkers(options.clock);
  }

  /**
   * Begins a session; an open one of the same worker ends: with STREAM_REPLACED if it is the same incarnation, else with
   * WORKER_REPLACED.
   *
   * @throws SitqError WORKER_REPLACED if this incarnation has lost its name to another
   */
  connect(hello: Hello, channel: WorkerChannel): WorkerSession {
    const { leases, dispatcher, settings } = this.options;
    const { workerId, incarnation } = hello;
    this.takeName(hello);
    const holder = holderOf(workerId, incarnation);
    this.departed.comeBack(holder);
    // What is known from before a restart of the server is of the name alone: the first process that comes has it.
    this.departed.comeBack(workerId);
    leases.adopt(workerId, holder);

    const { kept, lost, notArrived } = compareHeld(leases.heldOverStream(holder), hello.held);
    this.giveBack(notArrived);
    const session = new WorkerSession(this.options, hello, lost, channel, {
      onUpdated: (updated) => this.report("updated", updated),
      onSilent: (silent) => this.lose(silent.holder, viewOf(silent)),
      onRemoved: (removed) => this.onRemoved(removed),
      onLeasesLeft: (left, held) => this.onLeasesLeft(left, held),
    });
    this.sessions.set(workerId, session);
    const { leaseDurationMs, heartbeatIntervalMs } = settings;
    channel.welcome({ workerId, heartbeatIntervalMs, leaseDurationMs, kept, lost });
    if (this.drainGraceMs === null) dispatcher.add(session);
    else session.drain(this.drainGraceMs, "server_stopping");
    this.report("added", session);
    return session;
  }

  /**
   * What a worker that comes back names and this server may not watch: where servers share the store all of it, for another one may have it since.
   *
   * @throws SitqError WORKER_REPLACED as `connect`
   */
  leasesToTakeUp({ workerId, incarnation, held }: Hello): Lease[] {
    if (this.names.wasReplaced(workerId, incarnation)) throw workerReplaced(workerId);
    const { leases, serverId } = this.options;
    const named = serverId === null ? held.filter(({ taskId }) => !leases.isHeld(taskId)) : held;
    return named.map(({ taskId, attempt }) => ({ taskId, attempt, workerId, leaseKind: "stream" }));
  }

  /** All of them, by id. */
  list(): PresentWorker<ListedWorker>[] {
    const gone = this.departed.list().filter(({ hello }) => !this.sessions.has(hello.workerId));
    return [...Array.from(this.sessions.values(), viewOf), ...gone].map((view) => this.listed(view)).sort(byId);
  }

  /** All of them, and those that claim without a stream. @param withLost also those that were lost within the last hour and have not come back */
  listAll(withLost: boolean): ListedWorker[] {
    const found: ListedWorker[] = this.list();
    const names = new Set(found.map(({ hello }) => hello.workerId));
    const others = [...this.options.claimers.list(), ...(withLost ? this.lost.list().map(({ view }) => view) : [])];
    for (const view of others) {
      if (names.has(view.hello.workerId)) continue;
      names.add(view.hello.workerId);
      found.push(this.listed(view));
    }
    return found.sort(byId);
  }

  /** What a worker of the list does. */
  activityOf({ hello: { workerId, incarnation }, state }: ListedWorker): WorkerActivity {
    const { clock, leases, statistics } = this.options;
    const figures = state === "lost" ? this.lost.of(workerId)?.figures : undefined;
    const holder = holderOf(workerId, incarnation);
    const held = () => (state === "claiming" ? leases.oldestUnary(workerId) : leases.oldestOverStream(holder));
    const oldest = state === "lost" ? null : held();
    const startMs = clock.now() - clock.monotonic() + (oldest?.startMs ?? 0);
    return {
      figures: figures ?? statistics.figuresOf(workerId),
      oldest: oldest && { taskId: oldest.taskId, startMs: Math.round(startMs) },
    };
  }

  /** Those with an open stream, by id. */
  connected(): ReadonlyMap<string, WorkerSession> {
    return this.sessions;
  }

  /**
   * A worker has a stream at another server: one that it opened here before ends as if it had opened the other here. Of what the process held here it
   * has named there what it has, which that server watches now: the rest never reached it. What began later it was handed by a third server.
   *
   * @param winsTies which of two counts that were opened at the same time: true: the other
   */
  cameElsewhere({ hello, connectMs }: ListedWorker, winsTies: boolean): void {
    const { leases } = this.options;
    const { workerId, incarnation } = hello;
    const own = this.sessions.get(workerId);
    if (own !== undefined) {
      if (own.connectMs > connectMs || (own.connectMs === connectMs && !winsTies)) return;
      this.takeName(hello);
    }
    for (const holder of new Set([holderOf(workerId, incarnation), workerId])) {
      const held = leases.heldOverStream(holder);
      this.giveBack(own === undefined ? held.filter((lease) => leases.beganBefore(lease, connectMs)) : held);
      if (leases.countOverStream(holder) === 0) this.departed.comeBack(holder);
    }
  }

  /** Other servers watch these leases from now on. */
  taken(leases: readonly Lease[]): void {
    for (const lease of leases) {
      const held = this.options.leases.close(lease);
      if (held !== null && this.options.leases.countOverStream(held.holder) === 0) this.departed.comeBack(held.holder);
    }
  }

  /** Calls `listener` with what happens to each worker, from now on. */
  onEvent(listener: (event: WorkerEvent, session: WorkerSession) => void): void {
    this.listeners.push(listener);
  }

  /** The workers of a queue. */
  attendance(queue: string): Attendance {
    return attendanceOf([...this.sessions.values()].filter(({ queues }) => queues.includes(queue)));
  }

  /**
   * Stops handing out tasks to a worker and sends it `drain`.
   *
   * @throws SitqError WORKER_NOT_FOUND
   */
  drain(workerId: string, graceMs: number): ListedWorker {
    const session = this.sessions.get(workerId);
    if (session === undefined) throw workerNotFound(workerId);
    session.drain(graceMs, "operator");
    return this.listed(viewOf(session));
  }

  /** Ends the leases that are held over a stream at once: what its worker does is offered again. */
  forfeit(session: WorkerSession): void {
    session.ahead.giveBack();
    if (session.inFlight > 0) this.lose(session.holder, viewOf(session));
  }

  watches({ taskId, workerId }: HeldLease): boolean {
    if (this.departed.watches(taskId)) return true;
    const session = this.sessions.get(workerId);
    return session !== undefined && this.options.leases.streamOf(taskId) === session.holder;
  }

  cancel(leases: readonly HeldLease[], cancellation: Cancellation): void {
    for (const [session, held] of Map.groupBy(leases, ({ workerId }) => this.sessions.get(workerId)))
      session?.cancel(held, cancellation);
  }

  /** Takes over leases that are stored: their workers have a whole lease to come back. @param from default `own` */
  recover(found: readonly WatchedLease[], from: LeaseOrigin = "own"): void {
    const { clock, leases, settings } = this.options;
    const streams = found.filter(({ leaseKind }) => leaseKind === "stream");
    for (const [workerId, held] of Map.groupBy(streams, (lease) => lease.workerId)) {
      const open = this.sessions.get(workerId);
      // A newer stream of the worker has not named them, and would keep them for as long as it is open.
      if (open !== undefined && (from === "adopted" || (from === "own" && open.holder === workerId)))
        this.giveBack(held.filter((lease) => leases.beganBefore(lease, open.connectMs)));
      if (open?.holder === workerId) continue;
      const queues = [...new Set(leases.heldOverStream(workerId).map(({ queue }) => queue))];
      this.departed.comeBack(workerId);
      this.departed.depart(workerId, unknownView(workerId, queues, clock.now()), settings.leaseDurationMs);
    }
  }

  /** Drains every worker; resolves when nothing is in flight over a stream. */
  async drainAll(graceMs: number): Promise<void> {
    this.drainGraceMs = graceMs;
    for (const session of this.sessions.values()) session.drain(graceMs, "server_stopping");
    const { promise: idle, resolve } = Promise.withResolvers<void>();
    const resolveIfIdle = () => {
      if ([...this.sessions.values()].every(({ inFlight }) => inFlight === 0)) resolve();
    };
    const forget = this.options.leases.onClosed(resolveIfIdle);
    resolveIfIdle();
    await idle;
    forget();
    // A lease is closed when its outcome arrives: the worker that sent the last ones still gets its answers.
    await Promise.all(Array.from(this.sessions.values(), (session) => session.answered()));
  }

  /** Ends every stream. Idempotent. */
  stop(): void {
    for (const session of [...this.sessions.values()]) session.end(draining());
    this.departed.stop();
  }

  private report(event: WorkerEvent, session: WorkerSession): void {
    for (const listener of this.listeners) listener(event, session);
  }

  private onRemoved(session: WorkerSession): void {
    if (this.sessions.get(session.id) !== session) return;
    this.sessions.delete(session.id);
    this.report("removed", session);
    this.depart(session);
  }

  private onLeasesLeft(session: WorkerSession, held: readonly HeldLease[]): void {
    // A newer stream of the process got these as `lost`.
    if (this.sessions.get(session.id)?.holder === session.holder) this.options.leases.expire(held);
    else this.depart(session);
  }

  /** Offers again what never reached its worker. */
  private giveBack(notArrived: readonly HeldLease[]): void {
    const { leases, completer } = this.options;
    for (const lease of notArrived) leases.close(lease);
    completer.giveBack(notArrived, { kind: "not_arrived" });
  }

  private depart(session: WorkerSession): void {
    this.departed.comeBack(session.holder);
    this.departed.depart(session.holder, { ...viewOf(session), state: "disconnected" }, session.leaseLeftMs);
  }

  /** A process is lost, with all that it holds over its stream. */
  private lose(holder: string, view: WorkerView): void {
    const { leases, statistics } = this.options;
    const held = leases.heldOverStream(holder);
    this.lost.add(view, held.length, statistics.figuresOf(view.hello.workerId));
    leases.expire(held);
  }

  private listed<View extends WorkerView>(view: View): View & ListedWorker {
    const { workerId, incarnation } = view.hello;
    const replacedInFlight = this.departed.inFlightBeside(holderOf(workerId, incarnation), workerId);
    const lostMs = this.lost.of(workerId)?.lostMs ?? null;
    const { serverId } = this.options;
    return { ...view, replacements: this.names.replacements(workerId), replacedInFlight, serverId, lostMs };
  }

  /** Ends the open stream of the name, if there is one, and notes whether another process takes the name over. */
  private takeName({ workerId, incarnation }: Hello): void {
    const { clock, log } = this.options;
    if (this.names.wasReplaced(workerId, incarnation)) throw workerReplaced(workerId);
    const former = this.sessions.get(workerId);
    if (former === undefined) return;
    if (incarnation !== "" && former.hello.incarnation === incarnation) {
      former.end(streamReplaced());
      return;
    }
    this.names.replaced(workerId, former.hello.incarnation, clock.now());
    const facts = { worker_id: workerId, incarnation, former_incarnation: former.hello.incarnation };
    log.warn(facts, "a second stream took over a worker id: two processes may use the same worker_id");
    former.end(workerReplaced(workerId));
  }
}

function byId(a: WorkerView, b: WorkerView): number {
  return a.hello.workerId < b.hello.workerId ? -1 : 1;
}
