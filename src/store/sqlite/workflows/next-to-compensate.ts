import { undoOrder } from "../../../domain/workflows/compensation-order.ts";
import type { CompensationState } from "../../../domain/workflows/workflow.ts";
import type { Session } from "../engine/engine.ts";
import { stateNumber } from "../rows/task-rows.ts";
import { compensationNumber } from "../rows/workflow-rows.ts";
import type { FlowRow, prepareWorkflowStatements, StepState } from "./workflow-statements.ts";

/** The step of a workflow to undo next, or how compensation ended: `none`, since there was nothing to undo. */
export type NextToUndo = (workflow: FlowRow, steps: readonly StepState[]) => number | "wait" | CompensationState;

/** Looks for the next step to undo in an open database. */
export function createNextToUndo(
  { plans, keys }: Pick<Session, "plans" | "keys">,
  statements: Pick<ReturnType<typeof prepareWorkflowStatements>, "selectCompensations">,
): NextToUndo {
  return (workflow, steps) => {
    if (workflow.compensation !== compensationNumber.running) return "none";
    const undone = statements.selectCompensations.all(workflow.id);
    if (undone.some(({ state }) => state < stateNumber.completed)) return "wait";
    if (undone.some(({ state }) => state > stateNumber.completed)) return "failed";
    const plan = plans.of(workflow.id);
    // In what order it would have to be is not known any more.
    if (!plan.isSound) return "failed";
    const done = new Set(undone.map(({ undoes }) => undoes));
    const candidates = plan.steps.map(({ dependsOn, compensateWith }, number) => {
      const isUndoable = compensateWith !== null && steps[number]?.state === stateNumber.completed;
      const { completed_key: key = null, finish_ms: finishMs = null } = steps[number] ?? {};
      return { dependsOn, completed: isUndoable ? (key ?? keys.at(finishMs ?? 0)) : null };
    });
    const next = undoOrder(candidates).find((number) => !done.has(number));
    return next ?? (undone.length > 0 ? "completed" : "none");
  };
}
