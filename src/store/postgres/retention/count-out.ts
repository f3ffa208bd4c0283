import { stateNumber, stateOf } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { createFailureCounts } from "../tasks/failure-counts.ts";

/** The part that was taken out of `task`, until it is dropped: there is one at a time. */
export const passedTable = "task_passed";

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
 * Goes on with the part that was taken out of `task`, by one batch: takes its tasks out of the counts, tells those who watch, and deletes what hangs
 * on them. Its rows stay: they go with the table. `null`: there is nothing to go on with.
 */
export type CountOut = (nowMs: number) => Promise<CountedOut | null>;

/** What a batch has done. */
export interface CountedOut {
  /** How many tasks that were. */
  readonly passed: number;
  /** Nothing is left of it to go on with. */
  readonly isDone: boolean;
}

/** Creates the counting out. */
export function createCountOut({ db, queues, changes, upkeep }: Engine): CountOut {
  const failures = createFailureCounts(db, passedTable);
  const range = "ctid >= $1::tid AND ctid < $2::tid";

  return async (nowMs) => {
    const part = await db.get<{ passed_page: number; pages: number }>(
      `SELECT passed_page, pg_relation_size(name::regclass) / current_setting('block_size')::int AS pages
       FROM task_part WHERE passed_page IS NOT NULL AND NOT is_passed FOR UPDATE SKIP LOCKED`,
    );
    if (part === undefined) return null;
    const most = changes.watched.tasks ? batchPages.watched : batchPages.unwatched;
    const next = part.passed_page + upkeep.portion("sweep", most);
    const isDone = next >= part.pages;
    const rows = [`(${part.passed_page},0)`, `(${next},0)`];
    const groups = await db.all<Group>(
      `SELECT queue_id, state, subscription_id, count(*) AS count FROM ${passedTable} WHERE ${range} GROUP BY 1, 2, 3`,
      rows,
    );
    await queues.byId(groups.map((group) => group.queue_id));
    let passed = 0;
    for (const { queue_id: queueId, state, subscription_id: subscriptionId, count } of groups) {
      for (let each = 0; each < count; each++) queues.move(queueId, stateOf(state), null, subscriptionId);
      passed += count;
    }
    await changes.noteDeleted(passedTable, range, rows, nowMs);
    if (groups.some(({ state }) => state === stateNumber.failed)) {
      const failed = await db.all<{ id: number }>(
        `SELECT id FROM ${passedTable} WHERE ${range} AND state = ${stateNumber.failed}`,
        rows,
      );
      await failures.left(failed.map(({ id }) => id));
    }
    await db.run(
      `WITH passed AS MATERIALIZED (SELECT id, request_id FROM ${passedTable} WHERE ${range} AND request_id IS NOT NULL)
       DELETE FROM task_request USING passed WHERE task_request.request_id = passed.request_id AND task_request.task_id = passed.id`,
      rows,
    );
    await db.run(
      `WITH passed AS MATERIALIZED (SELECT id FROM ${passedTable} WHERE ${range})
       DELETE FROM attempt USING passed WHERE attempt.task_id = passed.id`,
      rows,
    );
    await db.run("UPDATE task_part SET passed_page = $1, is_passed = $2 WHERE name = $3", [next, isDone, passedTable]);
    return { passed, isDone };
  };
}
