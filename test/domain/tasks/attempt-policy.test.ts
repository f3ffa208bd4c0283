import { expect, test } from "vitest";
import { attemptBounds, attemptPolicy } from "../../../src/domain/tasks/attempt-policy.ts";
import { defaultQueueSettings } from "../../../src/domain/tasks/queue.ts";

const queue = {
  ...defaultQueueSettings,
  maxAttempts: 4,
  attemptTimeoutMs: 500,
  retryPolicy: { multiplier: 3, jitter: 0 },
};

test("what the task does not say is its queue's", () => {
  expect(attemptBounds({}, 0, queue)).toEqual({ maxAttempts: 4, attemptTimeoutMs: 500 });
  expect(attemptBounds({ maxAttempts: 2, attemptTimeoutMs: 9 }, 0, queue)).toEqual({
    maxAttempts: 2,
    attemptTimeoutMs: 9,
  });
});

test("a retry by hand gives the same allowance again", () => {
  expect(attemptBounds({ maxAttempts: 2 }, 2, queue).maxAttempts).toBe(4);
  expect(attemptBounds({}, 5, queue).maxAttempts).toBe(9);
});

test("the retry policy is filled field by field", () => {
  const { retryPolicy } = attemptPolicy({ retryPolicy: { jitter: 0.5 } }, 0, queue);
  expect(retryPolicy).toEqual({ initialBackoffMs: 1_000, maxBackoffMs: 600_000, multiplier: 3, jitter: 0.5 });
});
