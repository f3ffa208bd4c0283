import { waitingSinceMs } from "../../../domain/workflows/stuck.ts";
import type { WorkflowSummary } from "../../../domain/workflows/workflow.ts";
import { stateOf } from "../../rows/task-states.ts";
import type { WorkflowRow } from "../../rows/workflow-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { tasksOfWorkflows } from "./read-workflow.ts";

interface DoingRow {
  readonly id: number;
  readonly state: number;
  readonly attempt: number;
  readonly finish_ms: number | null;
  readonly ready_key: number;
}

/** Creates what reads since when workflows wait, as `waitingSinceMs` of the domain has it, by their keys. */
export function createWaitingSince({ db, keys }: Pick<Engine, "db" | "keys">) {
  return async (
    workflows: readonly (readonly [row: WorkflowRow, summary: Pick<WorkflowSummary, "createMs" | "finishMs">])[],
  ): Promise<ReadonlyMap<number, number | null>> => {
    if (workflows.length === 0) return new Map();
    const rows = await db.all<DoingRow>(
      `SELECT own.id, task.state, task.attempt, task.finish_ms, task.ready_key FROM ${tasksOfWorkflows}`,
      [workflows.map(([{ id }]) => id), workflows.map(([{ size }]) => size)],
    );
    const byWorkflow = Map.groupBy(rows, ({ id }) => id);
    return new Map(
      workflows.map(([{ id }, summary]) => {
        const doing = (byWorkflow.get(id) ?? []).map(({ state, attempt, finish_ms: finishMs, ready_key: key }) => {
          return { state: stateOf(state), attempt, finishMs, readyMs: keys.timeOf(key) };
        });
        return [id, waitingSinceMs(summary, doing)];
      }),
    );
  };
}
