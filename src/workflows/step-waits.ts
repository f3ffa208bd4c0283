import type { Task } from "../domain/tasks/task.ts";
import type { Workflow } from "../domain/workflows/workflow.ts";
import { isActive } from "../domain/workflows/workflow.ts";

/** What a step waits for. */
export interface StepWait {
  /** Steps that are not completed yet; empty: it waits for its service, or for the execution of its workflow. */
  readonly stepIds: readonly string[];
  /** It waits for the execution of its workflow. */
  readonly awaitsExecution: boolean;
  readonly service: string;
  /** Workers whose stream is open for that service's queue. */
  readonly workerCount: number;
  /** There are such workers, and none of them handles the task's type. */
  readonly isUnhandled: boolean;
  /** Since when it waits for its service, or until when for its next attempt; `null`: it waits for steps. */
  readonly sinceMs: number | null;
}

/** Who works a service's queue. */
export type Attendances = (service: string) => {
  readonly workerCount: number;
  isUnhandled(type: string): boolean;
};

/** What the steps of a workflow wait for, by step id. A step that runs or is finished waits for nothing. */
export function waitsOf(workflow: Workflow, attendance: Attendances): ReadonlyMap<string, StepWait> {
  const states = new Map(workflow.steps.map(({ stepId, task }) => [stepId, task.state]));
  const waits = new Map<string, StepWait>();
  if (!isActive(workflow.state)) return waits;
  for (const step of workflow.steps) {
    const { readyMs, task } = step;
    const { state } = task;
    if (state !== "blocked" && state !== "scheduled" && state !== "pending") continue;
    waits.set(step.stepId, {
      stepIds: step.dependsOn.filter((stepId) => states.get(stepId) !== "completed"),
      awaitsExecution: state === "blocked" && step.dependsOn.length === 0,
      ...serviceOf(task, attendance),
      sinceMs: state === "blocked" ? null : readyMs,
    });
  }
  return waits;
}

/** What the undoing of steps waits for, by step id. */
export function undoWaitsOf(workflow: Workflow, attendance: Attendances): ReadonlyMap<string, StepWait> {
  const waits = new Map<string, StepWait>();
  for (const { stepId, compensation } of workflow.steps) {
    if (compensation?.state !== "pending" && compensation?.state !== "scheduled") continue;
    const sinceMs = compensation.scheduleMs ?? compensation.createMs;
    waits.set(stepId, { stepIds: [], awaitsExecution: false, ...serviceOf(compensation, attendance), sinceMs });
  }
  return waits;
}

function serviceOf({ queue, type }: Task, attendance: Attendances) {
  const { workerCount, isUnhandled } = attendance(queue);
  return { service: queue, workerCount, isUnhandled: isUnhandled(type) };
}
