import { serverErrors } from "../../../domain/tasks/task.ts";
import { type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

/** How many tasks one batch moves: a few milliseconds. */
const batchTasks = 500;

/** Creates the verb `advance` on an open database. */
export function createAdvance({ db, queues, changes }: Engine, transitions: Transitions): SyncVerb<Store["advance"]> {
  const selectDue = db.prepare<[number, number], MovedRow>(
    `SELECT ${movedColumns}, state FROM task WHERE state = ${stateNumber.scheduled} AND schedule_ms <= ?
     ORDER BY schedule_ms LIMIT ?`,
  );
  const makeReady = db.prepare<[number]>(`UPDATE task SET state = ${stateNumber.pending} WHERE id = ?`);
  const selectExpired = db.prepare<[number, number], TaskRow>(
    `SELECT ${taskColumns} FROM task INDEXED BY task_expiring
     WHERE expire_ms IS NOT NULL AND ${taskIs.waiting} AND expire_ms <= ? ORDER BY expire_ms LIMIT ?`,
  );
  const selectWaitedEnough = db.prepare<[number, number], { readonly id: number; readonly queue_id: number }>(
    `SELECT id, queue_id FROM task INDEXED BY task_lane_until
     WHERE lane_until_ms IS NOT NULL AND state = ${stateNumber.pending} AND lane_until_ms <= ? LIMIT ?`,
  );
  const putInLine = db.prepare<[number]>("UPDATE task SET lane = NULL, lane_until_ms = NULL WHERE id = ?");
  const selectNext = db
    .prepare<[], number | null>(
      `SELECT min(next_ms) FROM (
         SELECT min(schedule_ms) AS next_ms FROM task WHERE state = ${stateNumber.scheduled}
         UNION ALL
         SELECT min(lane_until_ms) FROM task INDEXED BY task_lane_until WHERE lane_until_ms IS NOT NULL AND state = ${stateNumber.pending}
         UNION ALL
         SELECT min(expire_ms) FROM task INDEXED BY task_expiring WHERE expire_ms IS NOT NULL AND ${taskIs.waiting})`,
    )
    .pluck();

  return (nowMs) => {
    // First what is too late, so that it is not offered for a moment.
    for (const row of selectExpired.all(nowMs, batchTasks)) {
      transitions.finalize(row, "failed", serverErrors.expired, "cancelled", nowMs);
    }
    for (const row of selectDue.all(nowMs, batchTasks)) {
      makeReady.run(row.id);
      transitions.moved(row, "pending", nowMs);
    }
    // Their worker has not taken them in time: they go to any.
    for (const { id, queue_id } of selectWaitedEnough.all(nowMs, batchTasks)) {
      putInLine.run(id);
      const queue = queues.byId(queue_id);
      queue.front = null;
      changes.noteReady(queue.name);
    }
    return { nextMs: selectNext.get() ?? null };
  };
}
