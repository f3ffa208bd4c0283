import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { leaseKindOf } from "../../../domain/lease.ts";
import { policyOf, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { StoredLease } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";

/** Creates the verb `updateLeases` on an open database. */
export function createUpdateLeases({ db, changes }: Engine): SyncVerb<Store["updateLeases"]> {
  const update = db.prepare(
    `UPDATE task SET lease_ms = ifnull(@leaseUntilMs, lease_ms), progress = ifnull(@progress, progress)
     WHERE id = @key AND state = ${stateNumber.running} AND attempt = @attempt AND worker_id = @workerId
       AND (lease_ms IS NULL) = @stream`,
  );
  const exists = db.prepare<[number]>("SELECT 1 FROM task WHERE id = ?");

  return (updates, nowMs) =>
    updates.map(({ taskId, attempt, workerId, leaseKind, leaseUntilMs, progress }) => {
      const key = keyOfId(taskId);
      if (key === null) return "not_found";
      const { changes: updated } = update.run({
        key,
        attempt,
        workerId,
        stream: leaseKind === "stream" ? 1 : 0,
        leaseUntilMs,
        progress: progress && JSON.stringify({ ...progress, updateMs: nowMs }),
      });
      if (updated === 0) return exists.get(key) === undefined ? "not_found" : "stale";
      if (progress !== null) changes.note(key, "running", nowMs);
      return "updated";
    });
}

/** Creates the verbs `leases` and `takeUp` on an open database. */
export function createLeases({ db, queues, leases, tasks }: Engine) {
  const selectRunning = db.prepare<[], TaskRow>(
    `SELECT ${taskColumns} FROM task WHERE state = ${stateNumber.running} ORDER BY id`,
  );

  function leaseOf(row: TaskRow): StoredLease {
    const queue = queues.byId(row.queue_id);
    return {
      taskId: idOfKey(row.id),
      queue: queue.name,
      attempt: row.attempt,
      workerId: row.worker_id ?? "",
      leaseKind: leaseKindOf(row.lease_ms),
      startMs: row.start_ms ?? 0,
      attemptTimeoutMs: policyOf(row, queue).attemptTimeoutMs,
      leaseUntilMs: row.lease_ms,
    };
  }

  const stored: SyncVerb<Store["leases"]> = () => selectRunning.all().map(leaseOf);

  const takeUp: SyncVerb<Store["takeUp"]> = (forgotten, nowMs) =>
    forgotten.flatMap(({ taskId, attempt, workerId }) => {
      const key = keyOfId(taskId);
      const row = key === null ? undefined : tasks.select.get(key);
      // What is given out meanwhile is RUNNING.
      if (row?.state !== stateNumber.pending || row.attempt !== attempt - 1) return [];
      leases.write([{ ...row, worker_id: workerId, start_ms: nowMs, lease_ms: null }]);
      const taken = tasks.select.get(row.id);
      return taken?.state === stateNumber.running ? [leaseOf(taken)] : [];
    });

  return { leases: stored, takeUp };
}
