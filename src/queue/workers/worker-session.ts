import type { SitqError } from "../../domain/errors.ts";
import { type LeaseRef, leaseOf } from "../../domain/lease.ts";
import { startLeaseTimer } from "../../domain/lease-timer.ts";
import { heartbeatTimeout } from "../../domain/refusals/workers.ts";
import type { Cancellation } from "../../domain/tasks/cancellation.ts";
import { createWaitGroup } from "../../domain/wait-group.ts";
import { type Consumer, typeSet } from "../dispatch/consumer.ts";
import { type HeldLease, holderOf } from "../leases/lease-table.ts";
import { startBeats } from "./heartbeats.ts";
import { createOutcomeReports } from "./outcome-reports.ts";
import { createProgressReports } from "./progress-reports.ts";
import type { DrainReason, Hello, ReportedOutcome, ReportedProgress, WorkerLink } from "./worker-channel.ts";
import type { WorkerContext } from "./worker-context.ts";

/**
 * One connection of a worker, from `hello` to the end of its stream. Its leases outlive it: they belong to the worker's id,
 * and a later session goes on with them.
 *
 * In flight is what was claimed for the worker and has not ended, from the moment when the claim is asked for. An outcome
 * makes room when it arrives, so that its settlement and the claim of the next task share a commit; the worker hears of both
 * after it.
 */
export interface WorkerSession extends Consumer {
  readonly hello: Hello;
  /** What its leases are held by. */
  readonly holder: string;
  readonly connectMs: number;
  readonly lastSeenMs: number;
  /** How long the worker's leases last if nothing more is heard of it, in milliseconds. */
  readonly leaseLeftMs: number;
  readonly draining: boolean;
  /** How many tasks it holds. */
  readonly inFlight: number;
  /** What the worker last said that it takes, whether or not it gets it now. */
  readonly statedCapacity: number;
  /** Settles outcomes; answers when they are stored and the worker has been told. */
  outcomes(outcomes: readonly ReportedOutcome[]): Promise<void>;
  /** Resolves when the worker has been told of all outcomes that came. */
  answered(): Promise<void>;
  /** Hears that the worker is alive, and how far its tasks are. */
  heartbeat(progress: readonly ReportedProgress[]): Promise<void>;
  /** Hears how much the worker takes from now on. */
  setCapacity(n: number): void;
  /** Tells the worker to stop one attempt that is not its own any more. */
  cancel(lease: LeaseRef, cancellation: Cancellation): void;
  /** Hands out nothing more, and says so. */
  drain(graceMs: number, reason: DrainReason): void;
  /** The worker says nothing more: hands out nothing more. */
  leave(): void;
  /** Ends the stream from this side. */
  end(error: SitqError | null): void;
  /** The stream ended. Idempotent. */
  disconnected(): void;
}

/** Who is told of the turns of a session. */
export interface SessionEvents {
  /** What the worker takes may be another. */
  onChange(session: WorkerSession): void;
  /** Its stream has ended; called once. */
  onGone(session: WorkerSession): void;
  /** What its worker said last could not be stored, and its stream has ended meanwhile: it holds these leases after all. */
  onLeftHolding(session: WorkerSession, leases: readonly HeldLease[]): void;
}

/** A session whose `hello` was accepted. */
export function createWorkerSession(
  context: WorkerContext,
  hello: Hello,
  link: WorkerLink,
  { onChange, onGone, onLeftHolding }: SessionEvents,
): WorkerSession {
  const { clock, leases, dispatcher, retries, store, settings } = context;
  const { workerId } = hello;
  const holder = holderOf(workerId, hello.incarnation);
  let stated = hello.capacity;
  let promised = 0;
  let lastSeen = clock.monotonic();
  let lastSeenMs = clock.now();
  let hasRoom = true;
  let draining = false;
  let connected = true;
  let spoke = false;

  function seen(): void {
    lastSeen = clock.monotonic();
    lastSeenMs = clock.now();
  }

  /** A slow reader gets nothing more until its stream has drained: memory holds what it was given, no more. */
  function said(roomLeft: boolean): void {
    spoke = true;
    if (roomLeft || !hasRoom) return;
    hasRoom = false;
    link.onRoom(() => {
      hasRoom = true;
      dispatcher.freed(session);
    });
  }

  function leaseLeftMs(): number {
    return lastSeen + settings.leaseDurationMs - clock.monotonic();
  }

  /** A worker that says nothing loses its leases. One timer, not one a message: it looks how long the silence was. */
  function watchSilence(delayMs: number): () => void {
    return startLeaseTimer(clock, delayMs, () => {
      if (leaseLeftMs() > 0) {
        endSilenceTimer = watchSilence(leaseLeftMs());
        return;
      }
      link.end(heartbeatTimeout());
      void context.expire([...leases.heldOverStream(holder).values()], "lease_lost");
      session.disconnected();
    });
  }
  let endSilenceTimer = watchSilence(settings.leaseDurationMs);

  // Silence towards the worker means a broken stream, so there is none; and a worker that answers owes no heartbeat of its own.
  const endBeats = startBeats(clock, settings.heartbeatIntervalMs, () => {
    if (!spoke) said(link.heartbeat());
    spoke = false;
  });

  const progressReports = createProgressReports(store, clock, retries, workerId);
  const reportOutcomes = createOutcomeReports(context, {
    workerId,
    get connected() {
      return connected;
    },
    freed: () => dispatcher.freed(session),
    settled: (outcomes) => said(link.settled(outcomes)),
    leftHolding: (held) => onLeftHolding(session, held),
  });
  const storing = createWaitGroup();
  const session: WorkerSession = {
    id: workerId,
    weight: hello.weight,
    hello,
    holder,
    queues: hello.queues,
    types: typeSet(hello.types),
    leaseMs: null,
    connectMs: clock.now(),
    get lastSeenMs() {
      return lastSeenMs;
    },
    get leaseLeftMs() {
      const leftMs = leaseLeftMs();
      // Past the end and not ended: the server itself stood still, and nobody could be heard.
      return leftMs > 0 ? leftMs : settings.leaseDurationMs;
    },
    get draining() {
      return draining;
    },
    get statedCapacity() {
      return stated;
    },
    get capacity() {
      return connected && hasRoom && !draining ? stated : 0;
    },
    get inFlight() {
      return leases.heldOverStream(holder).size;
    },
    get load() {
      return leases.heldOverStream(holder).size + promised;
    },

    reserve(n) {
      promised += n;
    },

    deliver(tasks, reserved) {
      promised -= reserved;
      if (tasks.length === 0) return;
      // A claim may have been under way when the worker was told that nothing more comes.
      if (!connected || draining) {
        return context.giveBack(tasks.map((task) => leaseOf(task, "stream")));
      }
      for (const task of tasks) {
        const { id: taskId, queue, attempt } = task;
        const lease = { taskId, attempt, workerId, leaseKind: "stream", queue, holder } as const;
        leases.open(lease, { attemptMs: task.attemptTimeoutMs, leaseMs: null });
      }
      said(link.tasks(tasks));
    },

    outcomes(outcomes) {
      seen();
      return storing.track(reportOutcomes(outcomes));
    },
    answered: storing.wait,

    async heartbeat(progress) {
      seen();
      await progressReports.report(progress);
    },

    setCapacity(n) {
      seen();
      stated = n;
      dispatcher.freed(session);
      onChange(session);
    },

    cancel({ taskId, attempt }, cancellation) {
      if (!connected) return;
      said(link.cancel([{ taskId, attempt, cancellation }]));
      dispatcher.freed(session);
    },

    drain(graceMs, reason) {
      draining = true;
      if (connected) said(link.drain(graceMs, reason));
      onChange(session);
    },

    leave() {
      draining = true;
      onChange(session);
    },

    end(error) {
      if (connected) link.end(error);
      session.disconnected();
    },

    disconnected() {
      if (!connected) return;
      connected = false;
      progressReports.end();
      endSilenceTimer();
      endBeats();
      dispatcher.remove(session);
      onGone(session);
    },
  };

  return session;
}
