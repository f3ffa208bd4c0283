import { serverErrors } from "../../../domain/tasks/task.ts";
import { type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { TaskStore } from "../../task-store.ts";
import type { Engine } from "../engine/engine.ts";
import { type MovedRow, movedColumns, type Transitions } from "./transitions.ts";

/** How many tasks one batch moves: some tens of milliseconds. */
const batchTasks = 500;

/** Creates the verb `advance`. What another server moves at this moment is left to it. */
export function createAdvance({ db, queues, changes, upkeep }: Engine, transitions: Transitions): TaskStore["advance"] {
  async function failExpired(nowMs: number): Promise<void> {
    const rows = await db.all<TaskRow>(
      `SELECT ${taskColumns} FROM task_live AS task WHERE expire_ms IS NOT NULL AND ${taskIs.waiting} AND expire_ms <= $1
       ORDER BY expire_ms LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [nowMs, upkeep.portion("advance", batchTasks)],
    );
    const end = { to: "failed", error: serverErrors.expired, outcome: "cancelled" } as const;
    await transitions.finalize(
      rows.map((row) => ({ row, ...end })),
      nowMs,
    );
  }

  async function makeReady(nowMs: number): Promise<void> {
    const rows = await db.all<MovedRow>(
      `SELECT ${movedColumns} FROM task_live AS task WHERE state = ${stateNumber.scheduled} AND schedule_ms <= $1
       ORDER BY schedule_ms LIMIT $2 FOR UPDATE SKIP LOCKED`,
      [nowMs, upkeep.portion("advance", batchTasks)],
    );
    if (rows.length === 0) return;
    await db.run(`UPDATE task_live AS task SET state = ${stateNumber.pending} WHERE id = ANY($1)`, [
      rows.map(({ id }) => id),
    ]);
    await transitions.moved(rows, "pending", nowMs);
  }

  /** Puts in line what its worker has not taken in time: it goes to any. */
  async function putInLine(nowMs: number): Promise<void> {
    const rows = await db.all<{ queue_id: number }>(
      `WITH waited AS MATERIALIZED (
         SELECT id FROM task_live AS task WHERE lane_until_ms IS NOT NULL AND state = ${stateNumber.pending} AND lane_until_ms <= $1
         ORDER BY lane_until_ms LIMIT $2 FOR UPDATE SKIP LOCKED
       ) UPDATE task_live AS task SET lane = NULL, lane_until_ms = NULL FROM waited WHERE task.id = waited.id RETURNING task.queue_id`,
      [nowMs, upkeep.portion("advance", batchTasks)],
    );
    const known = await queues.byId(rows.map((row) => row.queue_id));
    for (const row of rows) changes.noteReady(known.get(row.queue_id)?.name ?? "");
  }

  return async (nowMs) => {
    // First what is too late, so that it is not offered for a moment.
    await failExpired(nowMs);
    await makeReady(nowMs);
    await putInLine(nowMs);
    const next = await db.get<{ next_ms: number | null }>(
      `SELECT least(
         (SELECT min(schedule_ms) FROM task_live AS task WHERE state = ${stateNumber.scheduled}),
         (SELECT min(lane_until_ms) FROM task_live AS task WHERE lane_until_ms IS NOT NULL AND state = ${stateNumber.pending}),
         (SELECT min(expire_ms) FROM task_live AS task WHERE expire_ms IS NOT NULL AND ${taskIs.waiting})) AS next_ms`,
    );
    return { nextMs: next?.next_ms ?? null };
  };
}
