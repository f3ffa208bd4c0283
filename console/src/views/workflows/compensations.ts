import { TaskState } from "../../../../gen/sitq/v1/task_pb.js";
import type { WorkflowStep } from "../../../../gen/sitq/v1/workflow_service_pb.js";
import { compensationOrder } from "../../../../src/domain/workflows/compensation-order.ts";
import { msOf } from "../../ui/text.ts";

/** What the order of compensations depends on. */
export type CompensableStep = Pick<
  WorkflowStep,
  "stepId" | "dependsOn" | "state" | "finishTime" | "compensateWith" | "compensation"
>;

/**
 * The completed steps that have a compensation, in the order in which they are compensated, or would be: the one first that was
 * completed last. By the server's own rule; it stores the order of ends within a millisecond too, which the times do not tell.
 */
export function inCompensationOrder<Step extends CompensableStep>(steps: readonly Step[]): Step[] {
  const numbers = new Map(steps.map(({ stepId }, number) => [stepId, number]));
  const order = compensationOrder(
    steps.map(({ dependsOn, state, compensateWith, finishTime }) => ({
      dependsOn: dependsOn.flatMap((name) => numbers.get(name) ?? []),
      completed: state === TaskState.COMPLETED && compensateWith !== "" ? (msOf(finishTime) ?? 0) : null,
    })),
  );
  return order.flatMap((number) => steps[number] ?? []);
}
