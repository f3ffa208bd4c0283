import type { LeaseRef } from "../../domain/lease.ts";
import type { HeldLease } from "../leases/watched-lease.ts";

/** What a process names as its own beside what it is known to hold. */
export interface ComparedLeases {
  /** What it still has. */
  readonly kept: readonly LeaseRef[];
  /** What it lost. */
  readonly lost: readonly LeaseRef[];
  /** What never reached it. */
  readonly notArrived: readonly HeldLease[];
}

/** Compares what a process names with what it is known to hold. */
export function compareHeld(known: readonly HeldLease[], named: readonly LeaseRef[]): ComparedLeases {
  const attempts = new Map(known.map(({ taskId, attempt }) => [taskId, attempt]));
  const isKept = ({ taskId, attempt }: LeaseRef) => attempts.get(taskId) === attempt;
  const kept = named.filter(isKept);
  const keptIds = new Set(kept.map(({ taskId }) => taskId));
  return {
    kept,
    lost: named.filter((each) => !isKept(each)),
    notArrived: known.filter(({ taskId }) => !keptIds.has(taskId)),
  };
}
