import { isFinished, taskStates } from "../../../domain/tasks/task.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { idOfKey, keyOfId } from "../rows/ids.ts";
import type { QueueTable } from "../rows/queue-table.ts";
import { stateOf } from "../rows/task-rows.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

/** How many tasks one batch deletes: a few milliseconds. */
const batchTasks = 500;
/** How many rows one batch reads. */
const batchRows = 2_000;

/**
 * The verb `sweep` on an open database.
 *
 * It walks up the primary key, from the oldest task on. An index by time of finishing would find the rows at once, and cost
 * every task an insert and a delete.
 */
export function createSweep({ db, keys, queues }: Engine, transitions: Transitions): SyncVerb<Store["sweep"]> {
  const select = db.prepare<[number, number, number], MovedRow & { readonly finish_ms: number | null }>(
    `SELECT ${movedColumns}, state, finish_ms FROM task
     WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
  );

  return (afterId, nowMs) => {
    // A task is at least as old as its end: what was created after this cannot be past any retention.
    const shortestMs = shortestRetentionMs(queues);
    const after = afterId === null ? 0 : (keyOfId(afterId) ?? 0);
    const before = Number.isFinite(shortestMs) ? keys.at(nowMs - shortestMs + 1) : 0;
    let deleted = 0;
    let lastRead: number | null = null;
    for (const row of select.all(after, before, batchRows)) {
      if (deleted === batchTasks) break;
      lastRead = row.id;
      const { retention } = queues.byId(row.queue_id).settings;
      const state = stateOf(row.state);
      if (row.finish_ms === null || !isFinished(state)) continue;
      // A workflow's tasks are kept as long as the workflow.
      if (row.workflow_id !== null || row.finish_ms + retention[`${state}Ms`] > nowMs) continue;
      transitions.remove(row, nowMs);
      deleted++;
    }
    return { deleted, nextAfterId: lastRead === null ? null : idOfKey(lastRead) };
  };
}

const finishedStates = taskStates.filter(isFinished);

/**
 * How long finished tasks are kept at least, in milliseconds, over those that are there; `Infinity`: none is, and a million that
 * wait are not walked through.
 */
function shortestRetentionMs(queues: QueueTable): number {
  let shortestMs = Number.POSITIVE_INFINITY;
  for (const { counts, settings } of queues.all()) {
    for (const state of finishedStates) {
      if (counts[state] > 0) shortestMs = Math.min(shortestMs, settings.retention[`${state}Ms`]);
    }
  }
  return shortestMs;
}
