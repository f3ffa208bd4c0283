import type { Workflow } from "../domain/workflow.ts";
import { isActive } from "../domain/workflow.ts";

/** What a step waits for. */
export interface StepWait {
  /** Steps that are not completed yet; empty: it waits for its service. */
  readonly stepIds: readonly string[];
  readonly service: string;
  /** Workers whose stream is open for that service's queue. */
  readonly workerCount: number;
  /** Since when it waits for its service, or until when for its next attempt; `null`: it waits for steps. */
  readonly sinceMs: number | null;
}

/** What the steps of a workflow wait for, by step id. A step that runs or is finished waits for nothing. */
export function waitsOf(workflow: Workflow, countWorkers: (service: string) => number): ReadonlyMap<string, StepWait> {
  const states = new Map(workflow.steps.map(({ stepId, task }) => [stepId, task.state]));
  const waits = new Map<string, StepWait>();
  if (!isActive(workflow.state)) return waits;
  for (const step of workflow.steps) {
    const { readyMs, task } = step;
    const { queue, state } = task;
    if (state !== "blocked" && state !== "scheduled" && state !== "pending") continue;
    waits.set(step.stepId, {
      stepIds: step.dependsOn.filter((stepId) => states.get(stepId) !== "completed"),
      service: queue,
      workerCount: countWorkers(queue),
      sinceMs: state === "blocked" ? null : readyMs,
    });
  }
  return waits;
}
