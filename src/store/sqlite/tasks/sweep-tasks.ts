import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { isPastRetention, shortestRetentionMs } from "../../../domain/tasks/retention.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

/** How many tasks one batch deletes: a few milliseconds. */
const batchTasks = 500;
/** How many rows one batch reads. */
const batchRows = 2_000;

/**
 * Creates the verb `sweep` on an open database.
 *
 * It walks up the primary key, from the oldest task on. An index by time of finishing would find the rows at once, and cost
 * every task an insert and a delete.
 */
export function createSweep({ db, keys, queues }: Engine, transitions: Transitions): SyncVerb<Store["sweep"]> {
  const select = db.prepare<[number, number, number], MovedRow & { readonly finish_ms: number | null }>(
    `SELECT ${movedColumns}, state, finish_ms FROM task
     WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
  );

  return (cursor, nowMs) => {
    // A task is at least as old as its end: what was created after this cannot be past any retention.
    const shortestMs = shortestRetentionMs(
      Array.from(queues.all(), ({ counts, settings }) => ({ counts, retention: settings.retention })),
    );
    const after = cursor === null ? 0 : (keyOfId(cursor) ?? 0);
    const before = Number.isFinite(shortestMs) ? keys.at(nowMs - shortestMs + 1) : 0;
    let deleted = 0;
    let lastRead: number | null = null;
    for (const row of select.all(after, before, batchRows)) {
      if (deleted === batchTasks) break;
      lastRead = row.id;
      const { retention } = queues.byId(row.queue_id).settings;
      const isInWorkflow = row.workflow_id !== null;
      const task = { state: stateOf(row.state), finishMs: row.finish_ms, isInWorkflow };
      if (!isPastRetention(task, retention, nowMs)) continue;
      transitions.remove(row, nowMs);
      deleted++;
    }
    return { deleted, nextCursor: lastRead === null ? null : idOfKey(lastRead) };
  };
}
