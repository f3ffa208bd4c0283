import type { Command } from "../../../domain/workflows/workflow-progress.ts";
import { compensationNumber, workflowStateNumber } from "../../rows/workflow-rows.ts";
import type { Statements } from "../database/statements.ts";

/** A command that is about the workflow itself. */
export type WorkflowCommand = Extract<
  Command,
  { readonly do: "end" } | { readonly do: "rest" } | { readonly do: "resume" } | { readonly do: "resume_compensation" }
>;

const { pending, running } = workflowStateNumber;

/** Carries out a command on the row of a workflow. */
export async function writeWorkflow(
  db: Statements,
  id: number,
  command: WorkflowCommand,
  nowMs: number,
): Promise<void> {
  switch (command.do) {
    case "end": {
      const { state, failure, compensation } = command;
      await db.run("UPDATE workflow SET state = $2, failure = $3, compensation = $4 WHERE id = $1", [
        id,
        workflowStateNumber[state],
        JSON.stringify(failure),
        compensationNumber[compensation],
      ]);
      return;
    }
    case "rest": {
      const numbers = [workflowStateNumber[command.state], compensationNumber[command.compensation]];
      const text = "UPDATE workflow SET state = $2, compensation = $3, finish_ms = $4 WHERE id = $1";
      await db.run(text, [id, ...numbers, nowMs]);
      return;
    }
    case "resume":
      await db.run(
        `UPDATE workflow SET state = CASE WHEN start_ms IS NULL THEN ${pending} ELSE ${running} END, failure = NULL,
           finish_ms = NULL, compensation = ${compensationNumber.none} WHERE id = $1`,
        [id],
      );
      return;
    default:
      await db.run(`UPDATE workflow SET compensation = ${compensationNumber.running}, finish_ms = NULL WHERE id = $1`, [
        id,
      ]);
  }
}
