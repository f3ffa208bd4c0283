import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { firstWait, type StepStates } from "../../../domain/workflows/first-wait.ts";
import type { TaskRow } from "../../rows/task-rows.ts";
import { stateOf } from "../../rows/task-states.ts";
import { compensationOf, stepNumber, type WorkflowRow, workflowStateOf } from "../../rows/workflow-rows.ts";
import type { Store } from "../../store.ts";
import type { StoredWorkflowWait } from "../../workflow-store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { createTaskSelect } from "../workflows/read-workflow.ts";

type SizedRow = Pick<WorkflowRow, "id" | "state" | "compensation" | "size">;
type StateRow = Pick<TaskRow, "id" | "state" | "undoes">;

/** How many steps one call reads, over all its workflows: a few milliseconds. */
const mostSteps = 10_000;

/** Creates the verb `readWorkflowWaits` on an open database. */
export function createReadWorkflowWaits({ db, plans }: Engine): SyncVerb<Store["readWorkflowWaits"]> {
  const selectWorkflow = db.prepare<[number], SizedRow>(
    "SELECT id, state, compensation, size FROM workflow WHERE id = ?",
  );
  const selectTasks = createTaskSelect<StateRow>(db, "id, state, undoes");

  function waitOf(row: SizedRow): StoredWorkflowWait | null {
    const steps: (StepStates & { taskId: string; compensationId: string })[] = [];
    for (const task of selectTasks(row, {})) {
      const number = stepNumber(task, row.id);
      const known = steps[number] ?? { state: "completed", compensation: null, taskId: "", compensationId: "" };
      const [state, id] = [stateOf(task.state), idOfKey(task.id)];
      steps[number] =
        task.undoes === null ? { ...known, state, taskId: id } : { ...known, compensation: state, compensationId: id };
    }
    const first = firstWait(
      { state: workflowStateOf(row.state), compensation: compensationOf(row.compensation) },
      Array.from(steps, (step) => step ?? { state: "completed", compensation: null }),
    );
    const step = first && steps[first.number];
    if (!first || !step) return null;
    const { isCompensation } = first;
    const stepId = plans.of(row.id).steps[first.number]?.stepId ?? "";
    return { stepId, isCompensation, taskId: isCompensation ? step.compensationId : step.taskId };
  }

  return (ids) => {
    let left = mostSteps;
    return ids.map((id) => {
      const row = selectWorkflow.get(keyOfId(id) ?? 0);
      if (row === undefined || left <= 0) return null;
      left -= row.size;
      return waitOf(row);
    });
  };
}
