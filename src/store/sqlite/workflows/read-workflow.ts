import type Database from "better-sqlite3";
import { idOfKey } from "../../../domain/ids.ts";
import type { Workflow, WorkflowStep } from "../../../domain/workflows/workflow.ts";
import { type FullTaskRow, type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { compensationNumber, stepNumber, summaryOf, type WorkflowRow } from "../../rows/workflow-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { taskOf } from "../tasks/task-content.ts";
import { createWorkflowContent } from "./workflow-content.ts";

/** How many bytes of results one reading of a workflow holds; the largest beyond it are left out. */
const resultBytes = 2_097_152;

/** Reads workflows with their steps. */
export interface ReadWorkflow {
  /** Without payloads and results. */
  brief(row: WorkflowRow): Workflow;
  /** With payloads, and as many of the results as one answer holds. */
  whole(row: WorkflowRow): Workflow;
}

/** Creates a reader of workflows in an open database. */
export function createReadWorkflow(engine: Engine): ReadWorkflow {
  const { db, keys, plans, damages } = engine;
  const contentOf = createWorkflowContent(engine);
  const selectTasks = createTaskSelect<TaskRow>(db, taskColumns);
  const selectFullTasks = createTaskSelect<FullTaskRow>(
    db,
    `${taskColumns}, headers, payload, checksum, iif(length(result) <= @most, result, NULL) AS result,
       iif(length(result) > @most, NULL, result_checksum) AS result_checksum`,
  );
  const selectLengths = createTaskSelect<{ readonly length: number | null }>(db, "length(result) AS length");

  /** The steps whose tasks are there. One whose task is not is damaged, as is the plan where it has too many. */
  function stepsOf(row: WorkflowRow, rows: readonly TaskRow[]): WorkflowStep[] {
    const tasks = new Map<number, TaskRow>();
    const compensations = new Map<number, TaskRow>();
    for (const each of rows) (each.undoes === null ? tasks : compensations).set(stepNumber(each, row.id), each);
    const { steps: plan, isSound } = plans.of(row.id);
    return plan.flatMap(({ stepId, dependsOn, compensateWith }, number) => {
      const step = tasks.get(number);
      if (step === undefined) {
        if (isSound) damages.leftOut(`step ${stepId} of workflow ${idOfKey(row.id)}`);
        return [];
      }
      const compensation = compensations.get(number);
      return {
        stepId,
        dependsOn: dependsOn.map((each) => plan[each]?.stepId ?? ""),
        compensateWith,
        task: taskOf(step, engine),
        compensation: compensation === undefined ? null : taskOf(compensation, engine),
      };
    });
  }

  return {
    brief(row) {
      return { ...summaryOf(row, keys), input: null, steps: stepsOf(row, selectTasks(row, {})) };
    },

    whole(row) {
      let most = 0;
      let room = resultBytes;
      const lengths = selectLengths(row, {}).map(({ length }) => length ?? 0);
      for (const length of lengths.sort((a, b) => a - b)) {
        room -= length;
        if (room < 0) break;
        most = length;
      }
      const steps = stepsOf(row, selectFullTasks(row, { most }));
      return { ...summaryOf(row, keys), steps, ...contentOf(row.id, steps.length) };
    },
  };
}

/** Makes a function that reads the tasks of a workflow: its steps by number, then its compensations. */
export function createTaskSelect<Row>(db: Database.Database, columns: string) {
  const selectSteps = db.prepare<object, Row>(
    `SELECT ${columns} FROM task WHERE id > @id AND id <= @id + @size ORDER BY id`,
  );
  const selectCompensations = db.prepare<object, Row>(
    `SELECT ${columns} FROM task INDEXED BY task_compensation WHERE workflow_id = @id AND undoes IS NOT NULL`,
  );
  // One statement for both would sort them in a b-tree of its own.
  return ({ id, size, compensation }: Pick<WorkflowRow, "id" | "size" | "compensation">, more: object): Row[] => {
    const steps = selectSteps.all({ id, size, ...more });
    if (compensation === compensationNumber.none) return steps;
    return [...steps, ...selectCompensations.all({ id, ...more })];
  };
}
