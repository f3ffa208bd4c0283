import { expect, test } from "vitest";
import { Histogram, rangeOf } from "../../src/collections/histogram.ts";

test.each([
  [-1, 0],
  [0.5, 0],
  [1, 0],
  [1.0001, 1],
  [2, 1],
  [3, 2],
  [Number.POSITIVE_INFINITY, 2],
])("a bound belongs to the range below it: %d", (value, range) => {
  expect(rangeOf([1, 2], value)).toBe(range);
});

test("counts values, and adds them up", () => {
  const histogram = new Histogram([1, 2]);
  for (const value of [0.5, 1, 1.5, 10]) histogram.observe(value);
  expect(histogram.read()).toEqual({ bounds: [1, 2], counts: [2, 1, 1], sum: 13 });
});
