import { describe, expect, it } from "vitest";
import { changeMatches, type TaskFilter } from "../../../src/domain/operators/task-filter.ts";
import { type TaskChange, taskStates } from "../../../src/domain/tasks/task.ts";
import { taskFilter } from "../../harness/calls/builders.ts";

const change: TaskChange = {
  id: "1",
  queue: "orders",
  type: "order.ship",
  correlationId: "c",
  state: "failed",
  attempt: 1,
  workerId: "w",
  sourceService: "shop",
  priority: 5,
  error: { type: "SmtpError", message: "421 Greylisted" },
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
    [{ workerId: "w" }, true],
    [{ workerId: "v" }, false],
    [{ workerId: "w" }, false, { workerId: null }],
    [{ sourceService: "shop" }, true],
    [{ sourceService: "sho" }, false],
    [{ minAttempt: 1, maxAttempt: 1 }, true],
    [{ minAttempt: 2 }, false],
    [{ maxAttempt: 0 }, false],
    [{ minPriority: 5, maxPriority: 5 }, true],
    [{ minPriority: 6 }, false],
    [{ maxPriority: 4 }, false],
    [{ errorType: "SmtpError" }, true],
    [{ errorType: "Smtp" }, false],
    [{ errorType: "" }, true, { error: { type: "", message: "" } }],
    [{ errorType: "" }, false, { error: null }],
    [{ errorText: "GREYlist" }, true],
    [{ errorText: "SmtpError" }, false],
    [{ errorText: "g" }, false, { error: null }],
    [{ inStateSinceMs: 0 }, false],
    [{ queue: "orders", type: "order.ship", states: ["failed"], correlationId: "c", createdAfterMs: 0 }, true],
    [{ queue: "orders", type: "order.ship", states: ["failed"], correlationId: "d", createdAfterMs: 0 }, false],
  ];
  for (const [filter, expected, changes] of cases) {
    it(`is ${expected} for ${JSON.stringify(filter)}${changes ? ` and ${JSON.stringify(changes)}` : ""}`, () => {
      expect(changeMatches(taskFilter(filter), { ...change, ...changes })).toBe(expected);
    });
  }
});
