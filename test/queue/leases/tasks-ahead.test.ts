import { expect, it } from "vitest";
import { LeaseTable } from "../../../src/queue/leases/lease-table.ts";
import { TasksAhead } from "../../../src/queue/leases/tasks-ahead.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { claimedTask } from "../dispatch/queue-parts.ts";

it("hands out nothing that was claimed before the process stood still, though no timer has run since", () => {
  const clock = createFakeClock();
  let stoodStillMs = 0;
  const still = { ...clock, monotonic: () => clock.monotonic() + stoodStillMs, after: () => () => undefined };
  const leases = new LeaseTable(still);
  const givenBack: string[] = [];
  const completer = {
    giveBack: (given: readonly { taskId: string }[]) => void givenBack.push(...given.map(({ taskId }) => taskId)),
  };
  const ahead = new TasksAhead({ clock: still, leases, completer }, { id: "w", holder: "w" });
  ahead.lease([claimedTask({ id: "1" }), claimedTask({ id: "2" }), claimedTask({ id: "3" })], 0);
  stoodStillMs = 200;
  expect(ahead.take(1).map(({ id }) => id)).toEqual(["1"]);
  stoodStillMs = 201;
  expect(ahead.take(1)).toEqual([]);
  expect([givenBack, ahead.count, leases.countOverStream("w")]).toEqual([["2", "3"], 0, 1]);
});

it("wants none for a worker that has ended few, however quickly", () => {
  const clock = createFakeClock();
  const parts = { clock, leases: new LeaseTable(clock), completer: { giveBack: () => undefined } };
  const ahead = new TasksAhead(parts, { id: "w", holder: "w" });
  clock.advance(20);
  ahead.ended(7);
  expect(ahead.wanted).toBe(0);
  clock.advance(20);
  ahead.ended(1);
  expect(ahead.wanted).toBe(10);
  clock.advance(99);
  expect(ahead.wanted).toBe(10);
  clock.advance(2);
  expect(ahead.wanted).toBe(0);
  ahead.ended(1);
  clock.advance(99);
  ahead.ended(6);
  expect(ahead.wanted).toBe(0);
});
