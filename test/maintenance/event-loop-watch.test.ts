import { expect, test } from "vitest";
import { createEventLoopWatch } from "../../src/maintenance/event-loop-watch.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

test("logs a stall with its length, and nothing while the loop turns", async () => {
  const clock = createFakeClock();
  let stalledMs = 0;
  const lines: unknown[] = [];
  const machine = { after: clock.after, monotonic: () => clock.monotonic() + stalledMs };
  const watch = createEventLoopWatch(machine, { warn: (facts) => void lines.push(facts) });
  await watch.start();
  clock.advance(60_000);
  expect(lines).toEqual([]);
  stalledMs = 1_200;
  clock.advance(500);
  expect(lines).toEqual([{ stall_ms: 1_200 }]);
  clock.advance(60_000);
  expect(lines).toHaveLength(1);
  await watch.stop();
  expect(clock.pendingTimers).toBe(0);
});
