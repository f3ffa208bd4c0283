import type { Workflow, WorkflowStep } from "../domain/workflow.ts";
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
  const byId = new Map(workflow.steps.map((step) => [step.stepId, step]));
  const waits = new Map<string, StepWait>();
  if (!isActive(workflow.state)) return waits;
  for (const step of workflow.steps) {
    const { queue, state } = step.task;
    if (state !== "blocked" && state !== "scheduled" && state !== "pending") continue;
    const dependencies = step.dependsOn.flatMap((name) => byId.get(name) ?? []);
    const open = dependencies.filter(({ task }) => task.state !== "completed");
    waits.set(step.stepId, {
      stepIds: open.map(({ stepId }) => stepId),
      service: queue,
      workerCount: countWorkers(queue),
      sinceMs: state === "blocked" ? null : sinceMs(step, dependencies),
    });
  }
  return waits;
}

/** The newest of what made it ready: the last of its dependencies, or the delay after its last attempt. */
function sinceMs({ task }: WorkflowStep, dependencies: readonly WorkflowStep[]): number {
  if (task.state === "scheduled" && task.scheduleMs !== null) return task.scheduleMs;
  const ends = dependencies.map((dependency) => dependency.task.finishMs ?? 0);
  return Math.max(task.createMs, task.scheduleMs ?? 0, ...ends);
}
