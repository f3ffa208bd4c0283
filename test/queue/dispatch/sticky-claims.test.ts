import { expect, it } from "vitest";
import { createWaitGroup } from "../../../src/domain/wait-group.ts";
import { Dispatcher } from "../../../src/queue/dispatch/dispatcher.ts";
import { KnownLanes } from "../../../src/queue/dispatch/known-lanes.ts";
import { createQueueTurns } from "../../../src/queue/dispatch/queue-turns.ts";
import type { StaffMember } from "../../../src/queue/dispatch/staff.ts";
import { StickyClaims } from "../../../src/queue/dispatch/sticky-claims.ts";
import type { ClaimPlan } from "../../../src/store/claim-plan.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { createTestRetries } from "../../harness/retries.ts";
import { fakeConsumer } from "./queue-parts.ts";

/** A dispatcher of a sticky queue beside workers elsewhere; each claim finds nothing for its workers and leaves tasks for those. */
function createSticky(staff: StaffMember[]) {
  const clock = createFakeClock();
  const plans: ClaimPlan[] = [];
  let leaves = true;
  let onClaim: () => void = () => undefined;
  const dispatcher = new Dispatcher({
    // The strategy comes by hand.
    store: { updateQueue: () => new Promise(() => undefined) },
    claimer: {
      async claim(plan) {
        plans.push(plan);
        onClaim();
        return { tasks: [], late: [], short: "empty", ...(leaves && { left: true as const }) };
      },
    },
    clock,
    random: () => 0,
    turns: createQueueTurns(),
    lanes: new KnownLanes(),
    sticky: new StickyClaims(() => staff),
    pending: createWaitGroup(),
    retries: createTestRetries(clock),
  });
  /** The claims since the last call, once no more begin. */
  async function claims(): Promise<ClaimPlan[]> {
    const found: ClaimPlan[] = [];
    do {
      found.push(...plans.splice(0));
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    } while (plans.length > 0 && found.length < 100);
    return found;
  }
  return {
    dispatcher,
    claims,
    answerNothingLeft: () => {
      leaves = false;
    },
    onClaim: (listener: () => void) => {
      onClaim = listener;
    },
  };
}

const far: StaffMember = { id: "far", types: null, draining: false, capacity: 5, load: 2 };

/** Lets a consumer begin, and the queue be known to hold only what is for workers elsewhere. */
async function begin({ dispatcher, claims }: ReturnType<typeof createSticky>, ...capacities: number[]) {
  const consumers = capacities.map((capacity, index) => fakeConsumer(`w${index}`, capacity));
  for (const consumer of consumers) dispatcher.add(consumer);
  dispatcher.settingsChanged("orders", "sticky");
  expect(await claims()).toHaveLength(1);
  return consumers;
}

it("names those at other servers that take its tasks and have room", async () => {
  const staff = [
    far,
    { ...far, id: "full", load: 5 },
    { ...far, id: "leaving", draining: true },
    { ...far, id: "moved" },
  ];
  const { dispatcher, claims } = createSticky(staff);
  dispatcher.add(fakeConsumer("moved", 3));
  dispatcher.settingsChanged("orders", "sticky");
  const [plan] = await claims();
  expect(plan?.sticky?.elsewhere).toEqual([{ workerId: "far", n: 3, types: null }]);
});

it("claims without more where no other server has workers of the queue", async () => {
  const { dispatcher, claims } = createSticky([]);
  dispatcher.add(fakeConsumer("w", 3));
  // Before its strategy is known it might give tasks to anybody.
  expect(await claims()).toEqual([]);
  dispatcher.settingsChanged("orders", "sticky");
  expect((await claims())[0]?.sticky).toEqual({ most: 512 });
});

it("looks again at what it left once those elsewhere change, and not before", async () => {
  const parts = createSticky([far]);
  await begin(parts, 3);
  parts.dispatcher.changedElsewhere();
  expect(await parts.claims()).toHaveLength(1);
  parts.answerNothingLeft();
  parts.dispatcher.changedElsewhere();
  expect(await parts.claims()).toHaveLength(1);
  // Nothing is left any more.
  parts.dispatcher.changedElsewhere();
  expect(await parts.claims()).toHaveLength(0);
});

it("looks again where they changed while it claimed", async () => {
  const parts = createSticky([far]);
  await begin(parts, 3);
  let changes = 1;
  parts.onClaim(() => {
    if (changes-- > 0) parts.dispatcher.changedElsewhere();
  });
  parts.dispatcher.wake("orders", 1);
  expect(await parts.claims()).toHaveLength(2);
});

it("looks again once one of its own that was full has room, or another one comes", async () => {
  const parts = createSticky([far]);
  const [first, full] = await begin(parts, 3, 0);
  if (first === undefined || full === undefined) throw new Error("no consumers");
  parts.dispatcher.freed(first);
  expect(await parts.claims()).toHaveLength(0);
  full.capacity = 1;
  parts.dispatcher.freed(full);
  expect(await parts.claims()).toHaveLength(1);
  parts.dispatcher.freed(full);
  expect(await parts.claims()).toHaveLength(0);
  parts.dispatcher.add(fakeConsumer("new", 1));
  expect(await parts.claims()).toHaveLength(1);
});
