import { expect, it } from "vitest";
import { HourCount } from "../../src/collections/hour-count.ts";

const minuteMs = 60_000;

it("counts the last hour, minute by minute", () => {
  const count = new HourCount();
  expect(count.sum(0)).toBe(0);
  count.add(2, 0);
  count.add(3, 30 * minuteMs);
  expect(count.sum(59 * minuteMs)).toBe(5);
  expect(count.oldestAgeMs(59 * minuteMs)).toBe(59 * minuteMs);
  expect(count.sum(60 * minuteMs)).toBe(3);
  expect(count.oldestAgeMs(60 * minuteMs)).toBe(30 * minuteMs);
  expect(count.sum(1_000 * minuteMs)).toBe(0);
  expect(count.oldestAgeMs(1_000 * minuteMs)).toBe(0);
});
