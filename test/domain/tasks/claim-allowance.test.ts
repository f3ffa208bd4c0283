import { expect, test } from "vitest";
import { claimAllowance, shortfallOf } from "../../../src/domain/tasks/claim-allowance.ts";

test("a claim takes what there are slots for, what it asks for, and what its queue may run", () => {
  expect(claimAllowance({ maxRunning: 0 }, 100, 4)).toEqual({ wanted: 4, allowed: 4 });
  expect(claimAllowance({ maxRunning: 0 }, 100, 4, 3)).toEqual({ wanted: 3, allowed: 3 });
  expect(claimAllowance({ maxRunning: 10 }, 8, 4)).toEqual({ wanted: 4, allowed: 2 });
  expect(claimAllowance({ maxRunning: 10 }, 12, 4)).toEqual({ wanted: 4, allowed: 0 });
});

test("a claim says why it found less", () => {
  expect(shortfallOf({ wanted: 4, allowed: 4 }, 4, false)).toBeNull();
  expect(shortfallOf({ wanted: 4, allowed: 4 }, 4, true)).toBeNull();
  expect(shortfallOf({ wanted: 4, allowed: 4 }, 1, false)).toBe("empty");
  expect(shortfallOf({ wanted: 4, allowed: 4 }, 1, true)).toBe("cut");
  expect(shortfallOf({ wanted: 4, allowed: 2 }, 2, false)).toBe("max_running");
  expect(shortfallOf({ wanted: 4, allowed: 2 }, 1, false)).toBe("empty");
  expect(shortfallOf({ wanted: 4, allowed: 0 }, 0, false)).toBe("max_running");
});
