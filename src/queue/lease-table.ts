import type { Clock } from "../domain/clock.ts";
import { startLeaseTimer } from "../domain/lease-timer.ts";
import type { LeaseKind } from "../store/store.ts";

/** A task in the hands of a worker. */
export interface Lease {
  readonly id: string;
  readonly queue: string;
  readonly attempt: number;
  readonly workerId: string;
  readonly kind: LeaseKind;
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
  open(lease: Lease, terms: LeaseTerms): void;
  /** Starts a unary lease's time afresh if it is of this attempt and this worker. */
  extend(id: string, attempt: number, workerId: string, leaseMs: number): void;
  /** Forgets a lease if it is of this attempt, this worker and, where one is said, this kind, and answers it. */
  close(id: string, attempt: number, workerId: string, kind?: LeaseKind): Lease | null;
  /** The leases that a worker's stream keeps alive, by task id. */
  heldOverStream(workerId: string): ReadonlyMap<string, Lease>;
  /** Is told when a lease is closed, until the answered function is called. */
  onClosed(listener: () => void): () => void;
  /** Ends the timers. */
  stop(): void;
}

interface Entry {
  readonly lease: Lease;
  endAttemptTimer: () => void;
  endLeaseTimer: () => void;
}

const nothing = () => undefined;
const none: ReadonlyMap<string, Lease> = new Map();

/** An empty table. `onOverdue` is called once for a lease whose time is up; the lease stays open until it is closed. */
export function createLeaseTable(clock: Clock, onOverdue: (lease: Lease, why: Overdue) => void): LeaseTable {
  const entries = new Map<string, Entry>();
  const byWorker = new Map<string, Map<string, Lease>>();
  const closedListeners = new Set<() => void>();

  function startTimer(ms: number | null, lease: Lease, why: Overdue): () => void {
    return ms === null ? nothing : startLeaseTimer(clock, ms, () => onOverdue(lease, why));
  }

  function forget({ lease, endAttemptTimer, endLeaseTimer }: Entry): Lease {
    endAttemptTimer();
    endLeaseTimer();
    entries.delete(lease.id);
    if (lease.kind === "stream") {
      const ofWorker = byWorker.get(lease.workerId);
      ofWorker?.delete(lease.id);
      if (ofWorker?.size === 0) byWorker.delete(lease.workerId);
    }
    return lease;
  }

  function held(id: string, attempt: number, workerId: string): Entry | null {
    const entry = entries.get(id);
    const matches = entry?.lease.attempt === attempt && entry.lease.workerId === workerId;
    return matches ? entry : null;
  }

  return {
    open(lease, { attemptMs, leaseMs }) {
      const former = entries.get(lease.id);
      if (former !== undefined) forget(former);
      entries.set(lease.id, {
        lease,
        endAttemptTimer: startTimer(attemptMs, lease, "timed_out"),
        endLeaseTimer: startTimer(leaseMs, lease, "lease_lost"),
      });
      if (lease.kind === "unary") return;
      const ofWorker = byWorker.get(lease.workerId) ?? new Map<string, Lease>();
      byWorker.set(lease.workerId, ofWorker.set(lease.id, lease));
    },

    extend(id, attempt, workerId, leaseMs) {
      const entry = held(id, attempt, workerId);
      if (entry?.lease.kind !== "unary") return;
      entry.endLeaseTimer();
      entry.endLeaseTimer = startTimer(leaseMs, entry.lease, "lease_lost");
    },

    close(id, attempt, workerId, kind) {
      const entry = held(id, attempt, workerId);
      if (entry === null || (kind !== undefined && entry.lease.kind !== kind)) return null;
      const lease = forget(entry);
      for (const listener of closedListeners) listener();
      return lease;
    },

    heldOverStream: (workerId) => byWorker.get(workerId) ?? none,

    onClosed(listener) {
      closedListeners.add(listener);
      return () => closedListeners.delete(listener);
    },

    stop() {
      for (const entry of [...entries.values()]) forget(entry);
    },
  };
}
