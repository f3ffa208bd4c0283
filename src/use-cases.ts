import { Worker } from "node:worker_threads";
import { AuditLog } from "./access/audit-log.ts";
import { Directory } from "./access/directory.ts";
import { type Cluster, noCluster } from "./cluster/cluster.ts";
import type { Config } from "./config/settings.ts";
import { type Clock, systemClock } from "./domain/clock.ts";
import { createFanOut } from "./domain/fan-out.ts";
import type { Log } from "./domain/log.ts";
import { type Random, systemRandom } from "./domain/random.ts";
import { createRetries } from "./domain/retries.ts";
import { createServerClock, createStoppedClock } from "./domain/server-clock.ts";
import { createEventBroker } from "./events/event-broker.ts";
import { createClockJumps } from "./maintenance/clock-jumps.ts";
import { createRetentions } from "./maintenance/retention.ts";
import { Monitor } from "./monitor/monitor.ts";
import { QueueSystem } from "./queue/queue-system.ts";
import { createRegistry } from "./registry/registry.ts";
import { payloadCodec } from "./rpc/convert/json-payload.ts";
import { isPayload } from "./rpc/convert/payload.ts";
import { probe } from "./rpc/registry/probes/probe.ts";
import { workerCodec } from "./rpc/worker/worker.ts";
import { createAdmission } from "./store/admission.ts";
import type { Store } from "./store/store.ts";
import type { TaskTraces } from "./tracing/traces.ts";
import { registerWorkers } from "./worker-instances.ts";
import { createHeavyLane } from "./workflows/filling/heavy-lane.ts";
import { createJobRunner } from "./workflows/filling/job.ts";
import { createLanes } from "./workflows/filling/lanes.ts";
import { createStepPreparation } from "./workflows/step-preparation.ts";
import { createWorkflows } from "./workflows/workflows.ts";

/** What the use cases are made of. */
export interface UseCaseOptions {
  readonly config: Config;
  readonly log: Log;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Default: the machine's. */
  readonly random?: Random;
  /** Records what becomes of tasks. Default: nothing does. */
  readonly traces?: TaskTraces | null;
  /** How much was found damaged in the store. Default: nothing. */
  readonly damages?: () => number;
  /** Until when the server's certificate is valid. Default: it has none. */
  readonly certificateExpireMs?: () => number | null;
  /** The servers that share the store. Default: none does. */
  readonly cluster?: Cluster;
}

/** The use cases of a server. */
export type UseCases = ReturnType<typeof createUseCases>;

/** Creates the use cases over a store, and all that runs behind them. */
export function createUseCases(options: UseCaseOptions, store: Store) {
  const {
    config,
    log,
    random = systemRandom,
    clock: machine = systemClock,
    traces = null,
    cluster = noCluster,
  } = options;
  const admission = createAdmission(config);
  const { asOfMs } = store;
  const clock =
    asOfMs === null ? createServerClock(cluster.storageClock ?? machine) : createStoppedClock(asOfMs, machine);
  const retries = createRetries({ clock, random, log });
  const heavyLane = createHeavyLane(startParameterThread, clock);
  const lanes = createLanes(createJobRunner(payloadCodec), heavyLane, clock);
  const prepareStep = createStepPreparation(lanes);
  const common = { store, admission, clock, retries };
  const queueSystem = new QueueSystem({
    ...common,
    random,
    log,
    settings: config,
    prepareStep,
    isPayload,
    traces,
    cluster,
    workerCodec,
  });
  const workflows = createWorkflows({
    store,
    admission,
    clock,
    lanes,
    attendance: (queue) => queueSystem.workers.attendance(queue),
    explain: queueSystem.explain,
    endLeases: (ended, reason) => queueSystem.endLeases(ended, reason),
  });
  // Instances that are only shown stay as they are: no silence counts.
  const registryClock = asOfMs === null ? clock : { ...clock, after: () => () => undefined };
  const registry = createRegistry({ store, clock: registryClock, random, retries, log, probe, cluster });
  registerWorkers(queueSystem.workers, registry.workers);
  const directory = new Directory(store, clock);
  directory.onChange((isOwn) => isOwn && cluster.tell({ revised: true }));
  cluster.onRevised("access", () => directory.load());
  const fanOut = createFanOut(clock);
  const broker = createEventBroker({
    ...common,
    fanOut,
    cluster,
    rateOf: (name) => queueSystem.deliveryRates.rateOf(name),
  });
  const onFollowed = () => queueSystem.timesShifted();
  const clockJumps = createClockJumps({ clock, store, retries, log, cluster, onFollowed });
  // Of servers that share a database one deletes.
  const mayDelete = () => cluster.isLeader && clockJumps.mayDelete();
  const auditLog = new AuditLog({ store, clock, retries, log });
  const monitor = new Monitor({
    store,
    clock,
    rates: queueSystem.rates,
    workers: queueSystem.allWorkers,
    registry,
    settings: { ...config, knowsWorkers: asOfMs === null },
    refusals: () => auditLog.refusedLately,
    damages: options.damages ?? (() => 0),
    certificateExpireMs: options.certificateExpireMs ?? (() => null),
  });
  const intervalMs = config.retentionIntervalMs;
  const retentions = createRetentions(store, config, { clock, retries, mayDelete, intervalMs });
  return {
    clock,
    store,
    cluster,
    admission,
    directory,
    queueSystem,
    workflows,
    registry,
    broker,
    fanOut,
    clockJumps,
    auditLog,
    monitor,
    /**
     * In the order of their start: the clock is compared with the file before anything is written to it.
     *
     * The retries and the heavy lane stop before the queue, whose stop waits for its claims and for the tasks that it gives back:
     * neither a full disk nor costly parameters may hold it up. Nothing is lost by that. A step whose parameters are not worked out
     * is given back, while the store is still open. A task that cannot be given back at the first try stays leased on the disk, and
     * its lease ends after the next start.
     *
     * Where a store is only shown, nothing runs that writes: no lease ends, no task becomes due, nothing is deleted.
     */
    services:
      asOfMs === null
        ? [clockJumps, queueSystem, registry, broker, monitor, ...retentions, heavyLane, retries]
        : [registry, monitor, heavyLane, retries],
    /** They stop before the grace of a drain begins. */
    feeds: [queueSystem.feed, workflows.feed, registry.feed, broker.feed, monitor.feed],
  };
}

/** Starts the thread for costly parameters of workflows. */
function startParameterThread(): Worker {
  return new Worker(new URL(`./parameter-thread.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url));
}
