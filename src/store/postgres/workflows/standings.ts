import type { TaskError, TaskState } from "../../../domain/tasks/task.ts";
import type { StepState, WorkflowStanding } from "../../../domain/workflows/workflow-progress.ts";
import { readJson } from "../../rows/json-column.ts";
import { stateOf } from "../../rows/task-states.ts";
import {
  compensationOf,
  stepNumber,
  type WorkflowRow,
  workflowColumns,
  workflowStateOf,
} from "../../rows/workflow-rows.ts";
import type { Statements } from "../database/statements.ts";
import { partitionIs } from "../rows/partitions.ts";
import type { Plans } from "../rows/plans.ts";

/** How a workflow stands, with what it is decided from. */
export interface Standing {
  readonly row: WorkflowRow;
  /** By the steps' numbers. */
  readonly steps: StepState[];
  /** The states of the compensations that have begun, by the numbers of the steps that they undo, in the order of their begin. */
  readonly compensations: Map<number, TaskState>;
  /** The tasks of the compensations, by the numbers of the steps. */
  readonly compensationKeys: ReadonlyMap<number, number>;
  /** Why steps and compensations failed, by the tasks' keys. */
  readonly errors: ReadonlyMap<number, TaskError | null>;
  /** As the rules ask for it. */
  readonly standing: WorkflowStanding;
}

interface StepRow {
  readonly id: number;
  readonly workflow_id: number;
  readonly undoes: number | null;
  readonly state: number;
  readonly finish_ms: number | null;
  readonly completed_key: number | null;
  readonly error: string | null;
}

/**
 * Reads how workflows stand. Their rows are locked until the commit: of servers that end steps of the same workflow the later one sees
 * what the earlier one did.
 *
 * @param at the key of a moment
 */
export async function lockStandings(
  db: Statements,
  plans: Plans,
  at: (ms: number) => number,
  ids: Iterable<number>,
): Promise<ReadonlyMap<number, Standing>> {
  const rows = await db.all<WorkflowRow>(
    `SELECT ${workflowColumns} FROM workflow WHERE id = ANY($1) ORDER BY id FOR UPDATE`,
    [[...new Set(ids)]],
  );
  if (rows.length === 0) return new Map();
  const tasks = await db.all<StepRow>(
    `SELECT task.id, task.workflow_id, undoes, task.state, task.finish_ms, completed_key, CASE WHEN task.state >= 6 THEN error END AS error
     FROM unnest($1::bigint[], $2::int[]) AS own (id, size), LATERAL (
       SELECT * FROM task WHERE task.id > own.id AND task.id <= own.id + own.size AND task.workflow_id = own.id AND ${partitionIs.ofWorkflows}
       UNION ALL
       SELECT * FROM task WHERE task.workflow_id = own.id AND task.undoes IS NOT NULL AND ${partitionIs.ofWorkflows}
     ) AS task ORDER BY task.id`,
    [rows.map(({ id }) => id), rows.map(({ size }) => size)],
  );
  const known = await plans.of(rows.map(({ id }) => id));
  const byWorkflow = Map.groupBy(tasks, ({ workflow_id: id }) => id);
  return new Map(
    rows.flatMap((row) => {
      const plan = known.get(row.id);
      if (plan === undefined) return [];
      return [[row.id, standingOf(row, plan, byWorkflow.get(row.id) ?? [], at)] as const];
    }),
  );
}

function standingOf(
  row: WorkflowRow,
  plan: WorkflowStanding["plan"],
  tasks: readonly StepRow[],
  at: (ms: number) => number,
): Standing {
  const steps = Array<StepState>(row.size).fill("missing");
  const completions = new Map<number, number>();
  const compensations = new Map<number, TaskState>();
  const compensationKeys = new Map<number, number>();
  const errors = new Map<number, TaskError | null>();
  for (const task of tasks) {
    const number = stepNumber(task, row.id);
    errors.set(task.id, readJson<TaskError>(task.error));
    if (task.undoes === null) {
      steps[number] = stateOf(task.state);
      completions.set(number, task.completed_key ?? at(task.finish_ms ?? 0));
    } else {
      compensations.set(number, stateOf(task.state));
      compensationKeys.set(number, task.id);
    }
  }
  const standing: WorkflowStanding = {
    state: workflowStateOf(row.state),
    compensation: compensationOf(row.compensation),
    isAtRest: row.finish_ms !== null,
    plan,
    steps: () => steps,
    completionOf: (step) => completions.get(step) ?? at(0),
    compensations: () => Array.from(compensations, ([step, state]) => ({ step, state })),
  };
  return { row, steps, compensations, compensationKeys, errors, standing };
}
