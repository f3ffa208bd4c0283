import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { type Lease, leaseKindOf } from "../../../domain/lease.ts";
import type { TaskError } from "../../../domain/tasks/task.ts";
import type { LapsedLease } from "../../cluster-store.ts";
import { readJson } from "../../rows/json-column.ts";
import { policyOf, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { LeaseUpdate, LeaseUpdateAnswer, StoredLease, TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { type AdoptingVerbs, distinctRuns } from "../engine/set-verbs.ts";
import { heldSql, heldValues } from "../rows/held.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

/** How many leases of servers that have ended are adopted at once. */
const adoptedAtOnce = 500;

/** The verbs of leases, with what servers that share the schema do beside them. */
type LeaseVerbs = Pick<TaskStore, "updateLeases" | "leases" | "takeUp"> & Pick<AdoptingVerbs, "adoptLeases">;

/** How many leases are looked up at once. */
const lookedUpAtOnce = 1_000;

const columnsOfTask = taskColumns.replaceAll(/\w+/g, "task.$&");

/** Creates the verbs of leases. */
export function createLeases({ db, queues, changes, serverId }: Engine, transitions: Transitions): LeaseVerbs {
  async function update(updates: readonly LeaseUpdate[], nowMs: number): Promise<LeaseUpdateAnswer[]> {
    const rows = await db.all<{ id: number; former_id: number }>(
      `UPDATE task_live AS task SET lease_ms = coalesce(held.lease_until_ms, task.lease_ms), progress = coalesce(held.new_progress, task.progress),
         server_id = CASE WHEN held.lease_until_ms IS NULL THEN task.server_id ELSE $7 END
       FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bool[], $5::bigint[], $6::text[])
         AS held (id, attempt, worker_id, stream, lease_until_ms, new_progress)
       WHERE ${heldSql} RETURNING task.id, (SELECT server_id FROM task_live AS former WHERE former.id = task.id) AS former_id`,
      [
        ...heldValues(updates),
        updates.map(({ leaseUntilMs }) => leaseUntilMs),
        updates.map(({ progress }) => progress && JSON.stringify({ ...progress, updateMs: nowMs })),
        serverId,
      ],
    );
    const updated = new Map(rows.map((row) => [row.id, row]));
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
    const prolonged = keys.filter((_, index) => updates[index]?.leaseUntilMs !== null);
    const taken = await takenOver(prolonged.filter((key) => key !== null && isOfOther(updated.get(key)?.former_id)));
    return keys.map((key) => {
      if (key === null) return "not_found";
      return taken.get(key) ?? (updated.has(key) ? "updated" : stale.has(key) ? "stale" : "not_found");
    });
  }

  /** Whether a lease was watched by another server. */
  function isOfOther(formerId: number | undefined): boolean {
    return formerId !== undefined && formerId !== serverId;
  }

  async function takenOver(keys: readonly (number | null)[]): Promise<ReadonlyMap<number, StoredLease>> {
    if (keys.length === 0) return new Map();
    const rows = await db.all<TaskRow>(`SELECT ${taskColumns} FROM task_live AS task WHERE id = ANY($1) ORDER BY id`, [
      keys,
    ]);
    const leases = await leasesOf(rows);
    return new Map(leases.map((lease) => [keyOfId(lease.taskId) ?? 0, lease]));
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

  /** Takes up leases that were not written; answers their rows. */
  async function takeForgotten(leases: readonly Lease[], nowMs: number): Promise<TaskRow[]> {
    const keys = leases.map(({ taskId }) => keyOfId(taskId));
    const waiting = await db.all<MovedRow & { attempt: number }>(
      `SELECT ${movedColumns}, attempt FROM task_live AS task WHERE id = ANY($1) AND state = ${stateNumber.pending} ORDER BY id FOR UPDATE`,
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
      `UPDATE task_live AS task SET state = ${stateNumber.running}, attempt = attempt + 1, worker_id = taken.worker_id, start_ms = $3, lease_ms = NULL,
         server_id = $4
       FROM unnest($1::bigint[], $2::text[]) AS taken (key, worker_id) WHERE task.id = taken.key
       RETURNING ${columnsOfTask}`,
      [taken.map(({ row }) => row.id), taken.map(({ workerId }) => workerId), nowMs, serverId],
    );
    await transitions.moved(
      taken.map(({ row }) => row),
      "running",
      nowMs,
    );
    return rows;
  }

  /** Takes over leases that another server watches; answers their rows. */
  function takeMoved(leases: readonly Lease[]): Promise<TaskRow[]> {
    return db.all<TaskRow>(
      `UPDATE task_live AS task SET server_id = $5
       FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bool[]) AS held (id, attempt, worker_id, stream)
       WHERE ${heldSql} AND task.server_id <> $5 RETURNING ${columnsOfTask}`,
      [...heldValues(leases), serverId],
    );
  }

  return {
    async updateLeases(updates, nowMs) {
      const answers: LeaseUpdateAnswer[] = [];
      for (const run of distinctRuns(updates, ({ taskId }) => String(keyOfId(taskId) ?? taskId)))
        answers.push(...(await update(run, nowMs)));
      return answers;
    },

    async leases() {
      return leasesOf(
        await db.all<TaskRow>(
          `SELECT ${taskColumns} FROM task_live AS task WHERE state = ${stateNumber.running} AND server_id = $1 ORDER BY id`,
          [serverId],
        ),
      );
    },

    async takeUp(leases, nowMs) {
      if (leases.length === 0) return [];
      const rows = [...(await takeMoved(leases)), ...(await takeForgotten(leases, nowMs))];
      const places = new Map(leases.map(({ taskId }, index) => [keyOfId(taskId), index]));
      return leasesOf(rows.toSorted((a, b) => (places.get(a.id) ?? 0) - (places.get(b.id) ?? 0)));
    },

    async adoptLeases(servers, afterKey) {
      const rows = await db.all<TaskRow>(
        `WITH left_over AS MATERIALIZED (
           SELECT id FROM task_live AS task WHERE state = ${stateNumber.running} AND id > $3 AND server_id = ANY($2) ORDER BY id LIMIT $4 FOR UPDATE
         )
         UPDATE task_live AS task SET server_id = $1 FROM left_over WHERE task.id = left_over.id RETURNING ${columnsOfTask}`,
        [serverId, servers, afterKey, adoptedAtOnce],
      );
      const inOrder = rows.toSorted((a, b) => a.id - b.id);
      return { leases: await leasesOf(inOrder), lastKey: inOrder.at(-1)?.id ?? null };
    },
  };
}

interface LapsedRow {
  /** The place of the lease among those that were asked for. */
  readonly place: number;
  readonly is_ended: boolean;
  /** Of a cancelled task. */
  readonly error: string | null;
}

/** See ClusterStore.lapsed. */
export async function readLapsed<L extends Lease>(
  db: Pick<Engine["db"], "all">,
  leases: readonly L[],
  serverId: number,
): Promise<LapsedLease<L>[]> {
  const lapsed: LapsedLease<L>[] = [];
  for (let from = 0; from < leases.length; from += lookedUpAtOnce) {
    const some = leases.slice(from, from + lookedUpAtOnce);
    const rows = await db.all<LapsedRow>(
      `SELECT (held.place - 1)::int AS place, task.id IS NULL AS is_ended,
         (SELECT error FROM task AS stopped WHERE stopped.id = held.id AND stopped.state = ${stateNumber.cancelled}) AS error
       FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bool[]) WITH ORDINALITY AS held (id, attempt, worker_id, stream, place)
       LEFT JOIN task_live AS task ON ${heldSql}
       WHERE task.id IS NULL OR task.server_id <> $5`,
      [...heldValues(some), serverId],
    );
    for (const { place, is_ended: isEnded, error } of rows) {
      const lease = some[place];
      if (lease === undefined) continue;
      const reason = readJson<TaskError>(error)?.message ?? "";
      lapsed.push(isEnded ? { lease, isEnded, reason } : { lease, isEnded });
    }
  }
  return lapsed;
}
