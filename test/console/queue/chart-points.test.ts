import { expect, test } from "vitest";
import { linePoints, totalOf } from "../../../console/src/views/queue/chart-points.ts";

test("the first step is at the left, the last at the right, the most at the top", () => {
  expect(linePoints([0, 5, 10], 10, 100, 54)).toBe("0,52 50,27 100,2");
});

test("a history that is not set is a line at the bottom", () => {
  const points = linePoints([], 1, 590, 54).split(" ");
  expect(points).toHaveLength(60);
  expect([points[0], points[59]]).toEqual(["0,52", "590,52"]);
  expect([totalOf(undefined), totalOf([1, 2])]).toEqual([0, 3]);
});
