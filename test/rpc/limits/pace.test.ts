import { expect, test } from "vitest";
import { Pace } from "../../../src/rpc/limits/pace.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

test("lets some through at once, makes the others wait, and lets go of them at the end", async () => {
  const clock = createFakeClock();
  const end = new AbortController();
  const pace = new Pace(clock, 6_000, 3, end.signal);
  expect([pace.count(), pace.count(), pace.count()]).toEqual([undefined, undefined, undefined]);
  const fourth = pace.count();
  expect(clock.pendingTimers).toBe(1);
  clock.advance(10);
  await fourth;
  const fifth = pace.count();
  end.abort();
  await fifth;
  expect(clock.pendingTimers).toBe(0);
});
