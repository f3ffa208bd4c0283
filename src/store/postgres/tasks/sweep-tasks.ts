import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { isPastRetention, shortestRetentionMs } from "../../../domain/tasks/retention.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

/** How many tasks one batch deletes: some tens of milliseconds. */
const batchTasks = 500;
/** How many rows one batch reads. */
const batchRows = 2_000;

type SweptRow = MovedRow & { readonly finish_ms: number | null };

/**
 * Creates the verb `sweep`.
 *
 * It walks up the primary key, from the oldest task on. An index by time of finishing would find the rows at once, and cost
 * every task an insert and a delete.
 */
export function createSweep({ db, keys, queues, upkeep }: Engine, transitions: Transitions): TaskStore["sweep"] {
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
    // A task is at least as old as its end: what was created after this cannot be past any retention.
    const keptMs = await shortestMs();
    const after = cursor === null ? 0 : (keyOfId(cursor) ?? 0);
    const before = Number.isFinite(keptMs) ? keys.at(nowMs - keptMs + 1) : 0;
    if (before <= after) return { deleted: 0, nextCursor: null };
    const rows = await db.all<SweptRow>(
      `SELECT ${movedColumns}, finish_ms FROM task WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3`,
      [after, before, mostRows],
    );
    const past = rows.filter(await isPast(rows, nowMs));
    const batch = past.slice(0, mostTasks);
    // Only those that still are: another server may have put a failed one back in line.
    const locked = await db.all<SweptRow>(
      `SELECT ${movedColumns}, finish_ms FROM task WHERE id = ANY($1) ORDER BY id FOR UPDATE SKIP LOCKED`,
      [batch.map(({ id }) => id)],
    );
    const swept = locked.filter(await isPast(locked, nowMs));
    await transitions.remove(swept, nowMs);
    const lastRead = batch.length === mostTasks ? batch.at(-1) : rows.at(-1);
    return { deleted: swept.length, nextCursor: lastRead === undefined ? null : idOfKey(lastRead.id) };
  };
}
