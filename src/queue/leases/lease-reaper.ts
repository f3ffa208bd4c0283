import type { Log } from "../../domain/log.ts";
import type { Retries } from "../../domain/retries.ts";
import type { Cancellation } from "../../domain/tasks/cancellation.ts";
import type { HeldLease, LeaseTable, Overdue } from "./lease-table.ts";
import type { OutcomeCompleter } from "./outcome-completer.ts";

/** What ends leases. */
export interface ExpiryOptions {
  readonly leases: LeaseTable;
  readonly completer: OutcomeCompleter;
  readonly random: () => number;
  readonly retries: Retries;
  readonly log: Log;
  /** Whether the worker's stream, or the time that it has to come back, keeps the lease. */
  readonly isWatched: (lease: HeldLease) => boolean;
  /** Called for each lease that was current until its end was stored. */
  readonly onEnded: (lease: HeldLease, cancellation: Cancellation) => void;
}

/**
 * Makes a function that ends leases whose time is up.
 *
 * What cannot be stored (a full disk) stays leased and is tried again: a task must not be left to nobody. A worker that came
 * back meanwhile keeps its lease.
 */
export function createExpiry(options: ExpiryOptions) {
  const { leases, completer, random, retries, log, isWatched, onEnded } = options;

  function isStillOverdue(lease: HeldLease, why: Overdue): boolean {
    if (why === "timed_out") return true;
    return lease.leaseKind === "unary" ? !leases.isTimed(lease.taskId) : !isWatched(lease);
  }

  return async function expire(
    overdue: readonly HeldLease[],
    why: Overdue,
    trouble = retries.trouble("storing the ends of leases"),
  ): Promise<void> {
    const ended = overdue.flatMap((lease) => leases.close(lease) ?? []);
    if (ended.length === 0) return trouble.end();
    const outcome = why === "lease_lost" ? ({ kind: why } as const) : ({ kind: why, random: random() } as const);
    const settlements = ended.map((lease) => ({ ...lease, outcome }));
    let answers: Awaited<ReturnType<OutcomeCompleter["complete"]>>;
    try {
      answers = await completer.complete(settlements);
    } catch (error) {
      for (const lease of ended) leases.open(lease, { attemptMs: null, leaseMs: null });
      trouble.failed(error, () => {
        const still = ended.filter((lease) => isStillOverdue(lease, why));
        void expire(still, why, trouble);
      });
      return;
    }
    trouble.succeeded();
    const code = why === "lease_lost" ? why : "attempt_timeout";
    ended.forEach((lease, index) => {
      if (answers[index]?.status !== "settled") return;
      log.info(
        { task_id: lease.taskId, attempt: lease.attempt, worker_id: lease.workerId, queue: lease.queue },
        code.toUpperCase(),
      );
      onEnded(lease, { why: code, words: "" });
    });
  };
}
