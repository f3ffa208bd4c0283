import { expect, it } from "vitest";
import { LogHistogram } from "../../src/collections/log-histogram.ts";

it("answers quantiles within a tenth, from a millisecond to days", () => {
  for (const value of [1, 2, 3, 7, 99, 1_234, 86_400_000]) {
    const histogram = new LogHistogram();
    histogram.observe(value);
    for (const part of [0, 0.5, 1]) {
      expect(histogram.quantile(part)).toBeGreaterThan(value * 0.9);
      expect(histogram.quantile(part)).toBeLessThan(value * 1.1);
    }
  }
});

it("ranks values, counts those out of range at its ends, and adds what another has counted", () => {
  const histogram = new LogHistogram();
  expect(histogram.quantile(0.5)).toBeNull();
  for (let i = 0; i < 95; i++) histogram.observe(0);
  const other = new LogHistogram();
  for (let i = 0; i < 5; i++) other.observe(1e12);
  histogram.add(other);
  expect([histogram.quantile(0.5), histogram.quantile(0.95)]).toEqual([1, 1]);
  expect(histogram.quantile(0.96)).toBeGreaterThan(1e9 * 0.9);
});
