import type Database from "better-sqlite3";
import { errorTypeSql } from "./task-conditions.ts";

/** The counters of failures. */
export interface FailureCounts {
  /** A task has become FAILED: its row says so already. */
  entered(key: number, nowMs: number): void;
  /** A FAILED task is put back or deleted: its row is still there, with its error. */
  left(key: number): void;
}

/** Creates the counters of an open database. What a task counts as is read from its row, the same at both ends. */
export function createFailureCounts(db: Database.Database): FailureCounts {
  const kindOfTask = `SELECT queue_id, CAST(type AS TEXT) AS type, CAST(${errorTypeSql} AS TEXT) AS error_type FROM task WHERE id = ?`;
  const count = db.prepare<[number, number, number, number]>(
    `INSERT INTO failure (queue_id, type, error_type, task_count, first_ms, last_ms, sample_id)
     SELECT kind.*, 1, ?, ?, ? FROM (${kindOfTask}) AS kind WHERE true
     ON CONFLICT (queue_id, type, error_type) DO UPDATE SET task_count = task_count + 1, last_ms = max(last_ms, excluded.last_ms),
       sample_id = excluded.sample_id`,
  );
  // A count that was wrong on the disk stays so, and refuses nothing.
  const uncount = db.prepare<[number]>(
    `UPDATE failure SET task_count = task_count - 1
     WHERE (queue_id, type, error_type) = (${kindOfTask}) AND task_count > 1`,
  );
  const forget = db.prepare<[number]>(
    `DELETE FROM failure WHERE (queue_id, type, error_type) = (${kindOfTask}) AND task_count = 1`,
  );
  return {
    entered: (key, nowMs) => void count.run(nowMs, nowMs, key, key),
    left(key) {
      if (uncount.run(key).changes === 0) forget.run(key);
    },
  };
}
