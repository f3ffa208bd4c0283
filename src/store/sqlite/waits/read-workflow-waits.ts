import { keyOfId } from "../../../domain/ids.ts";
import { type WaitingStep, type WaitingWorkflow, workflowWaitOf } from "../../rows/wait-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { createTaskSelect } from "../workflows/read-workflow.ts";

/** How many steps one call reads, over all its workflows: a few milliseconds. */
const mostSteps = 10_000;

/** Creates the verb `readWorkflowWaits` on an open database. */
export function createReadWorkflowWaits({ db, plans }: Engine): SyncVerb<Store["readWorkflowWaits"]> {
  const selectWorkflow = db.prepare<[number], WaitingWorkflow>(
    "SELECT id, state, compensation, size FROM workflow WHERE id = ?",
  );
  const selectTasks = createTaskSelect<WaitingStep>(db, "id, state, undoes");

  return (ids) => {
    let left = mostSteps;
    return ids.map((id) => {
      const row = selectWorkflow.get(keyOfId(id) ?? 0);
      if (row === undefined || left <= 0) return null;
      left -= row.size;
      return workflowWaitOf(row, selectTasks(row, {}), plans.of(row.id).steps);
    });
  };
}
