import type { LeaseRef } from "../../domain/lease.ts";
import type { ClaimedTask } from "../../domain/tasks/task.ts";
import type { SettleAnswer } from "../../store/task-store.ts";

/** The attempts that the `hello` of a worker named and that it does not hold, until it is answered that its outcome is stale. */
export class LostAttempts {
  /** By task id. */
  private readonly attempts: Map<string, number>;

  /** @param lost what was named and is not held */
  constructor(lost: readonly LeaseRef[]) {
    this.attempts = new Map(lost.map(({ taskId, attempt }) => [taskId, attempt]));
  }

  /** Whether one of these tasks is of such an attempt. */
  include(tasks: readonly ClaimedTask[]): boolean {
    return this.attempts.size > 0 && tasks.some(({ id, attempt }) => this.attempts.get(id) === attempt);
  }

  /** The worker is answered. No other outcome of a lost attempt comes once it knows that it is stale. */
  answered(outcomes: readonly LeaseRef[], statuses: readonly (SettleAnswer["status"] | Error)[]): void {
    if (this.attempts.size === 0) return;
    outcomes.forEach(({ taskId, attempt }, index) => {
      if (statuses[index] === "stale" && this.attempts.get(taskId) === attempt) this.attempts.delete(taskId);
    });
  }
}
