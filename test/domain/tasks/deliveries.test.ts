import { expect, test } from "vitest";
import { deliveryCountOf, isBackInLine, mayLetNextGo, placeOf } from "../../../src/domain/tasks/deliveries.ts";
import { taskStates } from "../../../src/domain/tasks/task.ts";

test("a delivery waits behind an unfinished one of its key, and without a key behind none", () => {
  expect(placeOf("k", () => true)).toBe("blocked");
  expect(placeOf("k", () => false)).toBe("pending");
  expect(placeOf(null, () => true)).toBe("pending");
});

test("a delivery that is finished or deleted lets the next one go", () => {
  expect(taskStates.filter(mayLetNextGo)).toEqual(["completed", "failed", "cancelled"]);
  expect(mayLetNextGo(null)).toBe(true);
});

test("what ran comes back in line by a retry or a release", () => {
  expect(taskStates.filter((to) => isBackInLine("running", to))).toEqual(["scheduled", "pending"]);
  expect(isBackInLine("running", null)).toBe(false);
  expect(isBackInLine("scheduled", "pending")).toBe(false);
});

test("a delivery counts as waiting, running or failed until it is through", () => {
  const counts = taskStates.map(deliveryCountOf);
  expect(counts).toEqual(["waiting", "waiting", "waiting", "running", null, "failed", null]);
});
