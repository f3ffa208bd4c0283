import { status as statusCode } from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { awaitEnd, type Ending } from "../../../src/client/tasks/await-end.ts";
import { CallError } from "../../../src/grpc/client/call-error.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Something that takes `roundMs` for each look, and has ended at the look of that number. */
function countdown(endsAt: number, roundMs: number, log: string[]): Ending<number, string> {
  return {
    async look(leftMs, former) {
      log.push(`look ${leftMs} after ${former}`);
      await vi.advanceTimersByTimeAsync(Math.min(roundMs, leftMs));
      return (former ?? 0) + 1;
    },
    endOf: (looks) => (looks === endsAt ? "end" : null),
    onWaiting: async (looks) => void log.push(`waiting ${looks}`),
    notEnded: async (looks) => new CallError(`looked ${looks} times`, { code: statusCode.DEADLINE_EXCEEDED }),
  };
}

test("looks until it has ended", async () => {
  const log: string[] = [];
  expect(await awaitEnd(countdown(2, 10, log), {})).toBe("end");
  expect(log).toEqual(["look Infinity after null", "waiting 1", "look Infinity after 1"]);
});

test("looks with what is left of its time, and once more when that is over", async () => {
  const log: string[] = [];
  await expect(awaitEnd(countdown(9, 60, log), { timeoutMs: 100 })).rejects.toThrow("looked 2 times");
  expect(log).toEqual(["look 100 after null", "waiting 1", "look 40 after 1"]);
  await expect(awaitEnd(countdown(9, 60, []), { timeoutMs: 0 })).rejects.toThrow("looked 1 times");
});

test("ends with the signal's reason, before and during a look", async () => {
  const end = new AbortController();
  const cutOff = { ...countdown(9, 0, []), look: () => Promise.reject(new Error("the call was cancelled")) };
  await expect(awaitEnd(cutOff, { signal: end.signal })).rejects.toThrow("the call was cancelled");
  const look = () => {
    end.abort(new Error("enough"));
    return cutOff.look();
  };
  await expect(awaitEnd({ ...cutOff, look }, { signal: end.signal })).rejects.toThrow("enough");
  await expect(awaitEnd(countdown(1, 0, []), { signal: end.signal })).rejects.toThrow("enough");
});
