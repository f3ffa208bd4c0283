import type { Statements } from "../database/statements.ts";
import { jsonSql } from "../database/text.ts";

/** The type of a row's error; empty: it has none. `error` is JSON that this engine wrote. */
export const errorTypeSql = `coalesce(${jsonSql("error")} ->> 'type', '')`;

/** The counters of failures. */
export interface FailureCounts {
  /** Tasks have become FAILED: their rows say so already. */
  entered(keys: readonly number[], nowMs: number): Promise<void>;
  /** FAILED tasks are put back or deleted: their rows are still there, with their errors. */
  left(keys: readonly number[]): Promise<void>;
}

/**
 * Creates the counters. What a task counts as is read from its row, the same at both ends.
 *
 * @param table where the rows are. Default: `task`
 */
export function createFailureCounts(db: Statements, table = "task"): FailureCounts {
  const kinds = `SELECT queue_id, type, ${errorTypeSql} AS error_type, count(*) AS n, max(id) AS sample_id
    FROM ${table} WHERE id = ANY($1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;
  return {
    async entered(keys, nowMs) {
      if (keys.length === 0) return;
      await db.run(
        `INSERT INTO failure (queue_id, type, error_type, task_count, first_ms, last_ms, sample_id)
         SELECT queue_id, type, error_type, n, $2, $2, sample_id FROM (${kinds}) AS kind
         ON CONFLICT (queue_id, type, error_type) DO UPDATE SET task_count = failure.task_count + excluded.task_count,
           last_ms = greatest(failure.last_ms, excluded.last_ms), sample_id = excluded.sample_id`,
        [keys, nowMs],
      );
    },

    async left(keys) {
      if (keys.length === 0) return;
      const kindIs =
        "(failure.queue_id, failure.type, failure.error_type) = (kind.queue_id, kind.type, kind.error_type)";
      await db.run(`DELETE FROM failure USING (${kinds}) AS kind WHERE ${kindIs} AND task_count <= n`, [keys]);
      await db.run(
        `UPDATE failure SET task_count = task_count - n FROM (${kinds}) AS kind WHERE ${kindIs} AND task_count > n`,
        [keys],
      );
    },
  };
}
