import type { LeaseRef } from "../../domain/lease.ts";
import { draining } from "../../domain/refusals/server.ts";
import { streamReplaced, workerNotFound, workerReplaced } from "../../domain/refusals/workers.ts";
import type { Cancellation } from "../../domain/tasks/cancellation.ts";
import { type HeldLease, holderOf } from "../leases/lease-table.ts";
import { createDepartedWorkers } from "./departed-workers.ts";
import type { Hello, WorkerLink } from "./worker-channel.ts";
import type { WorkerContext } from "./worker-context.ts";
import { createWorkerNames } from "./worker-names.ts";
import { createWorkerSession, type WorkerSession } from "./worker-session.ts";
import { type Attendance, attendanceOf, type ListedWorker, viewOf, type WorkerView } from "./worker-view.ts";

/** What happened to a worker with an open stream: it connected, what it takes may have changed, or its stream ended. */
export type WorkerEvent = "added" | "updated" | "removed";

/** All workers with an open stream, and those whose leases outlive it. */
export interface WorkerHub {
  /**
   * Begins a session; an open one of the same worker ends: with STREAM_REPLACED if it is the same incarnation, else with
   * WORKER_REPLACED.
   *
   * @throws SitqError WORKER_REPLACED if this incarnation has lost its name to another
   */
  connect(hello: Hello, link: WorkerLink): WorkerSession;
  /** By id. */
  list(): ListedWorker[];
  /** Is told of every worker, as it happens. */
  onEvent(listener: (event: WorkerEvent, session: WorkerSession) => void): void;
  /** Who works a queue. */
  attendance(queue: string): Attendance;
  /**
   * Hands a worker nothing more, and tells it.
   *
   * @throws SitqError WORKER_NOT_FOUND
   */
  drain(workerId: string, graceMs: number): ListedWorker;
  /** Whether the worker's stream keeps the lease, or the time that it has to come back. */
  watches(lease: HeldLease): boolean;
  /** Tells the worker of a lease that ended to stop. */
  cancel(lease: HeldLease, cancellation: Cancellation): void;
  /** Takes over what the disk says of the time before the start: those workers have a whole lease to come back. */
  recover(leases: readonly HeldLease[]): void;
  /** Drains every worker; fulfilled when nothing is in flight over a stream. */
  drainAll(graceMs: number): Promise<void>;
  /** Ends every stream. Idempotent. */
  stop(): void;
}

/** A hub without workers. */
export function createWorkerHub(context: WorkerContext): WorkerHub {
  const { clock, leases, dispatcher, settings } = context;
  const sessions = new Map<string, WorkerSession>();
  const departed = createDepartedWorkers(clock, leases, context.expire);
  const names = createWorkerNames();
  const listeners: ((event: WorkerEvent, session: WorkerSession) => void)[] = [];
  let drainGraceMs: number | null = null;

  function tell(event: WorkerEvent, session: WorkerSession): void {
    for (const listener of listeners) listener(event, session);
  }

  function onGone(session: WorkerSession): void {
    if (sessions.get(session.id) !== session) return;
    sessions.delete(session.id);
    tell("removed", session);
    leave(session);
  }

  function onLeftHolding(session: WorkerSession, held: readonly HeldLease[]): void {
    // A newer stream of the process was told that these are lost.
    if (sessions.get(session.id)?.holder === session.holder) void context.expire(held, "lease_lost");
    else leave(session);
  }

  function leave(session: WorkerSession): void {
    departed.comeBack(session.holder);
    departed.depart(session.holder, { ...viewOf(session), state: "disconnected" }, session.leaseLeftMs);
  }

  function listed(view: WorkerView): ListedWorker {
    const { workerId, incarnation } = view.hello;
    const replacedInFlight = departed.inFlightBeside(holderOf(workerId, incarnation), workerId);
    return { ...view, replacements: names.replacements(workerId), replacedInFlight };
  }

  /** Ends the open stream of the name, if there is one, and notes whether another process takes the name over. */
  function takeName({ workerId, incarnation }: Hello): void {
    if (names.wasReplaced(workerId, incarnation)) throw workerReplaced(workerId);
    const former = sessions.get(workerId);
    if (former === undefined) return;
    if (incarnation !== "" && former.hello.incarnation === incarnation) {
      former.end(streamReplaced());
      return;
    }
    names.replaced(workerId, former.hello.incarnation, clock.now());
    const facts = { worker_id: workerId, incarnation, former_incarnation: former.hello.incarnation };
    context.log.warn(facts, "a second stream took over a worker id: two processes may use the same worker_id");
    former.end(workerReplaced(workerId));
  }

  /** What of the process's leases it still has, what it lost, and what never reached it. */
  function compare({ workerId, incarnation, held }: Hello) {
    const known = leases.heldOverStream(holderOf(workerId, incarnation));
    const isKept = ({ taskId, attempt }: LeaseRef) => known.get(taskId)?.attempt === attempt;
    const kept = held.filter(isKept);
    const keptIds = new Set(kept.map(({ taskId }) => taskId));
    return {
      kept,
      lost: held.filter((each) => !isKept(each)),
      notArrived: [...known.values()].filter(({ taskId }) => !keptIds.has(taskId)),
    };
  }

  return {
    connect(hello, link) {
      const { workerId, incarnation } = hello;
      takeName(hello);
      const holder = holderOf(workerId, incarnation);
      departed.comeBack(holder);
      // What is known from before a restart of the server is of the name alone: the first process that comes has it.
      departed.comeBack(workerId);
      leases.adopt(workerId, holder);

      const { kept, lost, notArrived } = compare(hello);
      for (const lease of notArrived) leases.close(lease);
      context.giveBack(notArrived, { kind: "not_arrived" });
      const session = createWorkerSession(context, hello, link, {
        onChange: (changed) => tell("updated", changed),
        onGone,
        onLeftHolding,
      });
      sessions.set(workerId, session);
      const { leaseDurationMs, heartbeatIntervalMs } = settings;
      link.welcome({ workerId, heartbeatIntervalMs, leaseDurationMs, kept, lost });
      if (drainGraceMs === null) dispatcher.add(session);
      else session.drain(drainGraceMs, "server_stopping");
      tell("added", session);
      return session;
    },

    list() {
      const gone = departed.list().filter(({ hello }) => !sessions.has(hello.workerId));
      return [...[...sessions.values()].map(viewOf), ...gone]
        .map(listed)
        .sort((a, b) => (a.hello.workerId < b.hello.workerId ? -1 : 1));
    },

    onEvent: (listener) => void listeners.push(listener),

    attendance: (queue) => attendanceOf([...sessions.values()].filter(({ queues }) => queues.includes(queue))),

    drain(workerId, graceMs) {
      const session = sessions.get(workerId);
      if (session === undefined) throw workerNotFound(workerId);
      session.drain(graceMs, "operator");
      return listed(viewOf(session));
    },

    watches({ taskId, workerId }) {
      const session = sessions.get(workerId);
      return departed.watches(taskId) || (session !== undefined && leases.heldOverStream(session.holder).has(taskId));
    },

    cancel(lease, cancellation) {
      // Whoever claimed by hand hears it at its next call, also where a stream has the same worker id.
      const session = lease.leaseKind === "stream" ? sessions.get(lease.workerId) : undefined;
      if (session?.holder === lease.holder) session.cancel(lease, cancellation);
    },

    recover(found) {
      const nowMs = clock.now();
      for (const workerId of new Set(
        found.filter(({ leaseKind }) => leaseKind === "stream").map((lease) => lease.workerId),
      )) {
        const queues = [...new Set([...leases.heldOverStream(workerId).values()].map(({ queue }) => queue))];
        const nothing = {
          service: "",
          capacity: 0,
          weight: 0,
          address: "",
          metadata: {},
          held: [],
          incarnation: "",
          types: [],
        };
        const hello = { ...nothing, workerId, queues };
        const times = { connectMs: nowMs, lastSeenMs: nowMs };
        departed.depart(
          workerId,
          { hello, state: "disconnected", capacity: 0, inFlight: 0, ...times },
          settings.leaseDurationMs,
        );
      }
    },

    async drainAll(graceMs) {
      drainGraceMs = graceMs;
      for (const session of sessions.values()) session.drain(graceMs, "server_stopping");
      const isIdle = () => [...sessions.values()].every(({ inFlight }) => inFlight === 0);
      await new Promise<void>((resolve) => {
        const forget = leases.onClosed(resolveIfIdle);
        function resolveIfIdle(): void {
          if (!isIdle()) return;
          forget();
          resolve();
        }
        resolveIfIdle();
      });
      // A lease is closed when its outcome arrives: whoever sent the last ones still hears that they are stored.
      await Promise.all(Array.from(sessions.values(), (session) => session.answered()));
    },

    stop() {
      for (const session of [...sessions.values()]) session.end(draining());
      departed.stop();
    },
  };
}
