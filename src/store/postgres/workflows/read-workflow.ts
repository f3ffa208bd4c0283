import type { Task } from "../../../domain/tasks/task.ts";
import type { Workflow } from "../../../domain/workflows/workflow.ts";
import { taskColumns } from "../../rows/task-rows.ts";
import { stepNumber, summaryOf, type WorkflowRow, workflowColumns } from "../../rows/workflow-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { partitionIs } from "../rows/partitions.ts";
import { type AnyTaskRow, tasksOf } from "../tasks/task-content.ts";

/** How many bytes of results one reading of a workflow holds; the largest beyond it are left out. */
const resultBytes = 2_097_152;

/** Reads workflows with their steps. */
export interface ReadWorkflow {
  /** Without payloads and results, by their keys; those that are not there are left out. */
  brief(ids: Iterable<number>): Promise<ReadonlyMap<number, Workflow>>;
  /** With payloads, and as many of the results as one answer holds. `null`: there is none. */
  whole(id: number): Promise<Workflow | null>;
}

type SizedRow = WorkflowRow & { readonly input?: Uint8Array | null };

/** The tasks of workflows: `$1` and `$2` are the keys and sizes of the workflows. */
export const tasksOfWorkflows = `unnest($1::bigint[], $2::int[]) AS own (id, size), LATERAL (
  SELECT * FROM task WHERE task.id > own.id AND task.id <= own.id + own.size AND task.workflow_id = own.id AND ${partitionIs.ofWorkflows}
  UNION ALL
  SELECT * FROM task WHERE task.workflow_id = own.id AND task.undoes IS NOT NULL AND ${partitionIs.ofWorkflows}
) AS task`;

/** Creates a reader of workflows. */
export function createReadWorkflow(engine: Engine): ReadWorkflow {
  const { db, keys, plans } = engine;
  const columns = taskColumns
    .split(", ")
    .map((name) => `task.${name}`)
    .join(", ");

  async function stepsOf(rows: readonly SizedRow[], taskRows: readonly AnyTaskRow[]): Promise<Map<number, Workflow>> {
    const tasks = new Map<number, Task>();
    for (const [index, task] of (await tasksOf(taskRows, engine)).entries()) {
      const row = taskRows[index];
      if (row !== undefined) tasks.set(row.id, task);
    }
    const known = await plans.of(rows.map(({ id }) => id));
    const byWorkflow = Map.groupBy(taskRows, ({ workflow_id: id }) => id);
    return new Map(
      rows.map((row) => {
        const plan = known.get(row.id)?.steps ?? [];
        const own = byWorkflow.get(row.id) ?? [];
        const taskOf = (number: number, isCompensation: boolean) => {
          const found = own.find(
            (each) => (each.undoes !== null) === isCompensation && stepNumber(each, row.id) === number,
          );
          return found === undefined ? null : (tasks.get(found.id) ?? null);
        };
        const steps = plan.flatMap(({ stepId, dependsOn, compensateWith }, number) => {
          const task = taskOf(number, false);
          if (task === null) return [];
          const needed = dependsOn.map((each) => plan[each]?.stepId ?? "");
          return [{ stepId, dependsOn: needed, compensateWith, task, compensation: taskOf(number, true) }];
        });
        return [row.id, { ...summaryOf(row, keys), input: row.input ?? null, steps }];
      }),
    );
  }

  function rangesOf(rows: readonly SizedRow[]) {
    return [rows.map(({ id }) => id), rows.map(({ size }) => size)];
  }

  return {
    async brief(ids) {
      const wanted = [...new Set(ids)];
      if (wanted.length === 0) return new Map();
      const rows = await db.all<SizedRow>(`SELECT ${workflowColumns} FROM workflow WHERE id = ANY($1)`, [wanted]);
      const tasks = await db.all<AnyTaskRow>(
        `SELECT ${columns} FROM ${tasksOfWorkflows} ORDER BY task.id`,
        rangesOf(rows),
      );
      return stepsOf(rows, tasks);
    },

    async whole(id) {
      const row = await db.get<SizedRow>(`SELECT ${workflowColumns}, input FROM workflow WHERE id = $1`, [id]);
      if (row === undefined) return null;
      const lengths = await db.all<{ length: number | null }>(
        `SELECT length(task.result) AS length FROM ${tasksOfWorkflows}`,
        rangesOf([row]),
      );
      const most = mostLength(lengths.map(({ length }) => length ?? 0));
      const tasks = await db.all<AnyTaskRow>(
        `SELECT ${columns}, task.headers, task.payload, CASE WHEN length(task.result) <= $3 THEN task.result END AS result
         FROM ${tasksOfWorkflows} ORDER BY task.id`,
        [...rangesOf([row]), most],
      );
      return (await stepsOf([row], tasks)).get(id) ?? null;
    },
  };
}

/** Up to which length results are read, so that they have room together. */
function mostLength(lengths: readonly number[]): number {
  let most = 0;
  let room = resultBytes;
  for (const length of lengths.toSorted((a, b) => a - b)) {
    room -= length;
    if (room < 0) break;
    most = length;
  }
  return most;
}
