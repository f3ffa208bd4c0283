import type { Clock } from "../../domain/clock.ts";
import { SitqError } from "../../domain/errors.ts";
import { staleAttempt, taskNotFound } from "../../domain/refusals/tasks.ts";
import type { Outcome, ProgressReport } from "../../domain/tasks/outcome.ts";
import type { Store } from "../../store/store.ts";
import type { Settlement } from "../../store/task-store.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import type { OutcomeCompleter } from "../leases/outcome-completer.ts";
import type { Attempt, ReportedOutcome, SettledStatus } from "../workers/worker-channel.ts";

/** An attempt in the hands of somebody without a stream. */
export interface HeldAttempt extends Attempt {
  readonly workerId: string;
}

/** What is said of single attempts: the unary twins of what a stream says. */
export interface Attempts {
  /**
   * Answers whether it was this outcome that ended it.
   *
   * @throws SitqError STALE, TASK_NOT_FOUND
   */
  settle(held: HeldAttempt, outcome: Outcome): Promise<"settled" | "already_settled">;
  /** Ends many attempts of one worker in one commit; answers what became of each, in order. */
  settleAll(workerId: string, outcomes: readonly ReportedOutcome[]): Promise<(Attempt & { status: SettledStatus })[]>;
  /** @throws SitqError STALE, TASK_NOT_FOUND */
  extend(held: HeldAttempt, leaseMs: number, progress: ProgressReport | null): Promise<void>;
}

/** The use cases of single attempts. */
export function createAttempts(store: Store, clock: Clock, leases: LeaseTable, completer: OutcomeCompleter): Attempts {
  return {
    async settle(held, outcome) {
      const [answer] = await completer.complete([{ ...held, lease: "unary", outcome }]);
      if (answer === undefined || answer.status === "not_found") throw taskNotFound(held.id);
      if (answer.status === "stale") throw staleAttempt(held.id, held.attempt, held.workerId);
      leases.close(held.id, held.attempt, held.workerId, "unary");
      return answer.status;
    },

    async settleAll(workerId, outcomes) {
      const valid = outcomes.flatMap(({ id, attempt, outcome }): Settlement[] =>
        outcome instanceof SitqError ? [] : [{ id, attempt, workerId, lease: "unary", outcome }],
      );
      const answers = valid.length === 0 ? [] : await completer.complete(valid);
      let next = 0;
      return outcomes.map(({ id, attempt, outcome }) => {
        const status = outcome instanceof SitqError ? outcome : (answers[next++]?.status ?? "not_found");
        if (status === "settled") leases.close(id, attempt, workerId, "unary");
        return { id, attempt, status };
      });
    },

    async extend(held, leaseMs, progress) {
      const nowMs = clock.now();
      // Before it is stored: the lease could end while the disk works, after the caller was heard.
      leases.extend(held.id, held.attempt, held.workerId, leaseMs);
      const [status] = await store.updateLeases(
        [{ ...held, lease: "unary", leaseUntilMs: nowMs + leaseMs, progress }],
        nowMs,
      );
      if (status === "stale") throw staleAttempt(held.id, held.attempt, held.workerId);
      if (status !== "updated") throw taskNotFound(held.id);
    },
  };
}
