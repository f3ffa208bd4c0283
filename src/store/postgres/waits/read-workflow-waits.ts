import { keyOfId } from "../../../domain/ids.ts";
import { type WaitingStep, type WaitingWorkflow, workflowWaitOf } from "../../rows/wait-rows.ts";
import type { WorkflowStore } from "../../workflow-store.ts";
import type { Engine } from "../engine/engine.ts";
import { tasksOfWorkflows } from "../workflows/read-workflow.ts";

/** How many steps one call reads, over all its workflows. */
const mostSteps = 10_000;

/** Creates the verb `readWorkflowWaits`. */
export function createReadWorkflowWaits({
  db,
  plans,
}: Pick<Engine, "db" | "plans">): Pick<WorkflowStore, "readWorkflowWaits"> {
  return {
    async readWorkflowWaits(ids) {
      const keys = ids.map(keyOfId);
      const rows = await db.all<WaitingWorkflow>(
        "SELECT id, state, compensation, size FROM workflow WHERE id = ANY($1)",
        [keys.filter((key) => key !== null)],
      );
      const byKey = new Map(rows.map((row) => [row.id, row]));
      let left = mostSteps;
      const read = new Map<number, WaitingWorkflow>();
      for (const key of keys) {
        const row = byKey.get(key ?? -1);
        if (row === undefined || left <= 0 || read.has(row.id)) continue;
        left -= row.size;
        read.set(row.id, row);
      }
      const tasks = await db.all<WaitingStep & { readonly workflow: number }>(
        `SELECT own.id AS workflow, task.id, task.state, task.undoes FROM ${tasksOfWorkflows}`,
        [[...read.keys()], [...read.values()].map(({ size }) => size)],
      );
      const tasksByWorkflow = Map.groupBy(tasks, ({ workflow }) => workflow);
      const known = await plans.of(read.keys());
      return keys.map((key) => {
        const row = read.get(key ?? -1);
        if (row === undefined) return null;
        return workflowWaitOf(row, tasksByWorkflow.get(row.id) ?? [], known.get(row.id)?.steps ?? []);
      });
    },
  };
}
