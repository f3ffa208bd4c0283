import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stickyWorkers, workersInOrder } from "../../../src/domain/balancing/slot-filling.ts";

const slots = [
  { workerId: "a", n: 2 },
  { workerId: "b", n: 0 },
  { workerId: "c", n: 1 },
];

test("slots are filled one after the other", () => {
  const next = workersInOrder(slots);
  expect([next(), next(), next()]).toEqual(["a", "a", "c"]);
});

test("a task without a correlation id goes where most slots are left", () => {
  const next = stickyWorkers(slots);
  expect([next(null, "t"), next(null, "t"), next(null, "t")]).toEqual(["a", "a", "c"]);
});

test("tasks of one correlation id go to one worker as long as it has slots", () => {
  const next = stickyWorkers([
    { workerId: "a", n: 2 },
    { workerId: "b", n: 2 },
  ]);
  const [first, second, third] = [next("k", "t"), next("k", "t"), next("k", "t")];
  expect(second).toBe(first);
  expect(third).not.toBe(first);
});

describe("beside workers at other servers", () => {
  const key = fc.constantFrom("k1", "k2", "k3", "k4", "k5");
  const room = fc.integer({ min: 0, max: 4 });

  test("two servers that know the same workers hand out each task once, as one server would", () => {
    fc.assert(
      fc.property(fc.array(key, { maxLength: 12 }), room, room, room, (line, a, b, c) => {
        const here = [
          { workerId: "a", n: a },
          { workerId: "b", n: b },
        ];
        const there = [{ workerId: "c", n: c }];
        const seenFrom = (own: typeof here, others: typeof here) =>
          stickyWorkers(
            own,
            others.map((each) => ({ ...each, types: null })),
          );
        const [one, first, second] = [stickyWorkers([...here, ...there]), seenFrom(here, there), seenFrom(there, here)];
        for (const each of line.slice(0, a + b + c)) {
          const workerId = one(each, "t");
          const [byFirst, bySecond] = [first(each, "t"), second(each, "t")];
          expect([byFirst, bySecond]).toEqual(workerId === "c" ? [null, "c"] : [workerId, null]);
        }
      }),
    );
  });

  test("what is of a type that they do not take, or sticks to nobody, is left to none of them", () => {
    const elsewhere = Array.from({ length: 20 }, (_, n) => ({ workerId: `w${n}`, n: 9, types: ["other"] }));
    const next = stickyWorkers([{ workerId: "own", n: 9 }], elsewhere);
    expect([next("k", "t"), next(null, "other")]).toEqual(["own", "own"]);
    expect(next("k", "other")).toBeNull();
  });
});
