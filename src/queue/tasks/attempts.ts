import type { Clock } from "../../domain/clock.ts";
import type { Lease } from "../../domain/lease.ts";
import { staleAttempt, taskNotFound } from "../../domain/refusals/tasks.ts";
import type { OutcomeReport, ProgressReport } from "../../domain/tasks/outcome.ts";
import type { Store } from "../../store/store.ts";
import type { StoredLease } from "../../store/task-store.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import type { OutcomeCompleter } from "../leases/outcome-completer.ts";
import type { Claimers } from "../workers/claimers.ts";
import { completeReported, type ReportedOutcome, type SettledStatus } from "../workers/reported-outcomes.ts";
import type { WorkerStatistics } from "../workers/worker-statistics.ts";

/** What workers report of single attempts: the unary twins of what a stream carries. */
export interface Attempts {
  /**
   * Answers whether it was this outcome that ended it.
   *
   * @throws SitqError STALE, TASK_NOT_FOUND
   */
  complete(lease: Lease, outcome: OutcomeReport): Promise<"settled" | "already_settled">;
  /** Ends many attempts in one commit; answers what became of each, in order. */
  completeAll(outcomes: readonly ReportedOutcome[]): Promise<SettledStatus[]>;
  /** @throws SitqError STALE, TASK_NOT_FOUND */
  extend(lease: Lease, leaseMs: number, progress: ProgressReport | null): Promise<void>;
}

/**
 * Creates the use cases of single attempts.
 *
 * @param takeOver watches a lease that another server has watched until now
 */
export function createAttempts(
  store: Pick<Store, "updateLeases">,
  clock: Clock,
  leases: LeaseTable,
  completer: Pick<OutcomeCompleter, "complete">,
  statistics: Pick<WorkerStatistics, "ended">,
  claimers: Pick<Claimers, "heard">,
  takeOver: (lease: StoredLease) => void,
): Attempts {
  return {
    async complete(lease, outcome) {
      claimers.heard(lease.workerId);
      const report = { ...lease, outcome };
      const [answer] = await completer.complete([report]);
      if (answer === undefined || answer.status === "not_found") throw taskNotFound(lease.taskId);
      if (answer.status === "stale") throw staleAttempt(lease.taskId, lease.attempt, lease.workerId);
      statistics.ended([report], [answer.status], [leases.close(lease)]);
      return answer.status;
    },

    async completeAll(outcomes) {
      // They are of one worker.
      const [first] = outcomes;
      if (first !== undefined) claimers.heard(first.workerId);
      const statuses = await completeReported(completer, outcomes);
      const closed = outcomes.map((lease, index) => (statuses[index] === "settled" ? leases.close(lease) : null));
      statistics.ended(outcomes, statuses, closed);
      return statuses;
    },

    async extend(lease, leaseMs, progress) {
      claimers.heard(lease.workerId);
      const nowMs = clock.now();
      // Before it is stored: the lease could end during the write, although the call came in time.
      leases.extend(lease, leaseMs);
      const [answer] = await store.updateLeases([{ ...lease, leaseUntilMs: nowMs + leaseMs, progress }], nowMs);
      if (answer === "stale") throw staleAttempt(lease.taskId, lease.attempt, lease.workerId);
      if (answer === "not_found" || answer === undefined) throw taskNotFound(lease.taskId);
      if (answer !== "updated") takeOver(answer);
    },
  };
}
