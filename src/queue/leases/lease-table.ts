import type { Clock } from "../../domain/clock.ts";
import { isSameLease, type Lease, type QueueLease } from "../../domain/lease.ts";
import { startLeaseTimer } from "../../domain/lease-timer.ts";

/** A lease in the hands of a process. */
export interface HeldLease extends QueueLease {
  /** The process that holds it: `holderOf` its worker and incarnation; of a unary lease the worker alone. */
  readonly holder: string;
}

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
}

/** Why a lease ended without a report of its worker. */
export type Overdue = "lease_lost" | "timed_out";

/** Called with leases whose time is up. They stay open until they are closed. */
export type OverdueListener = (leases: readonly HeldLease[], why: Overdue) => void;

interface Entry {
  lease: HeldLease;
  /** When the attempt has to end, by the monotonic clock; `null`: it has no bound. */
  readonly attemptEndMs: number | null;
  endAttemptTimer: () => void;
  endLeaseTimer: () => void;
}

const nothing = () => undefined;
const none: ReadonlyMap<string, HeldLease> = new Map();

/**
 * All leases that are held, with their timers. The database decides who holds a lease; this table decides when its time is up.
 * Leases run on the monotonic clock: no jump of the wall clock ends one.
 */
export class LeaseTable {
  private readonly clock: Clock;
  /** By task id. */
  private readonly entries = new Map<string, Entry>();
  /** The leases that streams keep alive, by holder and task id. A holder without leases is not in it. */
  private readonly byHolder = new Map<string, Map<string, HeldLease>>();
  private readonly closedListeners = new Set<() => void>();
  /** Of attempts with a bound whose leases were closed: it stays the same where one is opened again. */
  private readonly attemptEnds = new WeakMap<HeldLease, number>();
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

  /** Watches a lease. */
  open(lease: HeldLease, { attemptMs, leaseMs }: LeaseTerms): void {
    const former = this.entries.get(lease.taskId);
    if (former !== undefined) this.forget(former);
    this.entries.set(lease.taskId, {
      lease,
      attemptEndMs: attemptMs === null ? null : this.clock.monotonic() + attemptMs,
      endAttemptTimer: this.startTimer(attemptMs, lease, "timed_out"),
      endLeaseTimer: this.startTimer(leaseMs, lease, "lease_lost"),
    });
    if (lease.leaseKind === "stream") this.hold(lease);
  }

  /** Watches a lease again that was closed here, for what is left of its attempt's time. */
  reopen(lease: HeldLease): void {
    const endMs = this.attemptEnds.get(lease);
    this.open(lease, { attemptMs: endMs === undefined ? null : endMs - this.clock.monotonic(), leaseMs: null });
  }

  /** Starts a unary lease's time afresh if it is this one. */
  extend(lease: Lease, leaseMs: number): void {
    const entry = this.find(lease);
    if (entry?.lease.leaseKind !== "unary") return;
    entry.endLeaseTimer();
    entry.endLeaseTimer = this.startTimer(leaseMs, entry.lease, "lease_lost");
  }

  /** Whether the time of a task's lease runs; that of a stream's never does. */
  isTimed(taskId: string): boolean {
    return (this.entries.get(taskId)?.endLeaseTimer ?? nothing) !== nothing;
  }

  /** Forgets a lease if it is this one, and answers it. */
  close(lease: Lease): HeldLease | null {
    const entry = this.find(lease);
    if (entry === null) return null;
    this.forget(entry);
    for (const listener of this.closedListeners) listener();
    return entry.lease;
  }

  /** Reports leases as lost before their time is up. */
  expire(leases: Iterable<HeldLease>): void {
    this.overdueListener([...leases], "lease_lost");
  }

  /** The leases that the stream of a process keeps alive, by task id. */
  heldOverStream(holder: string): ReadonlyMap<string, HeldLease> {
    return this.byHolder.get(holder) ?? none;
  }

  /** Hands the leases of one holder over to another of the same worker. */
  adopt(from: string, to: string): void {
    if (from === to) return;
    for (const lease of this.heldOverStream(from).values()) {
      const entry = this.entries.get(lease.taskId);
      if (entry === undefined) continue;
      entry.lease = { ...lease, holder: to };
      this.hold(entry.lease);
    }
    this.byHolder.delete(from);
  }

  /** Ends the timers. Idempotent. */
  stop(): void {
    for (const entry of [...this.entries.values()]) this.forget(entry);
  }

  private startTimer(ms: number | null, lease: HeldLease, why: Overdue): () => void {
    return ms === null ? nothing : startLeaseTimer(this.clock, ms, () => this.overdueListener([lease], why));
  }

  private find(lease: Lease): Entry | null {
    const entry = this.entries.get(lease.taskId);
    return entry !== undefined && isSameLease(entry.lease, lease) ? entry : null;
  }

  private hold(lease: HeldLease): void {
    const held = this.byHolder.get(lease.holder) ?? new Map<string, HeldLease>();
    this.byHolder.set(lease.holder, held.set(lease.taskId, lease));
  }

  private forget({ lease, attemptEndMs, endAttemptTimer, endLeaseTimer }: Entry): void {
    endAttemptTimer();
    endLeaseTimer();
    if (attemptEndMs !== null) this.attemptEnds.set(lease, attemptEndMs);
    this.entries.delete(lease.taskId);
    if (lease.leaseKind === "unary") return;
    const held = this.byHolder.get(lease.holder);
    held?.delete(lease.taskId);
    if (held?.size === 0) this.byHolder.delete(lease.holder);
  }
}
