import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { type Lease, leaseKindOf } from "../../../domain/lease.ts";
import { policyOf, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { LeaseUpdate, StoredLease, TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { distinctRuns } from "../engine/set-verbs.ts";
import { heldSql, heldValues } from "../rows/held.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

type LeaseAnswer = Awaited<ReturnType<TaskStore["updateLeases"]>>[number];

/** Creates the verbs of leases. */
export function createLeases(
  { db, queues, changes }: Engine,
  transitions: Transitions,
): Pick<TaskStore, "updateLeases" | "leases" | "takeUp"> {
  async function update(updates: readonly LeaseUpdate[], nowMs: number): Promise<LeaseAnswer[]> {
    const rows = await db.all<{ id: number }>(
      `UPDATE task SET lease_ms = coalesce(held.lease_until_ms, task.lease_ms), progress = coalesce(held.new_progress, task.progress)
       FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bool[], $5::bigint[], $6::text[])
         AS held (id, attempt, worker_id, stream, lease_until_ms, new_progress)
       WHERE ${heldSql} RETURNING task.id`,
      [
        ...heldValues(updates),
        updates.map(({ leaseUntilMs }) => leaseUntilMs),
        updates.map(({ progress }) => progress && JSON.stringify({ ...progress, updateMs: nowMs })),
      ],
    );
    const updated = new Set(rows.map(({ id }) => id));
    const keys = updates.map(({ taskId }) => keyOfId(taskId));
    const missed = keys.flatMap((key) => (key === null || updated.has(key) ? [] : key));
    const there =
      missed.length === 0 ? [] : await db.all<{ id: number }>("SELECT id FROM task WHERE id = ANY($1)", [missed]);
    const stale = new Set(there.map(({ id }) => id));
    const reported = updates.flatMap(({ progress }, index) => (progress === null ? [] : (keys[index] ?? [])));
    await changes.note(
      reported.filter((key) => updated.has(key)),
      "running",
      nowMs,
    );
    return keys.map((key) =>
      key === null ? "not_found" : updated.has(key) ? "updated" : stale.has(key) ? "stale" : "not_found",
    );
  }

  async function leasesOf(rows: readonly TaskRow[]): Promise<StoredLease[]> {
    const known = await queues.byId(rows.map((row) => row.queue_id));
    return rows.flatMap((row) => {
      const queue = known.get(row.queue_id);
      if (queue === undefined) return [];
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
    });
  }

  async function takeUp(leases: readonly Lease[], nowMs: number): Promise<StoredLease[]> {
    const keys = leases.map(({ taskId }) => keyOfId(taskId));
    const waiting = await db.all<MovedRow & { attempt: number }>(
      `SELECT ${movedColumns}, attempt FROM task WHERE id = ANY($1) AND state = ${stateNumber.pending} ORDER BY id FOR UPDATE`,
      [keys],
    );
    const byKey = new Map(waiting.map((row) => [row.id, row]));
    const taken = leases.flatMap((lease, index) => {
      const row = byKey.get(keys[index] ?? 0);
      if (row?.attempt !== lease.attempt - 1) return [];
      // Should another lease of it be there, it is given out already.
      byKey.delete(row.id);
      return { row, workerId: lease.workerId };
    });
    if (taken.length === 0) return [];
    const rows = await db.all<TaskRow>(
      `UPDATE task SET state = ${stateNumber.running}, attempt = attempt + 1, worker_id = taken.worker_id, start_ms = $3, lease_ms = NULL
       FROM unnest($1::bigint[], $2::text[]) AS taken (key, worker_id) WHERE task.id = taken.key
       RETURNING ${taskColumns.replaceAll(/\w+/g, "task.$&")}`,
      [taken.map(({ row }) => row.id), taken.map(({ workerId }) => workerId), nowMs],
    );
    await transitions.moved(
      taken.map(({ row }) => row),
      "running",
      nowMs,
    );
    const places = new Map(taken.map(({ row }, index) => [row.id, index]));
    return leasesOf(rows.toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0)));
  }

  return {
    async updateLeases(updates, nowMs) {
      const answers: LeaseAnswer[] = [];
      for (const run of distinctRuns(updates, ({ taskId }) => String(keyOfId(taskId) ?? taskId)))
        answers.push(...(await update(run, nowMs)));
      return answers;
    },

    async leases() {
      return leasesOf(
        await db.all<TaskRow>(`SELECT ${taskColumns} FROM task WHERE state = ${stateNumber.running} ORDER BY id`),
      );
    },

    takeUp,
  };
}
