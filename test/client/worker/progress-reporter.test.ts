import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Attempt } from "../../../src/client/worker/attempt.ts";
import { ProgressReporter } from "../../../src/client/worker/progress-reporter.ts";
import { taskOf } from "../fake-server.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function createBoard() {
  const onDue = vi.fn();
  const reporter = new ProgressReporter(onDue);
  const attempt = (id: string) => new Attempt(taskOf(id), reporter.report);
  return { reporter, onDue, attempt };
}

const take = (reporter: ProgressReporter) =>
  reporter
    .take()
    .map(({ taskId, attempt, progress }) => [`${taskId}/${attempt}`, progress?.fraction, progress?.message]);

test("the first word is due at once, and later the newest once a second", () => {
  const { reporter, onDue, attempt } = createBoard();
  const { progress } = attempt("a");
  progress(0.1, "begun");
  expect(onDue).toHaveBeenCalledTimes(1);
  progress(0.2, "going");
  expect(take(reporter)).toEqual([["a/1", 0.2, "going"]]);
  expect(take(reporter)).toEqual([]);

  for (let n = 3; n < 9; n++) {
    vi.advanceTimersByTime(100);
    progress(n / 10);
  }
  expect(onDue).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(399);
  expect(take(reporter)).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(onDue).toHaveBeenCalledTimes(2);
  expect(take(reporter)).toEqual([["a/1", 0.8, ""]]);
  expect(vi.getTimerCount()).toBe(0);
});

test("each attempt has its own second", () => {
  const { reporter, attempt } = createBoard();
  const [a, b] = [attempt("a"), attempt("b")];
  a.progress(0.1);
  take(reporter);
  vi.advanceTimersByTime(600);
  b.progress(0.1);
  take(reporter);
  a.progress(0.2);
  b.progress(0.2);
  vi.advanceTimersByTime(400);
  expect(take(reporter)).toEqual([["a/1", 0.2, ""]]);
  vi.advanceTimersByTime(600);
  expect(take(reporter)).toEqual([["b/1", 0.2, ""]]);
});

test("nothing is said of what ended, nor by a handler whose lease is gone", () => {
  const { reporter, attempt } = createBoard();
  const [a, b] = [attempt("a"), attempt("b")];
  a.progress(0.5);
  reporter.forget(a);
  b.isHeld = false;
  b.progress(0.5);
  expect(take(reporter)).toEqual([]);
});

test("everything is said again over a new stream", () => {
  const { reporter, attempt } = createBoard();
  attempt("a").progress(0.5, "half");
  take(reporter);
  reporter.sendAgain();
  expect(take(reporter)).toEqual([["a/1", 0.5, "half"]]);
});

test.each([
  [-1, 0],
  [2, 1],
  [Number.NaN, 0],
  [0.25, 0.25],
])("a fraction of %d is told as %d", (said, told) => {
  const { reporter, attempt } = createBoard();
  attempt("a").progress(said, "x".repeat(5_000));
  expect(take(reporter)).toEqual([["a/1", told, "x".repeat(1_024)]]);
});

test("a message holds 500 of them, so that it is never too large", () => {
  const { reporter, attempt } = createBoard();
  for (let n = 0; n < 1_200; n++) attempt(`t${n}`).progress(0.5);
  expect([reporter.take().length, reporter.take().length, reporter.take().length, reporter.take().length]).toEqual([
    500, 500, 200, 0,
  ]);
});

test("stopping ends the timer", () => {
  const { reporter, attempt } = createBoard();
  const { progress } = attempt("a");
  progress(0.1);
  take(reporter);
  progress(0.2);
  expect(vi.getTimerCount()).toBe(1);
  reporter.stop();
  expect(vi.getTimerCount()).toBe(0);
});
