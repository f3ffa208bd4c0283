import { expect, test } from "vitest";
import type { TaskChange } from "../../../../src/domain/tasks/task.ts";
import type { WorkflowChange } from "../../../../src/domain/workflows/workflow.ts";
import { changesOf, textsOf } from "../../../../src/store/postgres/engine/change-rows.ts";

const plain: TaskChange = {
  id: "0f3k9q2m7xa",
  queue: "orders",
  type: "ship",
  correlationId: null,
  state: null,
  attempt: 0,
  workerId: null,
  sourceService: null,
  priority: 0,
  error: null,
  createMs: 1,
  changeMs: 2,
};
const full: TaskChange = {
  ...plain,
  correlationId: 'c\u0000\u0001"\ud800',
  state: "running",
  attempt: 3,
  workerId: "w",
  sourceService: "shop",
  priority: -7,
  error: { type: "Boom", message: "öl" },
};
const workflows: WorkflowChange[] = [
  { kind: "workflow", workflowId: "w", state: "failed", compensation: "running", atRest: false, changeMs: 5 },
  {
    kind: "step",
    workflowId: "w",
    stepId: "s",
    isCompensation: true,
    state: "pending",
    attempt: 1,
    workerId: null,
    changeMs: 6,
  },
];

test("a text holds every field of the changes it was made of", () => {
  const texts = textsOf({ tasks: [plain, full], workflows });
  expect(texts.map(changesOf)).toEqual([
    { tasks: [plain, full], workflows: [] },
    { tasks: [], workflows },
  ]);
});

test("no changes have no text", () => {
  expect(textsOf({ tasks: [], workflows: [] })).toEqual([]);
});

test("many changes are cut into texts of a bounded length, in their order", () => {
  const tasks = Array.from({ length: 50_000 }, (_, attempt) => ({ ...full, attempt }));
  const texts = textsOf({ tasks, workflows: [] });
  expect(texts.length).toBeGreaterThan(10);
  expect(Math.max(...texts.map(({ length }) => length))).toBeLessThan(150_000);
  expect(texts.flatMap((text) => changesOf(text).tasks)).toEqual(tasks);
});
