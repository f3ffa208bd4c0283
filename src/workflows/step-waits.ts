import type { Task } from "../domain/tasks/task.ts";
import { isWaiting } from "../domain/tasks/task.ts";
import type { Explanation } from "../domain/waits/wait-facts.ts";
import { isActive, type Workflow } from "../domain/workflows/workflow.ts";

/** What the task of a step, or the one that undoes it, waits for. */
export interface StepWait {
  readonly explanation: Explanation;
  /** When it is due, if it is scheduled. */
  readonly dueMs: number | null;
  readonly service: string;
  /** Workers whose stream is open for that service's queue. */
  readonly workerCount: number;
  /** There are such workers, and none of them handles the task's type. */
  readonly isUnhandled: boolean;
}

/** Who works a service's queue. */
export type Attendances = (service: string) => {
  readonly workerCount: number;
  isUnhandled(type: string): boolean;
};

/** Explains why tasks are not running, in order; `null` of one that is not there. */
export type ExplainTasks = (ids: readonly string[]) => Promise<(Explanation | null)[]>;

/** What the tasks of a workflow wait for, by task id. One that runs or is finished waits for nothing. */
export async function waitsOf(
  { state, steps }: Workflow,
  explain: ExplainTasks,
  attendance: Attendances,
): Promise<ReadonlyMap<string, StepWait>> {
  const tasks = steps.flatMap(({ task, compensation }) => {
    const forward = isActive(state) && isWaiting(task.state) ? [task] : [];
    return compensation !== null && isWaiting(compensation.state) ? [...forward, compensation] : forward;
  });
  const explanations = await explain(tasks.map(({ id }) => id));
  const waits = tasks.flatMap((task, index): [string, StepWait][] => {
    const explanation = explanations[index];
    // It may have begun meanwhile.
    return explanation?.reason ? [[task.id, stepWait(task, explanation, attendance)]] : [];
  });
  return new Map(waits);
}

function stepWait(task: Task, explanation: Explanation, attendance: Attendances): StepWait {
  const { workerCount, isUnhandled } = attendance(task.queue);
  const dueMs = task.state === "scheduled" ? task.scheduleMs : null;
  return { explanation, dueMs, service: task.queue, workerCount, isUnhandled: isUnhandled(task.type) };
}
