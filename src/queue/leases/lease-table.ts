import { TransientMap } from "../../collections/transient-map.ts";
import type { Clock } from "../../domain/clock.ts";
import { isSameLease, type Lease } from "../../domain/lease.ts";
import { startLeaseTimer } from "../../domain/lease-timer.ts";
import { type HeldLease, LeaseChain, WatchedLease } from "./watched-lease.ts";

/** The name of one process among those of the same worker id; neither part holds a space. */
export function holderOf(workerId: string, incarnation: string): string {
  return incarnation === "" ? workerId : `${workerId} ${incarnation}`;
}

/** How long a lease is watched. */
export interface LeaseTerms {
  /** How long this attempt may still run, in milliseconds; `null`: no bound. */
  readonly attemptMs: number | null;
  /** How long the lease lasts unless it is extended, in milliseconds; `null`: its worker's stream decides. */
  readonly leaseMs: number | null;
  /** When the task was handed out, by the monotonic clock; not set: now. */
  readonly startMs?: number;
}

/** Why a lease ended without a report of its worker. */
export type Overdue = "lease_lost" | "timed_out";

/** Called with leases whose time is up. They stay open until they are closed. */
export type OverdueListener = (leases: readonly HeldLease[], why: Overdue) => void;

const nothing = () => undefined;

/**
 * All leases that are held, with their timers. The database decides who holds a lease; this table decides when its time is up.
 * Leases run on the monotonic clock: no jump of the wall clock ends one.
 */
export class LeaseTable {
  private readonly clock: Clock;
  /** By task id. */
  private readonly leases = new TransientMap<string, WatchedLease>();
  /** The leases that streams keep alive, by holder. A holder without leases is not in it. */
  private readonly chains = new Map<string, LeaseChain>();
  /** Those that their workers have to extend, by worker. */
  private readonly unaryChains = new Map<string, LeaseChain>();
  private readonly closedListeners = new Set<() => void>();
  private overdueListener: OverdueListener = nothing;

  /** Creates an empty table. */
  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** Sets what is called once for each lease whose time is up. */
  onOverdue(listener: OverdueListener): void {
    this.overdueListener = listener;
  }

  /** Calls `listener` whenever a lease is closed, until the answered function is called. */
  onClosed(listener: () => void): () => void {
    this.closedListeners.add(listener);
    return () => this.closedListeners.delete(listener);
  }

  /** Watches a lease. Answers what is kept of it. */
  open(lease: HeldLease, { attemptMs, leaseMs, startMs = this.clock.monotonic() }: LeaseTerms): WatchedLease {
    const former = this.leases.get(lease.taskId);
    if (former !== undefined) this.forget(former);
    const watched = new WatchedLease(lease, startMs);
    this.limitAttempt(watched, attemptMs);
    watched.endLeaseTimer = this.startTimer(leaseMs, watched, "lease_lost");
    this.leases.set(lease.taskId, watched);
    this.chain(watched);
    return watched;
  }

  /** The task of a lease that was opened without a bound of its attempt is handed out now, with the one that it has. */
  start(lease: WatchedLease, attemptMs: number | null, startMs: number): void {
    lease.startMs = startMs;
    lease.isAhead = false;
    this.limitAttempt(lease, attemptMs);
  }

  /** Watches a lease again that was closed here, for what is left of its attempt's time. */
  reopen(lease: WatchedLease): void {
    const { attemptEndMs } = lease;
    this.open(lease, {
      attemptMs: attemptEndMs === null ? null : attemptEndMs - this.clock.monotonic(),
      leaseMs: null,
      startMs: lease.startMs,
    });
  }

  /** Starts a unary lease's time afresh if it is this one. */
  extend(lease: Lease, leaseMs: number): void {
    const watched = this.find(lease);
    if (watched?.leaseKind !== "unary") return;
    watched.endLeaseTimer();
    watched.endLeaseTimer = this.startTimer(leaseMs, watched, "lease_lost");
  }

  /** All that are watched, in any order. */
  all(): WatchedLease[] {
    return [...this.leases.values()];
  }

  /** Whether this very lease is watched since: not closed, nor opened once more. */
  isWatched(lease: WatchedLease): boolean {
    return this.leases.get(lease.taskId) === lease;
  }

  /** Whether the task of a lease was handed out before a moment of the wall clock. */
  beganBefore({ startMs }: WatchedLease, wallMs: number): boolean {
    return startMs <= this.clock.monotonic() - (this.clock.now() - wallMs);
  }

  /** Whether a task is leased, to any worker. */
  isHeld(taskId: string): boolean {
    return this.leases.get(taskId) !== undefined;
  }

  /** Whether the time of a task's lease runs; that of a stream's never does. */
  isTimed(taskId: string): boolean {
    return (this.leases.get(taskId)?.endLeaseTimer ?? nothing) !== nothing;
  }

  /** Forgets a lease if it is this one, and answers it. */
  close(lease: Lease): WatchedLease | null {
    const watched = this.find(lease);
    if (watched === null) return null;
    this.forget(watched);
    for (const listener of this.closedListeners) listener();
    return watched;
  }

  /** Reports leases as lost before their time is up. */
  expire(leases: Iterable<HeldLease>): void {
    this.overdueListener([...leases], "lease_lost");
  }

  /** How many leases the stream of a process keeps alive. */
  countOverStream(holder: string): number {
    return this.chains.get(holder)?.length ?? 0;
  }

  /** The leases that the stream of a process keeps alive, the oldest first. */
  heldOverStream(holder: string): WatchedLease[] {
    return this.chains.get(holder)?.toArray() ?? [];
  }

  /** The lease that the stream of a process has kept alive for longest, of tasks that were handed out; `null`: it holds none. */
  oldestOverStream(holder: string): Pick<WatchedLease, "taskId" | "startMs"> | null {
    return oldestOf(this.chains.get(holder));
  }

  /** How many leases a worker has to extend. */
  countUnary(workerId: string): number {
    return this.unaryChains.get(workerId)?.length ?? 0;
  }

  /** The lease that a worker has had to extend for longest; `null`: it holds none. */
  oldestUnary(workerId: string): Pick<WatchedLease, "taskId" | "startMs"> | null {
    return oldestOf(this.unaryChains.get(workerId));
  }

  /** The process whose stream keeps the lease of a task alive; `null`: none. */
  streamOf(taskId: string): string | null {
    const watched = this.leases.get(taskId);
    return watched?.leaseKind === "stream" ? watched.holder : null;
  }

  /** Hands the leases of one holder over to another of the same worker. */
  adopt(from: string, to: string): void {
    const chain = this.chains.get(from);
    if (from === to || chain === undefined) return;
    for (const watched of chain.toArray()) {
      this.unchain(watched);
      watched.holder = to;
      this.chain(watched);
    }
  }

  /** Ends the timers. Idempotent. */
  stop(): void {
    for (const watched of this.leases.values()) this.forget(watched);
  }

  private limitAttempt(lease: WatchedLease, attemptMs: number | null): void {
    if (attemptMs === null) return;
    lease.attemptEndMs = this.clock.monotonic() + attemptMs;
    lease.endAttemptTimer = this.startTimer(attemptMs, lease, "timed_out");
  }

  private startTimer(ms: number | null, lease: HeldLease, why: Overdue): () => void {
    return ms === null ? nothing : startLeaseTimer(this.clock, ms, () => this.overdueListener([lease], why));
  }

  private find(lease: Lease): WatchedLease | null {
    const watched = this.leases.get(lease.taskId);
    return watched !== undefined && isSameLease(watched, lease) ? watched : null;
  }

  private forget(watched: WatchedLease): void {
    watched.endAttemptTimer();
    watched.endLeaseTimer();
    this.leases.delete(watched.taskId);
    this.unchain(watched);
  }

  private chain(watched: WatchedLease): void {
    const chains = this.chainsOf(watched);
    let chain = chains.get(watched.holder);
    if (chain === undefined) {
      chain = new LeaseChain();
      chains.set(watched.holder, chain);
    }
    chain.add(watched);
  }

  private unchain(watched: WatchedLease): void {
    const chains = this.chainsOf(watched);
    const chain = chains.get(watched.holder);
    chain?.remove(watched);
    if (chain?.length === 0) chains.delete(watched.holder);
  }

  private chainsOf({ leaseKind }: WatchedLease): Map<string, LeaseChain> {
    return leaseKind === "stream" ? this.chains : this.unaryChains;
  }
}

function oldestOf(chain: LeaseChain | undefined): WatchedLease | null {
  // Usually the first; one that was reopened, was claimed ahead, or was handed over by another process, comes later.
  let oldest: WatchedLease | null = null;
  for (const lease of chain?.toArray() ?? []) {
    if (!lease.isAhead && (oldest === null || lease.startMs < oldest.startMs)) oldest = lease;
  }
  return oldest;
}
