import { describe, expect, test } from "vitest";
import { defaultRetryPolicy, noHandler } from "../../../src/domain/retry.ts";
import { afterAttempt, areBatchable, type RunningTask } from "../../../src/domain/tasks/attempt-end.ts";
import type { EndedAttempt } from "../../../src/domain/tasks/attempt-history.ts";
import type { Outcome, UncompletedOutcome } from "../../../src/domain/tasks/outcome.ts";
import { serverErrors } from "../../../src/domain/tasks/task.ts";

const nowMs = 1_000_000;
const error = { type: "BROKEN", message: "It broke.", stackTrace: "" };
const policy = { maxAttempts: 3, attemptTimeoutMs: null, retryPolicy: { ...defaultRetryPolicy, jitter: 0 } };
const first: RunningTask = {
  type: "resize",
  attempt: 1,
  attemptBase: 0,
  workerId: "w",
  startMs: nowMs,
  expireMs: null,
  policy,
};
const last = { ...first, attempt: 3 };
const failed = { kind: "failed", error, terminal: false, retryDelayMs: null, random: 0.5 } as const;
const released = { kind: "released", delayMs: null, reason: null } as const;
const release: EndedAttempt = { attempt: 1, workerId: "w", startMs: 0, finishMs: 10, outcome: "released" };

function end(outcome: UncompletedOutcome, task = first, history: readonly EndedAttempt[] = []) {
  return afterAttempt(task, outcome, () => history, nowMs);
}

describe("a failure", () => {
  const counted = { countsAsAttempt: true, outcome: "failed", error };

  test("is retried after the backoff, which grows with each attempt since the last retry by hand", () => {
    expect(end(failed)).toEqual({ to: "scheduled", readyMs: nowMs + 1_000, ...counted });
    expect(end(failed, { ...first, attempt: 2 })).toMatchObject({ readyMs: nowMs + 2_000 });
    const again = { ...first, attempt: 4, attemptBase: 3, policy: { ...policy, maxAttempts: 6 } };
    expect(end(failed, again)).toMatchObject({ readyMs: nowMs + 1_000 });
  });

  test("is retried after the delay that the worker asks for", () => {
    expect(end({ ...failed, retryDelayMs: 7 })).toEqual({ to: "scheduled", readyMs: nowMs + 7, ...counted });
    expect(end({ ...failed, retryDelayMs: 0 })).toEqual({ to: "pending", readyMs: nowMs, ...counted });
  });

  test("is final after the last attempt, when terminal, and when the task expires before the next one", () => {
    const final = { to: "failed", outcome: "failed", error };
    expect(end(failed, last)).toEqual(final);
    expect(end({ ...failed, terminal: true })).toEqual(final);
    expect(end(failed, { ...first, expireMs: nowMs + 1_000 })).toEqual(final);
    expect(end(failed, { ...first, expireMs: nowMs + 1_001 })).toMatchObject({ to: "scheduled" });
  });
});

test("a timeout is a failure with an error of its own", () => {
  const timedOut = { kind: "timed_out", random: 0.5 } as const;
  const ended = { outcome: "timed_out", error: serverErrors.attemptTimeout };
  expect(end(timedOut)).toEqual({ to: "scheduled", readyMs: nowMs + 1_000, countsAsAttempt: true, ...ended });
  expect(end(timedOut, last)).toEqual({ to: "failed", ...ended });
});

test("a lost lease counts, keeps the place in line, and is final after the last attempt", () => {
  const ended = { outcome: "lease_lost", error: serverErrors.leaseLost };
  expect(end({ kind: "lease_lost" })).toEqual({ to: "pending", readyMs: null, countsAsAttempt: true, ...ended });
  expect(end({ kind: "lease_lost" }, last)).toEqual({ to: "failed", ...ended });
});

describe("a release", () => {
  const uncounted = { countsAsAttempt: false, outcome: "released", error: null };

  test("does not count, also of the last attempt, and keeps the place in line", () => {
    for (const task of [first, last])
      expect(end(released, task)).toEqual({ to: "pending", readyMs: null, ...uncounted });
  });

  test("waits as long as the worker asks for", () => {
    expect(end({ ...released, delayMs: 5 })).toEqual({ to: "scheduled", readyMs: nowMs + 5, ...uncounted });
  });

  test("waits longer each time in a row, as long as nothing ran", () => {
    expect(end(released, first, [release])).toMatchObject({ readyMs: nowMs + 100 });
    expect(end(released, first, [release, release])).toMatchObject({ readyMs: nowMs + 200 });
    const ran = { ...release, finishMs: 1_000 };
    expect(end(released, first, [release, ran, release])).toMatchObject({ readyMs: nowMs + 100 });
    expect(end(released, first, [release, { ...release, outcome: "failed" }])).toMatchObject({ readyMs: nowMs + 100 });
    expect(end(released, { ...first, startMs: nowMs - 1_000 }, [release])).toMatchObject({ readyMs: null });
  });

  test("says why, and waits at least a second, when the worker has no handler", () => {
    expect(end({ ...released, reason: noHandler })).toMatchObject({
      readyMs: nowMs + 1_000,
      error: { type: noHandler, message: "The worker w does not handle resize." },
    });
  });
});

test("what was never sent is as if it had not been claimed", () => {
  const nothing = { to: "pending", readyMs: null, countsAsAttempt: false, outcome: null, error: null };
  expect(end({ kind: "unsent" }, last)).toEqual(nothing);
});

test("what never arrived is released once; the second time of the same attempt and worker the lease is lost", () => {
  const notArrived = { kind: "not_arrived" } as const;
  const back = { to: "pending", readyMs: null, countsAsAttempt: false, outcome: "released", error: null };
  expect(end(notArrived)).toEqual(back);
  expect(
    end(notArrived, first, [
      { ...release, workerId: "v" },
      { ...release, attempt: 2 },
    ]),
  ).toEqual(back);
  expect(end(notArrived, first, [{ ...release, workerId: "v" }, release])).toMatchObject({ outcome: "lease_lost" });
  expect(end(notArrived, last, [{ ...release, attempt: 3 }])).toMatchObject({ to: "failed", outcome: "lease_lost" });
});

test("completions without results of one worker, attempt number and kind of lease complete alike", () => {
  const done: Outcome = { kind: "completed", result: null };
  const report = { taskId: "a", attempt: 1, workerId: "w", leaseKind: "stream", outcome: done } as const;
  expect(areBatchable(report, { ...report, taskId: "b" })).toBe(true);
  const others = [
    { attempt: 2 },
    { workerId: "v" },
    { leaseKind: "unary" },
    { outcome: { kind: "completed", result: new Uint8Array() } },
    { outcome: { kind: "lease_lost" } },
  ] as const;
  for (const change of others) expect(areBatchable(report, { ...report, ...change })).toBe(false);
});
