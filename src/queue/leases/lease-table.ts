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

/** What the table is told of a lease that it is to watch. */
export interface LeaseTerms {
  /** How long this attempt may still run, in milliseconds; `null`: no bound. */
  readonly attemptMs: number | null;
  /** How long the lease lasts unless it is extended, in milliseconds; `null`: its worker's stream decides. */
  readonly leaseMs: number | null;
}

/** Why a lease ended without a word from its worker. */
export type Overdue = "lease_lost" | "timed_out";

/**
 * Every lease that is out, with its clocks. The truth is on the disk; this is what the timers hang on. Leases run on the
 * monotonic clock: no jump of the wall clock ends one.
 */
export interface LeaseTable {
  /** Watches a lease. */
  open(lease: HeldLease, terms: LeaseTerms): void;
  /** Watches a lease again that was closed here, for what is left of its attempt's time. */
  reopen(lease: HeldLease): void;
  /** Starts a unary lease's time afresh if it is this one. */
  extend(lease: Lease, leaseMs: number): void;
  /** Whether the time of a task's lease runs; that of a stream's never does. */
  isTimed(taskId: string): boolean;
  /** Forgets a lease if it is this one, and answers it. */
  close(lease: Lease): HeldLease | null;
  /** The leases that the stream of a process keeps alive, by task id. */
  heldOverStream(holder: string): ReadonlyMap<string, HeldLease>;
  /** Hands the leases of one holder over to another of the same worker. */
  adopt(from: string, to: string): void;
  /** Is told when a lease is closed, until the answered function is called. */
  onClosed(listener: () => void): () => void;
  /** Ends the timers. */
  stop(): void;
}

interface Entry {
  lease: HeldLease;
  /** When the attempt has to end, by the monotonic clock; `null`: it has no bound. */
  readonly attemptEndMs: number | null;
  endAttemptTimer: () => void;
  endLeaseTimer: () => void;
}

const nothing = () => undefined;
const none: ReadonlyMap<string, HeldLease> = new Map();

/** An empty table. `onOverdue` is called once for a lease whose time is up; the lease stays open until it is closed. */
export function createLeaseTable(clock: Clock, onOverdue: (lease: HeldLease, why: Overdue) => void): LeaseTable {
  const entries = new Map<string, Entry>();
  const byHolder = new Map<string, Map<string, HeldLease>>();
  const closedListeners = new Set<() => void>();
  /** Of attempts with a bound whose leases were closed: it stays the same where one is opened again. */
  const attemptEnds = new WeakMap<HeldLease, number>();

  function startTimer(ms: number | null, lease: HeldLease, why: Overdue): () => void {
    return ms === null ? nothing : startLeaseTimer(clock, ms, () => onOverdue(lease, why));
  }

  function forget({ lease, attemptEndMs, endAttemptTimer, endLeaseTimer }: Entry): HeldLease {
    endAttemptTimer();
    endLeaseTimer();
    if (attemptEndMs !== null) attemptEnds.set(lease, attemptEndMs);
    entries.delete(lease.taskId);
    if (lease.leaseKind === "stream") {
      const held = byHolder.get(lease.holder);
      held?.delete(lease.taskId);
      if (held?.size === 0) byHolder.delete(lease.holder);
    }
    return lease;
  }

  function find(lease: Lease): Entry | null {
    const entry = entries.get(lease.taskId);
    return entry !== undefined && isSameLease(entry.lease, lease) ? entry : null;
  }

  function open(lease: HeldLease, { attemptMs, leaseMs }: LeaseTerms): void {
    const former = entries.get(lease.taskId);
    if (former !== undefined) forget(former);
    entries.set(lease.taskId, {
      lease,
      attemptEndMs: attemptMs === null ? null : clock.monotonic() + attemptMs,
      endAttemptTimer: startTimer(attemptMs, lease, "timed_out"),
      endLeaseTimer: startTimer(leaseMs, lease, "lease_lost"),
    });
    if (lease.leaseKind === "unary") return;
    const held = byHolder.get(lease.holder) ?? new Map<string, HeldLease>();
    byHolder.set(lease.holder, held.set(lease.taskId, lease));
  }

  return {
    open,

    reopen(lease) {
      const endMs = attemptEnds.get(lease);
      open(lease, { attemptMs: endMs === undefined ? null : endMs - clock.monotonic(), leaseMs: null });
    },

    extend(lease, leaseMs) {
      const entry = find(lease);
      if (entry?.lease.leaseKind !== "unary") return;
      entry.endLeaseTimer();
      entry.endLeaseTimer = startTimer(leaseMs, entry.lease, "lease_lost");
    },

    isTimed: (taskId) => (entries.get(taskId)?.endLeaseTimer ?? nothing) !== nothing,

    close(lease) {
      const entry = find(lease);
      if (entry === null) return null;
      const closed = forget(entry);
      for (const listener of closedListeners) listener();
      return closed;
    },

    heldOverStream: (holder) => byHolder.get(holder) ?? none,

    adopt(from, to) {
      if (from === to) return;
      for (const lease of byHolder.get(from)?.values() ?? []) {
        const entry = entries.get(lease.taskId);
        if (entry === undefined) continue;
        const adopted = { ...lease, holder: to };
        entry.lease = adopted;
        byHolder.set(to, (byHolder.get(to) ?? new Map<string, HeldLease>()).set(lease.taskId, adopted));
      }
      byHolder.delete(from);
    },

    onClosed(listener) {
      closedListeners.add(listener);
      return () => closedListeners.delete(listener);
    },

    stop() {
      for (const entry of [...entries.values()]) forget(entry);
    },
  };
}
