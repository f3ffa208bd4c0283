/** What operators change of rows of `task`. */

import { idOfKey } from "../../domain/ids.ts";
import { type EndedLease, leaseKindOf } from "../../domain/lease.ts";
import type { ChangedTask } from "../../domain/operators/operator-changes.ts";
import type { TaskRow } from "./task-rows.ts";
import { stateNumber, stateOf } from "./task-states.ts";

/** What of a row decides whether it may be changed. */
export function changedTask(row: TaskRow): ChangedTask {
  const { workflow_id: workflowId, subscription_id: subscriptionId } = row;
  return { state: stateOf(row.state), isInWorkflow: workflowId !== null, isDelivery: subscriptionId !== null };
}

/** The lease under which a row runs; `null`: it does not. @param queue its name */
export function leaseOfRow(row: TaskRow, queue: string): EndedLease | null {
  if (row.state !== stateNumber.running) return null;
  const { id, attempt, worker_id: workerId, lease_ms: leaseMs, server_id: serverId = null } = row;
  return { taskId: idOfKey(id), queue, attempt, workerId: workerId ?? "", leaseKind: leaseKindOf(leaseMs), serverId };
}

/** A deduplication key with its queue; `null`: the row has none. Of one at most one task is unfinished. */
export function deduplicationName(row: Pick<TaskRow, "queue_id" | "deduplication_key">): string | null {
  return row.deduplication_key === null ? null : `${row.queue_id}/${row.deduplication_key}`;
}
