import { expect } from "vitest";
import type { Task } from "../../src/domain/tasks/task.ts";
import { isActive, type Workflow } from "../../src/domain/workflows/workflow.ts";

/** What each completed task was when it was first seen completed, by its id. */
export type DoneTasks = Map<string, Pick<Task, "attempt" | "finishMs" | "workerId">>;

/** Checks what holds of every workflow at every moment between two verbs. @param done is read, and what is completed is added */
export function expectPromises(workflows: readonly Workflow[], done: DoneTasks): void {
  for (const workflow of workflows) {
    const { steps, state, compensation, finishMs } = workflow;
    const byId = new Map(steps.map((step) => [step.stepId, step]));
    const isDone = (stepId: string) => byId.get(stepId)?.task.state === "completed";
    const told = `${state} ${compensation}: ${steps.map((step) => `${step.stepId} ${step.task.state}`).join(", ")}`;

    for (const { task, dependsOn } of steps) {
      const mayBegin = dependsOn.every(isDone);
      if (["pending", "scheduled", "running", "completed"].includes(task.state)) expect(mayBegin, told).toBe(true);
      if (task.state === "blocked") expect(!mayBegin && isActive(state), told).toBe(true);
    }
    const inStates = (...names: string[]) => steps.filter(({ task }) => names.includes(task.state)).length;
    expect(inStates("completed") === steps.length, told).toBe(state === "completed");
    if (isActive(state)) expect(inStates("failed", "cancelled"), told).toBe(0);
    else expect(inStates("blocked", "scheduled", "pending"), told).toBe(0);
    expect(finishMs !== null, told).toBe(!isActive(state) && inStates("running") === 0 && compensation !== "running");

    const undone = steps.flatMap((step) => (step.compensation === null ? [] : [{ step, task: step.compensation }]));
    const unfinished = undone.filter(({ task }) => task.finishMs === null);
    expect(unfinished.length, told).toBeLessThanOrEqual(compensation === "running" ? 1 : 0);
    if (isActive(state) || state === "completed") expect(undone, told).toEqual([]);
    for (const { step } of undone) expect(step.task.state === "completed" && step.compensateWith !== null).toBe(true);
    const inOrder = undone
      .toSorted((a, b) => (a.task.id < b.task.id ? -1 : 1))
      .map(({ step }) => step.task.finishMs ?? 0);
    expect(inOrder, told).toEqual(inOrder.toSorted((a, b) => b - a));
    if (compensation === "completed") {
      const left = steps.filter(({ stepId, compensateWith }) => isDone(stepId) && compensateWith !== null);
      expect(left.map((step) => step.compensation?.state)).toEqual(left.map(() => "completed"));
    }
    for (const { id, state: taskState, attempt, finishMs: endMs, workerId } of steps.map(({ task }) => task)) {
      const known = done.get(id);
      if (known !== undefined) expect({ attempt, finishMs: endMs, workerId }).toEqual(known);
      if (taskState === "completed") done.set(id, { attempt, finishMs: endMs, workerId });
    }
  }
}
