/**
 * A lease is the right of one worker to end one attempt of one task. Its four parts are compared together, in the write that ends
 * the attempt (a fencing token): at most one worker settles a task.
 *
 * - A claim takes the next attempt number. The number of an attempt that counted is not given out again; a released attempt gives
 *   its number back.
 * - A stream lease has no end of its own: it lasts while its worker sends messages over its stream. A unary lease ends at a stored
 *   time, which only ExtendLease puts off. What holds one kind cannot settle the other.
 */

/** How a lease is kept alive: by any message on the worker's stream, or by ExtendLease alone. */
export type LeaseKind = "stream" | "unary";

/** What a worker names of a lease of its own. */
export interface LeaseRef {
  readonly taskId: string;
  readonly attempt: number;
}

/** The right of a worker to end an attempt of a task. */
export interface Lease extends LeaseRef {
  readonly workerId: string;
  readonly leaseKind: LeaseKind;
}

/** A lease with the queue of its task. */
export interface QueueLease extends Lease {
  readonly queue: string;
}

/** A lease that ended with its task. */
export interface EndedLease extends QueueLease {
  /** The server that watched it, of those that share the store; `null`: no other server can. */
  readonly serverId: number | null;
}

/** The lease under which a claimed task was handed out. */
export function leaseOf(
  task: { readonly id: string; readonly attempt: number; readonly workerId: string },
  leaseKind: LeaseKind,
): Lease {
  return { taskId: task.id, attempt: task.attempt, workerId: task.workerId, leaseKind };
}

/** The kind of a lease with this end. @param leaseUntilMs wall clock, milliseconds; `null`: its worker's stream decides */
export function leaseKindOf(leaseUntilMs: number | null): LeaseKind {
  return leaseUntilMs === null ? "stream" : "unary";
}

/** Whether two leases are one. */
export function isSameLease(a: Lease, b: Lease): boolean {
  return a.taskId === b.taskId && a.attempt === b.attempt && a.workerId === b.workerId && a.leaseKind === b.leaseKind;
}
