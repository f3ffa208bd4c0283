import { type Cluster, noCluster } from "../cluster/cluster.ts";
import type { ValueCodec } from "../cluster/shared-maps.ts";
import type { Clock } from "../domain/clock.ts";
import { type EndedLease, leaseKindOf, leaseOf } from "../domain/lease.ts";
import type { Log } from "../domain/log.ts";
import type { Random } from "../domain/random.ts";
import { streamReplaced } from "../domain/refusals/workers.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service, startAll, stopAll } from "../domain/service.ts";
import { serverErrors } from "../domain/tasks/task.ts";
import { createWaitGroup } from "../domain/wait-group.ts";
import { createScheduler, type Scheduler } from "../maintenance/scheduler.ts";
import type { Admission } from "../store/admission.ts";
import type { Store } from "../store/store.ts";
import type { StoredLease } from "../store/task-store.ts";
import type { TaskTraces } from "../tracing/traces.ts";
import { AllWorkers, type WorkerReport } from "./all-workers.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { KnownLanes } from "./dispatch/known-lanes.ts";
import { createQueueTurns } from "./dispatch/queue-turns.ts";
import { unknownStaff } from "./dispatch/staff.ts";
import { StickyClaims } from "./dispatch/sticky-claims.ts";
import { createTaskClaimer, type PrepareStep, type UnfitTasks } from "./dispatch/task-claimer.ts";
import { LeaseEnder } from "./leases/lease-ender.ts";
import { LeaseTable } from "./leases/lease-table.ts";
import { OutcomeCompleter } from "./leases/outcome-completer.ts";
import type { HeldLease, LeaseOrigin } from "./leases/watched-lease.ts";
import { shareQueues } from "./share-queues.ts";
import { roomCodec, shareWorkers } from "./share-workers.ts";
import { type Attempts, createAttempts } from "./tasks/attempts.ts";
import { createExplanations, type ExplainTasks } from "./tasks/explanations.ts";
import { QueueRates } from "./tasks/queue-rates.ts";
import { createQueues, type Queues } from "./tasks/queues.ts";
import { createTaskFeed, type TaskFeed } from "./tasks/task-feed.ts";
import { createTasks, type Tasks } from "./tasks/tasks.ts";
import { ClaimWaiters } from "./workers/claim-waiters.ts";
import { Claimers } from "./workers/claimers.ts";
import type { Hello, WorkerChannel } from "./workers/worker-channel.ts";
import { WorkerHub } from "./workers/worker-hub.ts";
import type { WorkerSession, WorkerSettings } from "./workers/worker-session.ts";
import { WorkerStatistics } from "./workers/worker-statistics.ts";
import { WorkersElsewhere } from "./workers-elsewhere.ts";

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
  /** Whether the bytes of a payload can be decoded. */
  readonly isPayload: (bytes: Uint8Array) => boolean;
  /** Records what becomes of tasks; `null`: nothing does. */
  readonly traces: TaskTraces | null;
  /** The servers that share the store. Default: none does. */
  readonly cluster?: Cluster;
  /** How workers are shown to those servers. */
  readonly workerCodec: ValueCodec<WorkerReport>;
}

/**
 * The queue as a whole: every use case, over one store. Its start takes over the leases that are on the disk: no call may come
 * before. After its stop it makes no calls to the store.
 *
 * Its parts are built in one direction: leases → completer → dispatcher → workers. What comes back goes by a listener.
 */
export class QueueSystem implements Service {
  readonly tasks: Tasks;
  readonly queues: Queues;
  readonly explain: ExplainTasks;
  readonly rates: QueueRates;
  /** Of the deliveries of each subscription, by its name. */
  readonly deliveryRates: QueueRates;
  readonly feed: TaskFeed;
  /** The workers of this server. */
  readonly workers: WorkerHub;
  /** The workers of all servers that share the store. */
  readonly allWorkers: AllWorkers;
  readonly claims: ClaimWaiters;
  readonly attempts: Attempts;
  readonly settings: QueueSystemSettings;
  /** Copies everything that is stored while it is in use; see Store.backup. */
  readonly backup: Store["backup"];
  private readonly store: Store;
  private readonly clock: Clock;
  private readonly log: Log;
  /** Claims that are not delivered or given back yet, and what is completed aside. */
  private readonly pending = createWaitGroup();
  private readonly leases: LeaseTable;
  private readonly scheduler: Scheduler;
  private readonly dispatcher: Dispatcher;
  private readonly ender: LeaseEnder;
  private readonly service: Service;
  private readonly endListening: () => void;
  private readonly cluster: Cluster;
  private readonly sharing: Service;
  /** The last `hello` of each worker whose session has not begun. */
  private readonly newestHellos = new Map<string, Hello>();
  /** Ends the grace of a drain. */
  private endGrace: () => void = () => undefined;

  /** Creates the queue over a store. */
  constructor(options: QueueSystemOptions) {
    const { store, admission, clock, random, retries, log, settings, prepareStep, isPayload, traces } = options;
    const { cluster = noCluster, workerCodec } = options;
    const { pending } = this;
    this.store = store;
    this.clock = clock;
    this.log = log;
    this.settings = settings;
    this.cluster = cluster;
    this.backup = (...request) => store.backup(...request);
    const leases = new LeaseTable(clock);
    const scheduler = createScheduler(store, clock, retries, cluster);
    const completer = new OutcomeCompleter({ store, clock, random, retries, scheduler, pending });
    const [rates, deliveryRates] = [new QueueRates(clock), new QueueRates(clock)];
    const claimer = createTaskClaimer(
      seenClaims(store, rates, traces),
      prepareStep,
      unfitTasks(completer, log),
      isPayload,
    );
    const [turns, lanes] = [createQueueTurns(), new KnownLanes()];
    const reports = cluster.sharedMap("workers", workerCodec);
    const room = cluster.sharedMap("room", roomCodec);
    const workersElsewhere = new WorkersElsewhere({ cluster, reports, room });
    const sticky = new StickyClaims((queue) => workersElsewhere.of(queue));
    const dispatcher = new Dispatcher({ store, claimer, clock, random, turns, lanes, sticky, pending, retries });
    workersElsewhere.onChange(() => dispatcher.changedElsewhere());
    completer.onEnded((queue) => dispatcher.ended(queue));
    const listening = [
      store.onReady((queue, n) => dispatcher.wake(queue, n)),
      store.onFlow((flows) => rates.add(flows)),
      store.onDeliveryFlow((flows) => {
        for (const flow of flows) deliveryRates.count(flow.subscription, flow);
      }),
    ];
    this.endListening = () => {
      for (const end of listening) end();
    };
    this.rates = rates;
    this.deliveryRates = deliveryRates;
    const statistics = new WorkerStatistics(clock);
    const claimers = new Claimers(clock, leases);
    const shared = { store, clock, dispatcher, leases, completer, claimers };
    this.workers = new WorkerHub({ ...shared, retries, settings, log, statistics, serverId: cluster.serverId });
    this.ender = new LeaseEnder({ leases, completer, workers: this.workers, statistics, retries, log, cluster });
    this.allWorkers = new AllWorkers({ hub: this.workers, cluster, reports, codec: workerCodec });
    cluster.onAdopted((adopted) => this.takeOver(adopted, settings.leaseDurationMs, "adopted"));
    const own = { leases, hub: this.workers, ender: this.ender, reports, room, sticky };
    this.sharing = shareWorkers({ cluster, store: store.cluster, ...own, clock });
    this.claims = new ClaimWaiters({ ...shared, claimer, turns, lanes, pending });
    this.tasks = createTasks({ store, admission, clock, dispatcher, scheduler, ender: this.ender, traces });
    const onUpdated = (queue: string) =>
      cluster.tell({ ready: new Map([[queue, Number.POSITIVE_INFINITY]]), revised: true });
    this.queues = createQueues({ store, clock, dispatcher, onUpdated });
    const staffOf = (queue: string) => (store.asOfMs === null ? dispatcher.staffOf(queue) : unknownStaff);
    this.explain = createExplanations({ store, clock, dispatcher: { staffOf }, rates });
    this.attempts = createAttempts(store, clock, leases, completer, statistics, claimers, (lease) =>
      this.takeOver([lease], 0),
    );
    this.feed = createTaskFeed(store, clock);
    shareQueues({ cluster, store, dispatcher, completer });
    this.leases = leases;
    this.scheduler = scheduler;
    this.dispatcher = dispatcher;
    this.service = createService({ start: () => this.begin(), stop: () => this.end() });
  }

  start(): Promise<void> {
    return this.service.start();
  }

  stop(): Promise<void> {
    return this.service.stop();
  }

  /**
   * Begins a session; see WorkerHub.connect. Tasks that the worker names and that this server does not watch are taken up first: a crash
   * may have forgotten that they were handed out, or another server watches them.
   *
   * @throws SitqError STREAM_REPLACED if the worker has said `hello` again meanwhile
   */
  async connect(hello: Hello, channel: WorkerChannel): Promise<WorkerSession> {
    const { newestHellos } = this;
    const named = this.workers.leasesToTakeUp(hello);
    newestHellos.set(hello.workerId, hello);
    if (named.length > 0) {
      const takenLeases = await this.store.takeUp(named, this.clock.now());
      this.takeOver(
        takenLeases,
        this.settings.leaseDurationMs,
        newestHellos.get(hello.workerId) === hello ? "named" : "own",
      );
      if (takenLeases.length > 0) this.cluster.tell({ takenLeases });
    }
    if (newestHellos.get(hello.workerId) !== hello) throw streamReplaced();
    newestHellos.delete(hello.workerId);
    return this.workers.connect(hello, channel);
  }

  /** Stops attempts whose leases the store has ended: their workers get `cancel` over their streams. */
  endLeases(ended: readonly EndedLease[], reason: string): void {
    this.ender.endCancelled(ended, reason);
  }

  /** Ends the leases that are held over a stream at once: what its worker does is offered again. */
  forfeit(session: WorkerSession): void {
    this.workers.forfeit(session);
  }

  /** The times that are stored were shifted, and the clock with them. */
  timesShifted(): void {
    this.scheduler.restart();
  }

  /** Stops handing out tasks and sends `drain` to the workers; resolves when none holds a task, at the latest after `graceMs`. */
  async drain(graceMs: number): Promise<void> {
    this.dispatcher.stop();
    this.claims.stop();
    await this.feed.stop();
    const { promise: graceOver, resolve } = Promise.withResolvers<void>();
    const endTimer = this.clock.after(graceMs, resolve);
    this.endGrace = () => {
      endTimer();
      resolve();
    };
    await Promise.race([this.workers.drainAll(graceMs), graceOver]);
    this.endGrace();
  }

  private async begin(): Promise<void> {
    const found = await this.store.leases();
    this.takeOver(found);
    if (found.length > 0) this.log.info({ leases: found.length }, "recovered leases from the database");
    await startAll([this.scheduler, this.sharing]);
  }

  /**
   * Watches leases that are stored, each for `leastMs` at least: their workers have a whole lease to come back, unless they are here, for while the
   * server was down it could not hear any.
   *
   * @param from as of WorkerHub.recover
   */
  private takeOver(stored: readonly StoredLease[], leastMs = this.settings.leaseDurationMs, from?: LeaseOrigin): void {
    const [nowMs, monotonicMs] = [this.clock.now(), this.clock.monotonic()];
    const found = stored.map(({ startMs, attemptTimeoutMs, leaseUntilMs, ...found }) => {
      const lease: HeldLease = { ...found, holder: found.workerId };
      const atLeast = (endMs: number | null) => (endMs === null ? null : Math.max(endMs - nowMs, leastMs));
      const attemptEndMs = attemptTimeoutMs === null ? null : startMs + attemptTimeoutMs;
      return this.leases.open(lease, {
        attemptMs: atLeast(attemptEndMs),
        leaseMs: atLeast(leaseUntilMs),
        startMs: monotonicMs - Math.max(nowMs - startMs, 0),
      });
    });
    this.workers.recover(found, from);
  }

  private async end(): Promise<void> {
    this.endGrace();
    this.endListening();
    this.dispatcher.stop();
    this.claims.stop();
    this.workers.stop();
    this.leases.stop();
    await stopAll([this.scheduler, this.sharing, this.feed]);
    await this.pending.wait();
  }
}

/** Counts what claims find, and records it. */
function seenClaims(store: Store, rates: QueueRates, traces: TaskTraces | null): Pick<Store, "claim" | "updateLeases"> {
  return {
    updateLeases: (...request) => store.updateLeases(...request),
    async claim(plan, nowMs) {
      const answer = await store.claim(plan, nowMs);
      if (answer.tasks.length > 0) rates.handedOut(plan.queue, answer.tasks.length);
      traces?.handedOut(answer.tasks);
      return answer;
    },
  };
}

/** Completes what is claimed and not handed out. */
function unfitTasks(completer: OutcomeCompleter, log: Log): UnfitTasks {
  return {
    fail(unfit, plan) {
      const damaged = unfit.flatMap(({ task, error }) => (error === serverErrors.dataLoss ? task.id : []));
      if (damaged.length > 0)
        log.error({ task_ids: damaged }, "damaged tasks are FAILED with DATA_LOSS and not handed out");
      completer.completeAside(
        "failing tasks that cannot be handed out",
        unfit.map(({ task, error }) => ({
          ...leaseOf(task, leaseKindOf(plan.leaseUntilMs)),
          outcome: { kind: "failed", error, terminal: true, retryDelayMs: null },
        })),
      );
    },
    giveBack(task, plan, cause) {
      log.warn({ error: cause, task: task.id }, "evaluating the parameters of a step failed; the step is released");
      const outcome = { kind: "released", delayMs: null, reason: null } as const;
      completer.completeAside("giving a step back", [{ ...leaseOf(task, leaseKindOf(plan.leaseUntilMs)), outcome }]);
    },
  };
}
