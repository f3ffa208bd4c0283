import { expect, it } from "vitest";
import type { TaskState } from "../../../src/domain/tasks/task.ts";
import { firstWait } from "../../../src/domain/workflows/first-wait.ts";
import type { WorkflowState } from "../../../src/domain/workflows/workflow.ts";

const steps = (...states: TaskState[]) => states.map((state) => ({ state, compensation: null }));

it.each<[WorkflowState, TaskState[], number | null]>([
  ["pending", ["pending", "blocked"], 0],
  ["running", ["completed", "scheduled", "blocked"], 1],
  // The ready one waits, although another one runs.
  ["running", ["running", "pending"], 1],
  ["running", ["completed", "running", "blocked"], null],
  // It is not executed yet.
  ["pending", ["blocked", "blocked"], 0],
  ["completed", ["completed", "completed"], null],
  ["failed", ["failed", "cancelled"], null],
  ["cancelled", ["cancelled", "running"], null],
])("of a %s workflow with steps %o it is the step %o", (state, states, number) => {
  const expected = number === null ? null : { number, isCompensation: false };
  expect(firstWait({ state, compensation: "none" }, steps(...states))).toEqual(expected);
});

it("is a compensation while steps are undone", () => {
  const undone = [
    { state: "completed", compensation: "pending" },
    { state: "completed", compensation: "completed" },
    { state: "failed", compensation: null },
  ] as const;
  expect(firstWait({ state: "failed", compensation: "running" }, undone)).toEqual({ number: 0, isCompensation: true });
  const [first, ...others] = undone;
  const running = [{ ...first, compensation: "running" } as const, ...others];
  expect(firstWait({ state: "failed", compensation: "running" }, running)).toBeNull();
  expect(firstWait({ state: "failed", compensation: "completed" }, running)).toBeNull();
});
