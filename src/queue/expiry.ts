import type { Log } from "../domain/log.ts";
import { serverErrors } from "../domain/task.ts";
import type { Lease, LeaseTable, Overdue } from "./lease-table.ts";
import type { Settling } from "./settling.ts";

/** How long a lease whose end could not be stored is left before the next try, in milliseconds. */
const retryMs = 1_000;

/**
 * Makes a function that ends leases whose time is up, and then calls `onEnded` for each that was still current.
 *
 * What cannot be stored (a full disk) stays leased and is tried again: a task must not be left to nobody.
 */
export function createExpiry(
  leases: LeaseTable,
  settling: Settling,
  random: () => number,
  log: Log,
  onEnded: (lease: Lease, reason: string) => void,
) {
  return async (overdue: readonly Lease[], why: Overdue): Promise<void> => {
    const ended = overdue.flatMap(({ id, attempt, workerId }) => leases.close(id, attempt, workerId) ?? []);
    if (ended.length === 0) return;
    const outcome = why === "lease_lost" ? ({ kind: why } as const) : ({ kind: why, random: random() } as const);
    try {
      const answers = await settling.settle(
        ended.map(({ id, attempt, workerId, kind }) => ({ id, attempt, workerId, lease: kind, outcome })),
      );
      const reason = why === "lease_lost" ? serverErrors.leaseLost.type : serverErrors.attemptTimeout.type;
      ended.forEach((lease, index) => {
        if (answers[index]?.status !== "settled") return;
        log.info({ task_id: lease.id, attempt: lease.attempt, worker_id: lease.workerId, queue: lease.queue }, reason);
        onEnded(lease, reason);
      });
    } catch (error) {
      log.error({ error, tasks: ended.length }, "the end of leases could not be stored; trying again");
      for (const lease of ended) {
        leases.open(lease, {
          attemptMs: why === "timed_out" ? retryMs : null,
          leaseMs: why === "lease_lost" ? retryMs : null,
        });
      }
    }
  };
}
