import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { type Lease, leaseKindOf } from "../../../domain/lease.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { ListedColumn } from "../database/listed-rows.ts";
import type { Statements } from "../database/statements.ts";

/**
 * Whether a row of `task` runs under the lease of a row of `held`. Compared in the statement that writes, task, attempt, worker and kind of
 * lease are the fence. The state is compared so that no index of running tasks is thought of: each row is found by its id.
 */
export const heldSql = `task.id = held.id AND task.state + 0 = ${stateNumber.running} AND task.attempt = held.attempt
  AND task.worker_id = held.worker_id AND (task.lease_ms IS NULL) = held.stream`;

/** The columns of `held` that `heldSql` compares. */
export function heldColumns(leases: readonly Lease[]): ListedColumn[] {
  const [ids = [], attempts = [], workers = [], streams = []] = heldValues(leases);
  return [
    { name: "id", type: "bigint", kind: "each", values: ids },
    { name: "attempt", type: "int", kind: "shared", values: attempts },
    { name: "worker_id", type: "text", kind: "shared", values: workers },
    { name: "stream", type: "bool", kind: "shared", values: streams },
  ];
}

/** The values of `held (id, attempt, worker_id, stream)`, a list for each; what is no id of a task is `NULL`, which none has. */
export function heldValues(leases: readonly Lease[]): unknown[][] {
  return [
    leases.map(({ taskId }) => keyOfId(taskId)),
    leases.map(({ attempt }) => attempt),
    leases.map(({ workerId }) => workerId),
    leases.map(({ leaseKind }) => leaseKind === "stream"),
  ];
}

/** The leases of the attempts that began in the last transaction of a server and that nothing has changed since. */
export async function begunByLast(db: Pick<Statements, "all">, serverId: number): Promise<Lease[]> {
  const rows = await db.all<{ id: number; attempt: number; worker_id: string; lease_ms: number | null }>(
    `SELECT id, attempt, worker_id, lease_ms FROM task_live AS task
     WHERE server_id = $1 AND state = ${stateNumber.running} AND xmin = (SELECT batch_xid FROM server WHERE id = $1) ORDER BY id`,
    [serverId],
  );
  return rows.map(({ id, attempt, worker_id: workerId, lease_ms: leaseMs }) => ({
    taskId: idOfKey(id),
    attempt,
    workerId,
    leaseKind: leaseKindOf(leaseMs),
  }));
}
