import type { Clock } from "../domain/clock.ts";
import { leaseKindOf, leaseOf, type QueueLease } from "../domain/lease.ts";
import type { Log } from "../domain/log.ts";
import type { Random } from "../domain/random.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service, stopAll } from "../domain/service.ts";
import { calledOff } from "../domain/tasks/cancellation.ts";
import { createWaitGroup } from "../domain/wait-group.ts";
import { createScheduler } from "../maintenance/scheduler.ts";
import type { Admission } from "../store/admission.ts";
import type { Store } from "../store/store.ts";
import type { Settlement } from "../store/task-store.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { KnownLanes } from "./dispatch/known-lanes.ts";
import { createQueueTurns } from "./dispatch/queue-turns.ts";
import { createTaskClaimer, type PrepareStep } from "./dispatch/task-claimer.ts";
import { createExpiry } from "./leases/lease-reaper.ts";
import { createLeaseTable, type HeldLease, type LeaseTable } from "./leases/lease-table.ts";
import { createOutcomeCompleter } from "./leases/outcome-completer.ts";
import { type Attempts, createAttempts } from "./tasks/attempts.ts";
import { createQueues, type Queues } from "./tasks/queues.ts";
import { createTaskFeed, type TaskFeed } from "./tasks/task-feed.ts";
import { createTasks, type Tasks } from "./tasks/tasks.ts";
import { type Claims, createClaims } from "./workers/claim-waiters.ts";
import type { WorkerContext, WorkerSettings } from "./workers/worker-context.ts";
import { createWorkerHub, type WorkerHub } from "./workers/worker-hub.ts";
import type { WorkerSession } from "./workers/worker-session.ts";

/**
 * The queue as a whole: every use case, over one store. Its start takes over the leases that are on the disk: no call may come
 * before. After its stop it asks nothing more of the store.
 */
export interface QueueSystem extends Service {
  readonly tasks: Tasks;
  readonly queues: Queues;
  readonly feed: TaskFeed;
  readonly workers: WorkerHub;
  readonly claims: Claims;
  readonly attempts: Attempts;
  readonly settings: QueueSystemSettings;
  /** Stops what ran under leases that the store has ended: their workers are told over their streams. */
  endLeases(ended: readonly QueueLease[], reason: string): void;
  /** Ends the leases that are held over a stream at once: what its worker does is offered again. */
  forfeit(session: WorkerSession): void;
  /** Copies everything that is stored while it is in use; see Store.backup. */
  readonly backup: Store["backup"];
  /** The times that are stored were shifted, and the clock with them. */
  timesShifted(): void;
  /** Hands out nothing more and tells the workers; fulfilled when none holds anything, at the latest after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** The times that the queue lives by, in milliseconds. */
export interface QueueSystemSettings extends WorkerSettings {
  readonly drainGraceMs: number;
}

/** What the queue needs. */
export interface QueueSystemOptions {
  readonly store: Store;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly random: Random;
  readonly retries: Retries;
  readonly log: Log;
  readonly settings: QueueSystemSettings;
  readonly prepareStep: PrepareStep;
}

/** The queue over a store. */
export function createQueueSystem(options: QueueSystemOptions): QueueSystem {
  const { store, admission, clock, random, retries, log, settings, prepareStep } = options;
  const pending = createWaitGroup();
  const turns = createQueueTurns();
  const lanes = new KnownLanes();
  /** Settles what no caller waits for. What is not through when the server ends is offered again after the next start. */
  function settleAside(what: string, settlements: readonly Settlement[]): void {
    const settled = retries.untilDone(what, () => completer.complete(settlements));
    void pending.track(settled.catch(() => undefined));
  }
  const claimer = createTaskClaimer(store, prepareStep, {
    fail: (unfit, plan) =>
      settleAside(
        "failing steps that cannot be handed out",
        unfit.map(({ task, error }) => ({
          ...leaseOf(task, leaseKindOf(plan.leaseUntilMs)),
          outcome: { kind: "failed", error, terminal: true, retryDelayMs: null, random: 0 },
        })),
      ),
    giveBack(task, plan, cause) {
      log.warn({ error: cause, task: task.id }, "evaluating the parameters of a step failed; the step is released");
      const outcome = { kind: "released", delayMs: null, reason: null } as const;
      settleAside("giving a step back", [{ ...leaseOf(task, leaseKindOf(plan.leaseUntilMs)), outcome }]);
    },
  });
  const dispatcher = new Dispatcher({ store, claimer, clock, random, turns, lanes, pending, retries });
  const endReady = store.onReady((queue, n) => dispatcher.wake(queue, n));
  const scheduler = createScheduler(store, clock, retries);
  const completer = createOutcomeCompleter(store, clock, dispatcher, scheduler);
  const leases: LeaseTable = createLeaseTable(clock, (lease, why) => void expire([lease], why));
  const expire = createExpiry({
    ...{ leases, completer, random, retries, log },
    isWatched: (lease) => workers.watches(lease),
    onEnded: (lease, cancellation) => workers.cancel(lease, cancellation),
  });

  const context: WorkerContext = {
    store,
    claimer,
    clock,
    log,
    retries,
    leases,
    dispatcher,
    turns,
    lanes,
    completer,
    settings,
    pending,
    expire,
    giveBack(given, outcome = { kind: "unsent" }) {
      if (given.length === 0) return;
      settleAside(
        "giving tasks back",
        given.map((lease) => ({ ...lease, outcome })),
      );
    },
  };
  const workers = createWorkerHub(context);
  let endGrace: () => void = () => undefined;
  const feed = createTaskFeed(store, clock);
  const claims = createClaims(context);

  async function takeOverLeases(): Promise<void> {
    const nowMs = clock.now();
    const found = (await store.leases()).map((stored) => {
      const { startMs, attemptTimeoutMs, leaseUntilMs, ...found } = stored;
      const lease: HeldLease = { ...found, holder: found.workerId };
      // Nothing ends in the first lease period: while the server was down it could not hear any worker.
      const atLeast = (endMs: number | null) =>
        endMs === null ? null : Math.max(endMs - nowMs, settings.leaseDurationMs);
      const attemptEndMs = attemptTimeoutMs === null ? null : startMs + attemptTimeoutMs;
      leases.open(lease, { attemptMs: atLeast(attemptEndMs), leaseMs: atLeast(leaseUntilMs) });
      return lease;
    });
    workers.recover(found);
    if (found.length > 0) log.info({ leases: found.length }, "recovered leases from the database");
  }

  const service = createService({
    async start() {
      await takeOverLeases();
      await scheduler.start();
    },
    async stop() {
      endGrace();
      endReady();
      dispatcher.stop();
      claims.stop();
      workers.stop();
      leases.stop();
      await stopAll([scheduler, feed]);
      await pending.wait();
    },
  });

  return {
    ...service,
    tasks: createTasks({ store, admission, clock, dispatcher, scheduler, leases, workers }),
    queues: createQueues(store, clock, dispatcher),
    feed,
    workers,
    claims,
    attempts: createAttempts(store, clock, leases, completer),
    settings,
    backup: store.backup,

    forfeit: ({ holder }) => void expire([...leases.heldOverStream(holder).values()], "lease_lost"),

    endLeases(ended, reason) {
      for (const lease of ended) {
        // Also of a step that is not handed out yet: it ran, as far as `max_running` goes.
        dispatcher.ended(lease.queue);
        const held = leases.close(lease);
        if (held !== null) workers.cancel(held, calledOff(reason));
      }
    },

    timesShifted: scheduler.restart,

    async drain(graceMs) {
      dispatcher.stop();
      claims.stop();
      await feed.stop();
      const graceOver = new Promise<void>((resolve) => {
        const endTimer = clock.after(graceMs, resolve);
        endGrace = () => {
          endTimer();
          resolve();
        };
      });
      await Promise.race([workers.drainAll(graceMs), graceOver]);
      endGrace();
    },
  };
}
