import fc from "fast-check";
import { expect, it } from "vitest";
import { compensationOrder } from "../../../src/domain/workflows/compensation-order.ts";

it("undoes the last completed first", () => {
  const steps = [5, 9, 7].map((completed) => ({ dependsOn: [], completed }));
  expect(compensationOrder(steps)).toEqual([1, 2, 0]);
});

it("leaves out what is not completed, or has nothing that undoes it", () => {
  expect(
    compensationOrder([
      { dependsOn: [], completed: null },
      { dependsOn: [0], completed: 3 },
    ]),
  ).toEqual([1]);
});

it("undoes each step before what it depends on, whatever is noted of their completion", () => {
  const graph = fc
    .array(fc.record({ completed: fc.nat(5), links: fc.array(fc.nat(30), { maxLength: 3 }) }), { maxLength: 30 })
    .map((nodes) =>
      nodes.map(({ completed, links }, number) => ({
        dependsOn: links.filter((link) => link < number),
        completed,
      })),
    );
  fc.assert(
    fc.property(graph, (steps) => {
      const order = compensationOrder(steps);
      expect(order.toSorted((a, b) => a - b)).toEqual(steps.map((_, number) => number));
      for (const [number, { dependsOn }] of steps.entries()) {
        for (const before of dependsOn) expect(order.indexOf(number)).toBeLessThan(order.indexOf(before));
      }
    }),
  );
});

it("sees dependencies through steps that nothing undoes", () => {
  const steps = [
    { dependsOn: [], completed: 9 },
    { dependsOn: [0], completed: null },
    { dependsOn: [1], completed: 2 },
  ];
  expect(compensationOrder(steps)).toEqual([2, 0]);
});
