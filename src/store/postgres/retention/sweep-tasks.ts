import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { isPastRetention, shortestRetentionMs } from "../../../domain/tasks/retention.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { partitionIs } from "../rows/partitions.ts";
import { inTheirPartitions, isThere } from "../tasks/remove-rows.ts";
import { type MovedRow, movedColumns, type Transitions } from "../tasks/transitions.ts";
import { createSweepDetached } from "./sweep-detached.ts";

/** How many tasks one batch deletes: some tens of milliseconds. */
const batchTasks = 500;
/** How many rows one batch reads. */
const batchRows = 2_000;

type SweptRow = MovedRow & { readonly finish_ms: number | null };

/**
 * A round begins with the partitions that are dropped whole. Its cursors are then before all tasks: at a multiple of this another partition may be
 * detached, and between two of them one is swept.
 */
const partitionSteps = 2 ** 20;
const firstTask = 2 ** 40;

/** Whether a partition may be detached before a step of a round. */
export function isBetweenPartitions(cursor: string | null): boolean {
  const key = cursor === null ? 0 : (keyOfId(cursor) ?? firstTask);
  return key < firstTask && key % partitionSteps === 0;
}

/**
 * Creates the verb `sweep`. A detached partition is swept first; what is in none of those that are dropped it deletes row by row.
 *
 * It walks up the primary key, from the oldest task on. An index by time of finishing would find the rows at once, and cost
 * every task an insert and a delete.
 */
export function createSweep(engine: Engine, transitions: Transitions): TaskStore["sweep"] {
  const { db, keys, queues, upkeep } = engine;
  const sweepDetached = createSweepDetached(engine);

  /** How long a finished task is kept at least, in milliseconds. */
  async function shortestMs(): Promise<number> {
    const rows = await db.all<{ id: number }>("SELECT id FROM queue");
    const ids = rows.map(({ id }) => id);
    const known = await queues.byId(ids);
    const counts = await queues.counts(ids);
    return shortestRetentionMs(
      [...counts].flatMap(([id, count]) => {
        const entry = known.get(id);
        return entry === undefined ? [] : [{ counts: count, retention: entry.settings.retention }];
      }),
    );
  }

  async function isPast(rows: readonly SweptRow[], nowMs: number): Promise<(row: SweptRow) => boolean> {
    const known = await queues.byId(rows.map((row) => row.queue_id));
    return (row) => {
      const retention = known.get(row.queue_id)?.settings.retention;
      const task = { state: stateOf(row.state), finishMs: row.finish_ms, isInWorkflow: row.workflow_id !== null };
      return retention !== undefined && isPastRetention(task, retention, nowMs);
    };
  }

  return async (cursor, nowMs) => {
    const [mostTasks, mostRows] = [batchTasks, batchRows].map((whole) => upkeep.portion("sweep", whole)) as [
      number,
      number,
    ];
    const after = cursor === null ? 0 : (keyOfId(cursor) ?? 0);
    const partition = after < firstTask ? await sweepDetached(nowMs) : null;
    if (partition !== null) {
      const next = partition.isDone ? (Math.floor(after / partitionSteps) + 1) * partitionSteps : after + 1;
      return { deleted: partition.swept, nextCursor: idOfKey(next) };
    }
    // A task is at least as old as its end: what was created after this cannot be past any retention.
    const keptMs = await shortestMs();
    const before = Number.isFinite(keptMs) ? keys.at(nowMs - keptMs + 1) : 0;
    if (before <= after) return { deleted: 0, nextCursor: null };
    const rows = await db.all<SweptRow>(
      `SELECT * FROM (
         (SELECT ${movedColumns}, finish_ms FROM task WHERE id > $1 AND id < $2 AND ${partitionIs.small} ORDER BY id LIMIT $3)
         UNION ALL
         (SELECT ${movedColumns}, finish_ms FROM task_live AS task WHERE id + 0 > $1 AND id + 0 < $2 AND ${partitionIs.large} ORDER BY id + 0 LIMIT $3)
       ) AS finished ORDER BY id LIMIT $3`,
      [after, before, mostRows],
    );
    const past = rows.filter(await isPast(rows, nowMs));
    const batch = past.slice(0, mostTasks);
    // Only those that still are: another server may have put a failed one back in line.
    const locked = await db.all<SweptRow>(
      `SELECT ${movedColumns.replaceAll(/\w+/g, "task.$&")}, finish_ms FROM ${inTheirPartitions} JOIN task ON ${isThere}
       ORDER BY task.id FOR UPDATE OF task SKIP LOCKED`,
      [batch.map(({ id }) => id), batch.map(({ partition_key: partitionKey }) => partitionKey)],
    );
    const swept = locked.filter(await isPast(locked, nowMs));
    await transitions.remove(swept, nowMs);
    const lastRead = batch.length === mostTasks ? batch.at(-1) : rows.at(-1);
    return { deleted: swept.length, nextCursor: lastRead === undefined ? null : idOfKey(lastRead.id) };
  };
}
