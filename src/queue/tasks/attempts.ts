import type { Clock } from "../../domain/clock.ts";
import { SitqError } from "../../domain/errors.ts";
import type { Lease, LeaseRef } from "../../domain/lease.ts";
import { staleAttempt, taskNotFound } from "../../domain/refusals/tasks.ts";
import type { OutcomeReport, ProgressReport } from "../../domain/tasks/outcome.ts";
import type { Store } from "../../store/store.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import type { AttemptReport, OutcomeCompleter } from "../leases/outcome-completer.ts";
import type { ReportedOutcome, SettledStatus } from "../workers/worker-channel.ts";

/** What workers report of single attempts: the unary twins of what a stream carries. */
export interface Attempts {
  /**
   * Answers whether it was this outcome that ended it.
   *
   * @throws SitqError STALE, TASK_NOT_FOUND
   */
  complete(lease: Lease, outcome: OutcomeReport): Promise<"settled" | "already_settled">;
  /** Ends many attempts of one worker in one commit; answers what became of each, in order. */
  completeAll(
    workerId: string,
    outcomes: readonly ReportedOutcome[],
  ): Promise<(LeaseRef & { status: SettledStatus })[]>;
  /** @throws SitqError STALE, TASK_NOT_FOUND */
  extend(lease: Lease, leaseMs: number, progress: ProgressReport | null): Promise<void>;
}

/** Creates the use cases of single attempts. */
export function createAttempts(
  store: Pick<Store, "updateLeases">,
  clock: Clock,
  leases: LeaseTable,
  completer: Pick<OutcomeCompleter, "complete">,
): Attempts {
  return {
    async complete(lease, outcome) {
      const [answer] = await completer.complete([{ ...lease, outcome }]);
      if (answer === undefined || answer.status === "not_found") throw taskNotFound(lease.taskId);
      if (answer.status === "stale") throw staleAttempt(lease.taskId, lease.attempt, lease.workerId);
      leases.close(lease);
      return answer.status;
    },

    async completeAll(workerId, outcomes) {
      const valid = outcomes.flatMap(({ taskId, attempt, outcome }): AttemptReport[] =>
        outcome instanceof SitqError ? [] : [{ taskId, attempt, workerId, leaseKind: "unary", outcome }],
      );
      const answers = valid.length === 0 ? [] : await completer.complete(valid);
      let next = 0;
      return outcomes.map(({ taskId, attempt, outcome }) => {
        const status = outcome instanceof SitqError ? outcome : (answers[next++]?.status ?? "not_found");
        if (status === "settled") leases.close({ taskId, attempt, workerId, leaseKind: "unary" });
        return { taskId, attempt, status };
      });
    },

    async extend(lease, leaseMs, progress) {
      const nowMs = clock.now();
      // Before it is stored: the lease could end during the write, although the call came in time.
      leases.extend(lease, leaseMs);
      const [status] = await store.updateLeases([{ ...lease, leaseUntilMs: nowMs + leaseMs, progress }], nowMs);
      if (status === "stale") throw staleAttempt(lease.taskId, lease.attempt, lease.workerId);
      if (status !== "updated") throw taskNotFound(lease.taskId);
    },
  };
}
