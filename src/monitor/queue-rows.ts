import type { Clock } from "../domain/clock.ts";
import type { FailureFacts, QueueFacts } from "../domain/monitor/facts.ts";
import { problemsFirstKey, worstOf } from "../domain/monitor/queue-order.ts";
import { findingsChangeMs, type QueueFinding, queueFindings } from "../domain/monitor/queue-problems.ts";
import { depthLimit } from "../domain/tasks/queue.ts";
import { taskStates } from "../domain/tasks/task.ts";
import type { QueueRate, QueueRates } from "../queue/tasks/queue-rates.ts";
import type { ListedWorker, PresentWorker } from "../queue/workers/worker-view.ts";
import type { OverviewStore, QueueSnapshot } from "../store/overview-store.ts";
import { SteadyKeys } from "./steady-keys.ts";

/** A queue as it is now. */
export interface QueueRow extends QueueFacts {
  /** Tasks that its workers run at most, of all their queues. */
  readonly capacity: number;
  /** Tasks that its workers run, of all their queues. */
  readonly inFlight: number;
  readonly rate: QueueRate;
  /** What is wrong with it. */
  readonly findings: readonly QueueFinding[];
  /** The worst of that; `null`: nothing is. */
  readonly worst: QueueFinding | null;
  /** Its place in the order by problems, the lowest first. */
  readonly orderKey: number;
}

/** What rows are made from. */
export interface QueueRowSources {
  readonly store: Pick<OverviewStore, "changedQueues">;
  readonly rates: Pick<QueueRates, "rateOf" | "moving" | "step">;
  readonly workers: { list(): readonly PresentWorker<ListedWorker>[] };
  readonly clock: Pick<Clock, "now">;
  readonly maxQueueDepth: number;
  /** Whether workers can be there: see Thresholds. */
  readonly knowsWorkers: boolean;
  /** Failures of a queue within the last hour; `null`: there were none. */
  failuresOf(queue: string): FailureFacts | null;
}

/** The workers of a queue together. */
interface QueueWorkers {
  workers: number;
  capacity: number;
  inFlight: number;
  /** The types that they take; `null`: one takes all. */
  types: Set<string> | null;
}

/** How many queues one call of the store reads: a few milliseconds, if tasks wait in all of them. */
const pageSize = 250;
/** How long a task may wait before that is a problem, in milliseconds. */
export const maxWaitMs = 300_000;
/** How often a queue is looked at whose failures are forgotten minute by minute, in milliseconds. */
const failuresMs = 60_000;

const noWorkers: QueueWorkers = { workers: 0, capacity: 0, inFlight: 0, types: new Set() };
const noPassedOver: readonly never[] = [];

/**
 * All queues as they are now, in memory. An update reads only what may have changed since the last one, so that it costs what the
 * queues do that do something, however many there are.
 */
export class QueueRows {
  readonly #sources: QueueRowSources;
  readonly #snapshots = new Map<string, QueueSnapshot>();
  readonly #rows = new Map<string, QueueRow>();
  #revision = 0;
  #workers: ReadonlyMap<string, QueueWorkers> = new Map();
  /** The step of the rates at the last update: within one, a queue has the rate that it had when it changed last. */
  #step = 0;
  #changed = new Set<string>();
  /** When rows change by time alone, by the wall clock. */
  readonly #due = new Map<string, number>();
  readonly #keys = new SteadyKeys();
  #orders = 0;
  #version = 0;
  /** The names, sorted; `null`: there are new ones. */
  #names: readonly string[] | null = null;
  #updating: Promise<void> = Promise.resolve();
  /** An update that has not begun; callers share it. */
  #next: Promise<void> | null = null;

  /** There are no rows before the first update. */
  constructor(sources: QueueRowSources) {
    this.#sources = sources;
  }

  /** The queue of a name. */
  get(name: string): QueueRow | undefined {
    return this.#rows.get(name);
  }

  /** The names of all queues, sorted. */
  names(): readonly string[] {
    this.#names ??= [...this.#rows.keys()].sort();
    return this.#names;
  }

  /** Another number whenever the order by problems, or the names, have changed. */
  get orders(): number {
    return this.#orders;
  }

  /** Another number whenever any row has changed. */
  get version(): number {
    return this.#version;
  }

  /** The queues that have changed since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** Takes in what has happened until the call. */
  update(): Promise<void> {
    if (this.#next !== null) return this.#next;
    const next = this.#updating
      .catch(() => undefined)
      .then(() => {
        this.#next = null;
        return this.#update();
      });
    this.#next = next;
    this.#updating = next;
    return next;
  }

  async #update(): Promise<void> {
    const changed = await this.#readChanged();
    const workers = workersByQueue(this.#sources.workers.list());
    for (const name of differing(this.#workers, workers)) changed.add(name);
    this.#workers = workers;
    const { rates } = this.#sources;
    if (rates.step !== this.#step) for (const name of rates.moving()) if (this.#hasOtherRate(name)) changed.add(name);
    this.#step = rates.step;
    const nowMs = this.#sources.clock.now();
    for (const [name, dueMs] of this.#due) if (dueMs <= nowMs) changed.add(name);
    for (const name of changed) this.#refresh(name, nowMs);
  }

  #hasOtherRate(name: string): boolean {
    const before = this.#rows.get(name)?.rate;
    const now = this.#sources.rates.rateOf(name);
    return before === undefined || !isSameRate(before, now);
  }

  async #readChanged(): Promise<Set<string>> {
    const { store, clock } = this.#sources;
    const changed = new Set<string>();
    for (let isFirstPage = true; ; isFirstPage = false) {
      const query = { since: this.#revision, isFirstPage, limit: pageSize };
      const { queues, revision, isAll } = await store.changedQueues(query, clock.now());
      for (const queue of queues) {
        this.#snapshots.set(queue.name, queue);
        changed.add(queue.name);
      }
      this.#revision = revision;
      if (isAll) return changed;
    }
  }

  #refresh(name: string, nowMs: number): void {
    const snapshot = this.#snapshots.get(name);
    if (snapshot === undefined) return;
    const before = this.#rows.get(name);
    const row = this.#rowOf(snapshot, before, nowMs);
    this.#lookAgain(row, nowMs);
    if (before === undefined) this.#names = null;
    if (before?.orderKey !== row.orderKey) this.#orders++;
    if (before !== undefined && isSame(before, row)) return;
    this.#rows.set(name, row);
    this.#version++;
    this.#changed.add(name);
  }

  #rowOf(snapshot: QueueSnapshot, before: QueueRow | undefined, nowMs: number): QueueRow {
    const facts = this.#factsOf(snapshot);
    const findings = queueFindings(facts, { nowMs, maxWaitMs, knowsWorkers: this.#sources.knowsWorkers });
    const worst = worstOf(findings);
    const key = problemsFirstKey(worst?.severity ?? null, facts, facts.rate.finished);
    return { ...facts, findings, worst, orderKey: this.#keys.of(facts.name, before?.orderKey ?? null, key, nowMs) };
  }

  #factsOf(snapshot: QueueSnapshot): Omit<QueueRow, "findings" | "worst" | "orderKey"> {
    const { name, paused, pausedBy, maxRunning, counts, oldestReadyMs, passedOver } = snapshot;
    const { workers, capacity, inFlight, types } = this.#workers.get(name) ?? noWorkers;
    const rate = this.#sources.rates.rateOf(name);
    const isHandled = types === null || workers === 0;
    return {
      name,
      paused,
      ...(pausedBy && { pausedBy }),
      depthLimit: depthLimit(snapshot, this.#sources.maxQueueDepth),
      maxRunning,
      counts,
      oldestReadyMs,
      workers,
      unhandled: isHandled ? noPassedOver : passedOver.filter(({ type }) => !types.has(type)),
      handOutRate: rate.handedOut,
      failures: this.#sources.failuresOf(name),
      capacity,
      inFlight,
      rate,
    };
  }

  /** Notes when a row changes by time alone. */
  #lookAgain(row: QueueRow, nowMs: number): void {
    const { name, failures } = row;
    const forgottenMs = failures === null ? Number.POSITIVE_INFINITY : nowMs + failuresMs;
    const dueMs = Math.min(findingsChangeMs(row, { nowMs, maxWaitMs }), this.#keys.changeMs(name), forgottenMs);
    if (Number.isFinite(dueMs)) this.#due.set(name, dueMs);
    else this.#due.delete(name);
  }
}

function workersByQueue(workers: readonly PresentWorker<ListedWorker>[]): Map<string, QueueWorkers> {
  const byQueue = new Map<string, QueueWorkers>();
  for (const { hello, state, capacity, inFlight } of workers) {
    if (state === "disconnected") continue;
    for (const queue of new Set(hello.queues)) {
      const sum = byQueue.get(queue) ?? { workers: 0, capacity: 0, inFlight: 0, types: new Set() };
      sum.workers++;
      sum.capacity += capacity;
      sum.inFlight += inFlight;
      if (hello.types.length === 0) sum.types = null;
      for (const type of hello.types) sum.types?.add(type);
      byQueue.set(queue, sum);
    }
  }
  return byQueue;
}

/** The queues whose workers differ. */
function* differing(a: ReadonlyMap<string, QueueWorkers>, b: ReadonlyMap<string, QueueWorkers>): Generator<string> {
  for (const name of a.keys()) if (!b.has(name)) yield name;
  for (const [name, now] of b) {
    const { workers, capacity, inFlight, types } = a.get(name) ?? noWorkers;
    const isEqual = workers === now.workers && capacity === now.capacity && inFlight === now.inFlight;
    if (!isEqual || `${[...(types ?? "*")]}` !== `${[...(now.types ?? "*")]}`) yield name;
  }
}

const compared = [
  "paused",
  "depthLimit",
  "maxRunning",
  "oldestReadyMs",
  "workers",
  "capacity",
  "inFlight",
  "orderKey",
] as const;
const comparedRates = ["enqueued", "handedOut", "finished", "failed"] as const;

function isSameRate(a: QueueRate, b: QueueRate): boolean {
  return comparedRates.every((kind) => a[kind] === b[kind]);
}

function isSame(a: QueueRow, b: QueueRow): boolean {
  return (
    compared.every((field) => a[field] === b[field]) &&
    taskStates.every((state) => a.counts[state] === b.counts[state]) &&
    isSameRate(a.rate, b.rate) &&
    a.findings.length === b.findings.length &&
    a.findings.every(
      ({ severity, kind }, at) => severity === b.findings[at]?.severity && kind === b.findings[at]?.kind,
    ) &&
    a.pausedBy?.principal === b.pausedBy?.principal &&
    a.pausedBy?.reason === b.pausedBy?.reason &&
    a.failures?.count === b.failures?.count &&
    a.failures?.sinceMs === b.failures?.sinceMs &&
    a.unhandled.length === b.unhandled.length &&
    a.unhandled.every(({ type, count }, at) => type === b.unhandled[at]?.type && count === b.unhandled[at]?.count)
  );
}
