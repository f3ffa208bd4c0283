import { expect, test } from "vitest";
import { stickyWorkers, workersInOrder } from "../../../src/domain/balancing/slot-filling.ts";

const slots = [
  { workerId: "a", n: 2 },
  { workerId: "b", n: 0 },
  { workerId: "c", n: 1 },
];

test("slots are filled one after the other", () => {
  const next = workersInOrder(slots);
  expect([next(null), next(null), next(null)]).toEqual(["a", "a", "c"]);
});

test("a task without a correlation id goes where most slots are left", () => {
  const next = stickyWorkers(slots);
  expect([next(null), next(null), next(null)]).toEqual(["a", "a", "c"]);
});

test("tasks of one correlation id go to one worker as long as it has slots", () => {
  const next = stickyWorkers([
    { workerId: "a", n: 2 },
    { workerId: "b", n: 2 },
  ]);
  const [first, second, third] = [next("k"), next("k"), next("k")];
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});
