import type { LeaseKind, QueueLease } from "../../domain/lease.ts";

/** A lease in the hands of a process. */
export interface HeldLease extends QueueLease {
  /** The process that holds it: `holderOf` its worker and incarnation; of a unary lease the worker alone. */
  readonly holder: string;
}

/** Leases that are taken over: this server's, those that a worker names that is about to begin a session, or those of a server that has ended. */
export type LeaseOrigin = "own" | "named" | "adopted";

const nothing = () => undefined;

/** A lease that a table watches or has watched, and all that the table keeps of it: one object for each task in flight. */
export class WatchedLease implements HeldLease {
  readonly taskId: string;
  readonly attempt: number;
  readonly workerId: string;
  readonly leaseKind: LeaseKind;
  readonly queue: string;
  holder: string;
  /** When the task was handed out, by the monotonic clock; of one that was claimed ahead, until then: when it was claimed. */
  startMs: number;
  /** When the attempt has to end, by the monotonic clock; `null`: it has no bound, or has not been handed out. */
  attemptEndMs: number | null = null;
  /** It was claimed ahead of its worker's room, and has not been handed out. */
  isAhead = false;
  endAttemptTimer: () => void = nothing;
  endLeaseTimer: () => void = nothing;
  /** Its neighbours in its chain. */
  previous: WatchedLease | null = null;
  next: WatchedLease | null = null;

  constructor({ taskId, attempt, workerId, leaseKind, queue, holder }: HeldLease, startMs: number) {
    this.taskId = taskId;
    this.attempt = attempt;
    this.workerId = workerId;
    this.leaseKind = leaseKind;
    this.queue = queue;
    this.holder = holder;
    this.startMs = startMs;
  }
}

/**
 * The leases that the stream of one process keeps alive, or that one worker has to extend, the oldest first. Each refers to its neighbours: one leaves without a search,
 * and a set or map of them would cost more than the lease itself.
 */
export class LeaseChain {
  private first: WatchedLease | null = null;
  private last: WatchedLease | null = null;
  private count = 0;

  get length(): number {
    return this.count;
  }

  /** Adds a lease that is in no chain. */
  add(lease: WatchedLease): void {
    lease.previous = this.last;
    if (this.last === null) this.first = lease;
    else this.last.next = lease;
    this.last = lease;
    this.count++;
  }

  /** Takes out a lease that is in this chain. */
  remove(lease: WatchedLease): void {
    const { previous, next } = lease;
    if (previous === null) this.first = next;
    else previous.next = next;
    if (next === null) this.last = previous;
    else next.previous = previous;
    lease.previous = null;
    lease.next = null;
    this.count--;
  }

  toArray(): WatchedLease[] {
    const leases: WatchedLease[] = [];
    for (let lease = this.first; lease !== null; lease = lease.next) leases.push(lease);
    return leases;
  }
}
