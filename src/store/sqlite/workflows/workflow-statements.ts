import type Database from "better-sqlite3";
import { compensationNumber, type WorkflowRow, workflowColumns, workflowStateNumber } from "../rows/workflow-rows.ts";
import { type MovedRow, movedColumns } from "../tasks/transitions.ts";

/** What of a workflow decides what follows. */
export type FlowRow = Pick<WorkflowRow, "id" | "state" | "compensation" | "size" | "finish_ms">;

/** What of a step decides what follows. */
export interface StepRow {
  readonly id: number;
  readonly state: number;
  readonly finish_ms: number | null;
  readonly completed_key: number | null;
}

/** What the flow of workflows asks of the database. */
export function prepareWorkflowStatements(db: Database.Database) {
  return {
    select: db.prepare<[number], WorkflowRow>(`SELECT ${workflowColumns} FROM workflow WHERE id = ?`),
    selectSteps: db.prepare<[number, number], StepRow>(
      "SELECT id, state, finish_ms, completed_key FROM task WHERE id > ? AND id <= ? ORDER BY id",
    ),
    noteCompleted: db.prepare<[number, number]>("UPDATE task SET completed_key = ? WHERE id = ?"),
    selectFlow: db.prepare<[number], FlowRow>(
      "SELECT id, state, compensation, size, finish_ms FROM workflow WHERE id = ?",
    ),
    selectMoved: db.prepare<[number], MovedRow>(`SELECT ${movedColumns}, state FROM task WHERE id = ?`),
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
