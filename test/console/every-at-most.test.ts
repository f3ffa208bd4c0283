import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { everyAtMost } from "../../console/src/live/every-at-most.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test("the first wish is met at once, further ones together when the time is over, and none is lost", () => {
  const run = vi.fn();
  const reread = everyAtMost(2_000, run);
  reread.ask();
  expect(run).toHaveBeenCalledTimes(1);
  reread.ask();
  reread.ask();
  vi.advanceTimersByTime(1_999);
  expect(run).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(1);
  expect(run).toHaveBeenCalledTimes(2);
  vi.advanceTimersByTime(10_000);
  expect(run).toHaveBeenCalledTimes(2);
  reread.ask();
  expect(run).toHaveBeenCalledTimes(3);
});

test("after its end nothing runs any more", () => {
  const run = vi.fn();
  const reread = everyAtMost(2_000, run);
  reread.ask();
  reread.ask();
  reread.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(10_000);
  expect(run).toHaveBeenCalledTimes(1);
});
