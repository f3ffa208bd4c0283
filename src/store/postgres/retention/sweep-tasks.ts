import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { isPastRetention, shortestRetentionMs } from "../../../domain/tasks/retention.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { partIs } from "../rows/parts.ts";
import { inTheirParts, isThere } from "../tasks/remove-rows.ts";
import { type MovedRow, movedColumns, type Transitions } from "../tasks/transitions.ts";
import { createCountOut } from "./count-out.ts";

/** How many tasks one batch deletes: some tens of milliseconds. */
const batchTasks = 500;
/** How many rows one batch reads. */
const batchRows = 2_000;

type SweptRow = MovedRow & { readonly finish_ms: number | null };

/**
 * A round begins with the parts that go whole. Its cursors are then before all tasks: where one is a multiple of this, another part may be taken
 * out, and between two of them one is counted out.
 */
const partSteps = 2 ** 20;
const firstTask = 2 ** 40;

/** Whether a part may be taken out before a step of a round. */
export function isBetweenParts(cursor: string | null): boolean {
  const key = cursor === null ? 0 : (keyOfId(cursor) ?? firstTask);
  return key < firstTask && key % partSteps === 0;
}

/**
 * Creates the verb `sweep`. What goes with its part is counted out first; the rest it deletes row by row.
 *
 * It walks up the primary key, from the oldest task on. An index by time of finishing would find the rows at once, and cost
 * every task an insert and a delete.
 */
export function createSweep(engine: Engine, transitions: Transitions): TaskStore["sweep"] {
  const { db, keys, queues, upkeep } = engine;
  const countOut = createCountOut(engine);

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
    const part = after < firstTask ? await countOut(nowMs) : null;
    if (part !== null) {
      const next = part.isDone ? (Math.floor(after / partSteps) + 1) * partSteps : after + 1;
      return { deleted: part.passed, nextCursor: idOfKey(next) };
    }
    // A task is at least as old as its end: what was created after this cannot be past any retention.
    const keptMs = await shortestMs();
    const before = Number.isFinite(keptMs) ? keys.at(nowMs - keptMs + 1) : 0;
    if (before <= after) return { deleted: 0, nextCursor: null };
    const rows = await db.all<SweptRow>(
      `SELECT * FROM (
         (SELECT ${movedColumns}, finish_ms FROM task WHERE id > $1 AND id < $2 AND ${partIs.small} ORDER BY id LIMIT $3)
         UNION ALL
         (SELECT ${movedColumns}, finish_ms FROM task_live AS task WHERE id + 0 > $1 AND id + 0 < $2 AND ${partIs.large} ORDER BY id + 0 LIMIT $3)
       ) AS finished ORDER BY id LIMIT $3`,
      [after, before, mostRows],
    );
    const past = rows.filter(await isPast(rows, nowMs));
    const batch = past.slice(0, mostTasks);
    // Only those that still are: another server may have put a failed one back in line.
    const locked = await db.all<SweptRow>(
      `SELECT ${movedColumns.replaceAll(/\w+/g, "task.$&")}, finish_ms FROM ${inTheirParts} JOIN task ON ${isThere}
       ORDER BY task.id FOR UPDATE OF task SKIP LOCKED`,
      [batch.map(({ id }) => id), batch.map(({ part_key: partKey }) => partKey)],
    );
    const swept = locked.filter(await isPast(locked, nowMs));
    await transitions.remove(swept, nowMs);
    const lastRead = batch.length === mostTasks ? batch.at(-1) : rows.at(-1);
    return { deleted: swept.length, nextCursor: lastRead === undefined ? null : idOfKey(lastRead.id) };
  };
}
