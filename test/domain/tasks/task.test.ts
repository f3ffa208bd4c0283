import { describe, expect, it } from "vitest";
import {
  cancelledError,
  changeMatches,
  isFinished,
  isRetryable,
  type TaskChange,
  type TaskFilter,
  taskStates,
} from "../../../src/domain/tasks/task.ts";
import { taskFilter } from "../../harness/calls/builders.ts";

const change: TaskChange = {
  id: "1",
  queue: "orders",
  type: "order.ship",
  correlationId: "c",
  state: "failed",
  attempt: 1,
  workerId: "w",
  createMs: 1_000,
  changeMs: 9_000,
};

describe("changeMatches", () => {
  const cases: [Partial<TaskFilter>, expected: boolean, changes?: Partial<TaskChange>][] = [
    [{}, true],
    [{ queue: "orders" }, true],
    [{ queue: "order" }, false],
    [{ type: "order.ship" }, true],
    [{ type: "order" }, false],
    [{ states: ["failed"] }, true],
    [{ states: ["pending", "failed"] }, true],
    [{ states: ["pending"] }, false],
    [{ states: [] }, true, { state: null }],
    [{ states: ["failed"] }, false, { state: null }],
    [{ states: [...taskStates] }, false, { state: null }],
    [{ correlationId: "c" }, true],
    [{ correlationId: "d" }, false],
    [{ correlationId: "c" }, false, { correlationId: null }],
    [{ createdAfterMs: 1_000 }, true],
    [{ createdAfterMs: 1_001 }, false],
    [{ createdBeforeMs: 1_000 }, false],
    [{ createdBeforeMs: 1_001 }, true],
    [{ createdAfterMs: 1_000, createdBeforeMs: 1_001 }, true],
    [{ createdAfterMs: 5_000 }, false],
    [{ queue: "orders", type: "order.ship", states: ["failed"], correlationId: "c", createdAfterMs: 0 }, true],
    [{ queue: "orders", type: "order.ship", states: ["failed"], correlationId: "d", createdAfterMs: 0 }, false],
  ];
  for (const [filter, expected, changes] of cases) {
    it(`is ${expected} for ${JSON.stringify(filter)}${changes ? ` and ${JSON.stringify(changes)}` : ""}`, () => {
      expect(changeMatches(taskFilter(filter), { ...change, ...changes })).toBe(expected);
    });
  }
});

describe("states", () => {
  it("are finished, or can be put back, or both, or neither", () => {
    expect(taskStates.filter(isFinished)).toEqual(["completed", "failed", "cancelled"]);
    expect(taskStates.filter(isRetryable)).toEqual(["scheduled", "failed", "cancelled"]);
  });

  it("are in the order of the numbers of the contract", () => {
    expect(taskStates).toEqual(["blocked", "scheduled", "pending", "running", "completed", "failed", "cancelled"]);
  });
});

describe("cancelledError", () => {
  it("gives the reason, or says what happened", () => {
    expect(cancelledError("no longer wanted")).toEqual({
      type: "CANCELLED",
      message: "no longer wanted",
      stackTrace: "",
    });
    expect(cancelledError("").message).toBe("The task was cancelled.");
  });
});
