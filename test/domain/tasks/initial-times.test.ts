import { expect, test } from "vitest";
import { initialTimes } from "../../../src/domain/tasks/initial-times.ts";

const nowMs = 1_000;
const plain = { scheduleMs: null, delayMs: null, expireMs: null, timeToLiveMs: null, dispatch: null };

test("a task that says nothing may begin at once, and does not expire", () => {
  expect(initialTimes(plain, nowMs)).toEqual({ state: "pending", scheduleMs: null, expireMs: null, laneUntilMs: null });
});

test("a delay counts from now; a time that is past is due", () => {
  expect(initialTimes({ ...plain, delayMs: 5 }, nowMs)).toMatchObject({ state: "scheduled", scheduleMs: 1_005 });
  expect(initialTimes({ ...plain, delayMs: 0 }, nowMs)).toMatchObject({ state: "pending", scheduleMs: 1_000 });
  expect(initialTimes({ ...plain, scheduleMs: 1_001 }, nowMs)).toMatchObject({ state: "scheduled", scheduleMs: 1_001 });
  expect(initialTimes({ ...plain, scheduleMs: 999 }, nowMs)).toMatchObject({ state: "pending", scheduleMs: 999 });
});

test("a time to live counts from now", () => {
  expect(initialTimes({ ...plain, timeToLiveMs: 7 }, nowMs).expireMs).toBe(1_007);
  expect(initialTimes({ ...plain, expireMs: 1_500 }, nowMs).expireMs).toBe(1_500);
});

test("what is for one worker waits for it from when it may begin", () => {
  const dispatch = { workerId: "w", waitMs: 10 };
  expect(initialTimes({ ...plain, dispatch }, nowMs).laneUntilMs).toBe(1_010);
  expect(initialTimes({ ...plain, dispatch, delayMs: 5 }, nowMs).laneUntilMs).toBe(1_015);
  expect(initialTimes({ ...plain, dispatch, scheduleMs: 1 }, nowMs).laneUntilMs).toBe(1_010);
  expect(initialTimes({ ...plain, dispatch: { strategy: "sticky" } }, nowMs).laneUntilMs).toBeNull();
});
