import { stateNumber, stateOf } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { createFailureCounts } from "../tasks/failure-counts.ts";

/** The partition that is detached from `task`, until it is dropped: there is one at a time. */
export const detachedTable = "task_detached";

/** How many pages of it one batch goes through: a few thousand tasks; and where some server watches, which is sent each of them. */
const batchPages = { unwatched: 200, watched: 25 };

/** Tasks that are alike. */
interface Group {
  readonly queue_id: number;
  readonly state: number;
  readonly subscription_id: number | null;
  readonly count: number;
}

/**
 * Sweeps the next batch of the detached partition: subtracts its tasks from the counts, tells those who watch, and deletes their attempts and request
 * ids. The rows stay: they are dropped with the table. `null`: there is none to sweep.
 */
export type SweepDetached = (nowMs: number) => Promise<DetachedSweep | null>;

/** What a batch has done. */
export interface DetachedSweep {
  /** How many tasks that were. */
  readonly swept: number;
  /** Nothing is left of it to go on with. */
  readonly isDone: boolean;
}

/** Creates the counting out. */
export function createSweepDetached({ db, queues, changes, upkeep }: Engine): SweepDetached {
  const failures = createFailureCounts(db, detachedTable);
  const range = "ctid >= $1::tid AND ctid < $2::tid";

  return async (nowMs) => {
    const partition = await db.get<{ next_page: number; pages: number }>(
      `SELECT next_page, pg_relation_size(name::regclass) / current_setting('block_size')::int AS pages
       FROM task_partition WHERE next_page IS NOT NULL AND NOT is_swept FOR UPDATE SKIP LOCKED`,
    );
    if (partition === undefined) return null;
    const most = changes.watched.tasks ? batchPages.watched : batchPages.unwatched;
    const next = partition.next_page + upkeep.portion("sweep", most);
    const isDone = next >= partition.pages;
    const rows = [`(${partition.next_page},0)`, `(${next},0)`];
    const groups = await db.all<Group>(
      `SELECT queue_id, state, subscription_id, count(*) AS count FROM ${detachedTable} WHERE ${range} GROUP BY 1, 2, 3`,
      rows,
    );
    await queues.byId(groups.map((group) => group.queue_id));
    let swept = 0;
    for (const { queue_id: queueId, state, subscription_id: subscriptionId, count } of groups) {
      for (let each = 0; each < count; each++) queues.move(queueId, stateOf(state), null, subscriptionId);
      swept += count;
    }
    await changes.noteDeleted(detachedTable, range, rows, nowMs);
    if (groups.some(({ state }) => state === stateNumber.failed)) {
      const failed = await db.all<{ id: number }>(
        `SELECT id FROM ${detachedTable} WHERE ${range} AND state = ${stateNumber.failed}`,
        rows,
      );
      await failures.left(failed.map(({ id }) => id));
    }
    await db.run(
      `WITH swept AS MATERIALIZED (SELECT id, request_id FROM ${detachedTable} WHERE ${range} AND request_id IS NOT NULL)
       DELETE FROM task_request USING swept WHERE task_request.request_id = swept.request_id AND task_request.task_id = swept.id`,
      rows,
    );
    await db.run(
      `WITH swept AS MATERIALIZED (SELECT id FROM ${detachedTable} WHERE ${range})
       DELETE FROM attempt USING swept WHERE attempt.task_id = swept.id`,
      rows,
    );
    await db.run("UPDATE task_partition SET next_page = $1, is_swept = $2 WHERE name = $3", [
      next,
      isDone,
      detachedTable,
    ]);
    return { swept, isDone };
  };
}
