import { keyOfId } from "../../../domain/ids.ts";
import type { Lease } from "../../../domain/lease.ts";
import { stateNumber } from "../../rows/task-states.ts";

/**
 * Whether a row of `task` runs under the lease of a row of `held`. Compared in the statement that writes, task, attempt, worker and kind of
 * lease are the fence. The state is compared so that no index of running tasks is thought of: each row is found by its id.
 */
export const heldSql = `task.id = held.id AND task.state + 0 = ${stateNumber.running} AND task.attempt = held.attempt
  AND task.worker_id = held.worker_id AND (task.lease_ms IS NULL) = held.stream`;

/** The values of `held (id, attempt, worker_id, stream)`, a list for each; what is no id of a task is `NULL`, which none has. */
export function heldValues(leases: readonly Lease[]): unknown[][] {
  return [
    leases.map(({ taskId }) => keyOfId(taskId)),
    leases.map(({ attempt }) => attempt),
    leases.map(({ workerId }) => workerId),
    leases.map(({ leaseKind }) => leaseKind === "stream"),
  ];
}
