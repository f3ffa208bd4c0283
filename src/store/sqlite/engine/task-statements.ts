import type Database from "better-sqlite3";
import { type FullTaskRow, fullTaskColumns, type TaskRow, taskColumns } from "../../rows/task-rows.ts";

/** The reads of one task by its key, for all verbs. */
export interface TaskStatements {
  readonly select: Database.Statement<[number], TaskRow>;
  /** With what can be large. */
  readonly selectWhole: Database.Statement<[number], FullTaskRow>;
}

/** Prepares the reads of one task in an open database. */
export function prepareTaskStatements(db: Database.Database): TaskStatements {
  return {
    select: db.prepare(`SELECT ${taskColumns} FROM task WHERE id = ?`),
    selectWhole: db.prepare(`SELECT ${fullTaskColumns} FROM task WHERE id = ?`),
  };
}
