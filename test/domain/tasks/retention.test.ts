import { expect, test } from "vitest";
import { isPastRetention, shortestRetentionMs } from "../../../src/domain/tasks/retention.ts";
import { type TaskState, taskStates } from "../../../src/domain/tasks/task.ts";

const retention = { completedMs: 100, failedMs: 300, cancelledMs: 200 };
const none = Object.fromEntries(taskStates.map((state) => [state, 0])) as Record<TaskState, number>;

test.each([
  ["completed", 100],
  ["failed", 300],
  ["cancelled", 200],
] as const)("a %s task is kept for %i ms", (state, keptMs) => {
  const task = { state, finishMs: 1_000, isInWorkflow: false };
  expect(isPastRetention(task, retention, 1_000 + keptMs - 1)).toBe(false);
  expect(isPastRetention(task, retention, 1_000 + keptMs)).toBe(true);
  expect(isPastRetention({ ...task, isInWorkflow: true }, retention, 1e9)).toBe(false);
});

test("what is unfinished is kept", () => {
  expect(isPastRetention({ state: "running", finishMs: null, isInWorkflow: false }, retention, 1e9)).toBe(false);
});

test("the shortest retention is that of the finished tasks that are there", () => {
  expect(shortestRetentionMs([])).toBe(Number.POSITIVE_INFINITY);
  expect(shortestRetentionMs([{ counts: { ...none, pending: 5 }, retention }])).toBe(Number.POSITIVE_INFINITY);
  const queues = [
    { counts: { ...none, failed: 1 }, retention },
    { counts: { ...none, cancelled: 1 }, retention },
  ];
  expect(shortestRetentionMs(queues)).toBe(200);
});
