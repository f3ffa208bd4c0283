import type Database from "better-sqlite3";
import {
  compensationNumber,
  type WorkflowRow,
  workflowColumns,
  workflowStateNumber,
} from "../../rows/workflow-rows.ts";

/** What the flow of workflows asks of the database. */
export function prepareWorkflowStatements(db: Database.Database) {
  return {
    select: db.prepare<[number], WorkflowRow>(`SELECT ${workflowColumns} FROM workflow WHERE id = ?`),
    selectCompletion: db.prepare<
      [number],
      { readonly finish_ms: number | null; readonly completed_key: number | null }
    >("SELECT finish_ms, completed_key FROM task WHERE id = ?"),
    selectPlace: db.prepare<[number], { readonly state: number; readonly finish_ms: number | null }>(
      "SELECT state, finish_ms FROM workflow WHERE id = ?",
    ),
    noteCompleted: db.prepare<[number, number]>("UPDATE task SET completed_key = ? WHERE id = ?"),
    selectCompensations: db.prepare<[number], { id: number; state: number; undoes: number }>(
      "SELECT id, state, undoes FROM task WHERE workflow_id = +? AND undoes IS NOT NULL ORDER BY id",
    ),
    begin: db.prepare<[number, number]>(
      `UPDATE workflow SET state = ${workflowStateNumber.running}, start_ms = ? WHERE id = ? AND state = ${workflowStateNumber.pending}`,
    ),
    updateEnded: db.prepare<[number, string, number, number]>(
      "UPDATE workflow SET state = ?, failure = ?, compensation = ? WHERE id = ?",
    ),
    updateResumed: db.prepare<[number]>(
      `UPDATE workflow 
       SET state = iif(start_ms IS NULL, ${workflowStateNumber.pending}, ${workflowStateNumber.running}), failure = NULL,
         finish_ms = NULL, compensation = ${compensationNumber.none}
       WHERE id = ?`,
    ),
    updateCompensating: db.prepare<[number]>(
      `UPDATE workflow SET compensation = ${compensationNumber.running}, finish_ms = NULL WHERE id = ?`,
    ),
    updateFinished: db.prepare<[number, number, number, number]>(
      "UPDATE workflow SET state = ?, compensation = ?, finish_ms = ? WHERE id = ?",
    ),
  };
}
