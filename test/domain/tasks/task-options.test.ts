import { expect, test } from "vitest";
import { optionsText } from "../../../src/domain/tasks/task-options.ts";

test("the same options have the same text, whatever else there is and in whatever order they were said", () => {
  expect(optionsText({})).toBeNull();
  expect(optionsText({ maxAttempts: null, delayMs: null })).toBeNull();
  const text = '{"maxAttempts":2,"delayMs":5}';
  expect(optionsText({ maxAttempts: 2, delayMs: 5 })).toBe(text);
  expect(optionsText({ delayMs: 5, scheduleMs: null, maxAttempts: 2 })).toBe(text);
});
