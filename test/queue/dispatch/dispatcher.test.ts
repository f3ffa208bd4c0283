import { describe, expect, it } from "vitest";
import { createWaitGroup } from "../../../src/domain/wait-group.ts";
import { Dispatcher } from "../../../src/queue/dispatch/dispatcher.ts";
import { KnownLanes } from "../../../src/queue/dispatch/known-lanes.ts";
import { createQueueTurns } from "../../../src/queue/dispatch/queue-turns.ts";
import type { Claimed } from "../../../src/queue/dispatch/task-claimer.ts";
import type { ClaimPlan } from "../../../src/store/claim-plan.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { createTestRetries } from "../../harness/retries.ts";
import { claimedTask, fakeConsumer } from "./queue-parts.ts";

const nothing: Claimed = { tasks: [], late: [], short: "empty" };

interface RunningClaim {
  readonly plan: ClaimPlan;
  answer(answer: Partial<Claimed>): void;
  fail(error: Error): void;
}

/** A dispatcher whose claims a test answers one by one. */
function createClaims() {
  const clock = createFakeClock();
  const pending = createWaitGroup();
  const claims: RunningClaim[] = [];
  const dispatcher = new Dispatcher({
    store: { updateQueue: () => Promise.resolve(null) },
    claimer: {
      claim(plan) {
        const { promise, resolve, reject } = Promise.withResolvers<Claimed>();
        claims.push({ plan, answer: (answer) => resolve({ ...nothing, ...answer }), fail: reject });
        return promise;
      },
    },
    clock,
    random: () => 0,
    turns: createQueueTurns(),
    lanes: new KnownLanes(),
    pending,
    retries: createTestRetries(clock),
  });

  /** The claims that have begun since the last call, once the turn of the event loop is over. */
  async function begun(): Promise<RunningClaim[]> {
    await nextTurn();
    return claims.splice(0);
  }

  /** Answers what is claimed with nothing until no claim comes any more: from here on the queues are known to be empty. */
  async function drained(): Promise<void> {
    for (let running = await begun(); running.length > 0; running = await begun()) {
      for (const claim of running) claim.answer({});
    }
  }

  return { clock, dispatcher, pending, begun, drained };
}

/** Resolves when what this turn of the event loop has set off has run. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

function slotsOf({ plan }: RunningClaim): string {
  return plan.slots.map(({ workerId, n }) => `${workerId}:${n}`).join(" ");
}

describe("a dispatcher", () => {
  it("claims for a consumer that comes, as many as it takes", async () => {
    const { dispatcher, begun } = createClaims();
    const consumer = fakeConsumer("w", 3);
    dispatcher.add(consumer);
    const claims = await begun();
    expect(claims.map(slotsOf)).toEqual(["w:3"]);
    expect(consumer.promised).toBe(3);
    claims[0]?.answer({ tasks: [claimedTask({ id: "1" }), claimedTask({ id: "2" })] });
    await nextTurn();
    expect(consumer).toMatchObject({ ids: ["1", "2"], promised: 0 });
  });

  it("lets go of the tasks of a claim once they are delivered", async () => {
    const { dispatcher, begun } = createClaims();
    const consumers = [fakeConsumer("w", 1), fakeConsumer("v", 1)];
    for (const consumer of consumers) dispatcher.add(consumer);
    const [claim] = await begun();
    const tasks = consumers.map(({ id }) => claimedTask({ id: `of ${id}`, workerId: id }));
    claim?.answer({ tasks, short: null });
    await nextTurn();
    expect([consumers.map(({ ids }) => ids), tasks]).toEqual([[["of w"], ["of v"]], []]);
  });

  it("claims nothing again where a claim found nothing, until it is woken", async () => {
    const { dispatcher, begun, drained } = createClaims();
    dispatcher.add(fakeConsumer("w", 3));
    await drained();
    dispatcher.freed(fakeConsumer("w", 3));
    expect(await begun()).toEqual([]);
    dispatcher.wake("orders", 2);
    dispatcher.wake("invoices", 2);
    expect((await begun()).map(slotsOf)).toEqual(["w:2"]);
  });

  it("makes one claim of all that one turn of the event loop brings", async () => {
    const { dispatcher, begun, drained } = createClaims();
    dispatcher.add(fakeConsumer("w", 10));
    await drained();
    for (let n = 0; n < 5; n++) dispatcher.wake("orders", 1);
    expect((await begun()).map(slotsOf)).toEqual(["w:5"]);
  });

  it("claims again where a wake came while the claim that found nothing ran", async () => {
    const { dispatcher, begun, drained } = createClaims();
    dispatcher.add(fakeConsumer("w", 10));
    await drained();
    dispatcher.wake("orders", 1);
    const [first] = await begun();
    dispatcher.wake("orders", 1);
    const [second] = await begun();
    expect(second && slotsOf(second)).toBe("w:1");
    first?.answer({});
    second?.answer({ tasks: [claimedTask()], short: null });
    await nextTurn();
    const third = await begun();
    expect(third.map(slotsOf)).toEqual(["w:1"]);
  });

  it("goes on where a claim was cut, and holds at most four claims of one queue open", async () => {
    const { dispatcher, begun, drained } = createClaims();
    dispatcher.add(fakeConsumer("w", 10_000));
    await drained();
    dispatcher.wake("orders", Number.POSITIVE_INFINITY);
    const running: RunningClaim[] = [];
    for (let turn = 0; turn < 6; turn++) {
      running.push(...(await begun()));
      dispatcher.wake("orders", 1);
    }
    expect(running.map(slotsOf)).toEqual(Array(4).fill("w:512"));
    running[0]?.answer({ short: "cut" });
    await nextTurn();
    expect((await begun()).map(slotsOf)).toEqual(["w:512"]);
  });

  it("deals one claim to all consumers of one kind of lease, and makes another for the others", async () => {
    const { dispatcher, begun, drained } = createClaims();
    const [a, b] = [fakeConsumer("a", 2), fakeConsumer("b", 2)];
    const unary = { ...fakeConsumer("c", 2), leaseMs: 30_000, load: 0 };
    for (const each of [a, b, unary]) dispatcher.add(each);
    await drained();
    dispatcher.wake("orders", 6);
    const claims = await begun();
    expect(claims.map(({ plan }) => plan.leaseUntilMs === null)).toContain(true);
    expect(claims.map(({ plan }) => plan.leaseUntilMs === null)).toContain(false);
    expect(claims.flatMap(({ plan }) => plan.slots).reduce((sum, { n }) => sum + n, 0)).toBe(6);
  });

  it("asks for the types that its consumers handle, and wakes those alone", async () => {
    const { dispatcher, begun, drained } = createClaims();
    dispatcher.add(fakeConsumer("a", 1, { types: ["ship"] }));
    dispatcher.add(fakeConsumer("b", 1, { types: ["bill"] }));
    await drained();
    dispatcher.wake("orders", 1, "bill");
    expect((await begun()).map(({ plan }) => plan.types)).toEqual([["bill"]]);
    dispatcher.wake("orders", 1, "paint");
    expect((await begun()).map(({ plan }) => plan.types)).toEqual([["ship"]]);
  });

  it("claims what is in a lane that a claim found, and what is for one worker when that comes", async () => {
    const { dispatcher, begun, drained } = createClaims();
    dispatcher.add(fakeConsumer("a", 4));
    await drained();
    dispatcher.wake("orders", 1);
    (await begun())[0]?.answer({ lanes: ["by:random", "worker:b"] });
    expect((await begun()).map(({ plan }) => plan.lane)).toEqual(["by:random"]);
    dispatcher.add(fakeConsumer("b", 4));
    const [main] = await begun();
    main?.answer({ lanes: ["worker:b"] });
    const lanes = await begun();
    expect(lanes.map((each) => [each.plan.lane, slotsOf(each)])).toContainEqual(["worker:b", "b:4"]);
  });

  it("goes on after max_running when a task of the queue ends, and not before", async () => {
    const { dispatcher, begun, drained } = createClaims();
    dispatcher.add(fakeConsumer("w", 4));
    await drained();
    dispatcher.wake("orders", 4);
    (await begun())[0]?.answer({ short: "max_running" });
    expect(await begun()).toEqual([]);
    dispatcher.ended("orders");
    expect((await begun()).map(slotsOf)).toEqual(["w:4"]);
  });

  it("claims again by itself after a failure, a while later, and takes the promise back", async () => {
    const { dispatcher, begun, drained, clock } = createClaims();
    const consumer = fakeConsumer("w", 4);
    dispatcher.add(consumer);
    await drained();
    dispatcher.wake("orders", 1);
    (await begun())[0]?.fail(new Error("the disk is full"));
    expect(await begun()).toEqual([]);
    expect(consumer.promised).toBe(0);
    clock.advance(2_000);
    expect((await begun()).map(slotsOf)).toEqual(["w:1"]);
  });

  it("delivers a step that takes long when it is ready, and holds its place until then", async () => {
    const { dispatcher, begun } = createClaims();
    const consumer = fakeConsumer("w", 2);
    dispatcher.add(consumer);
    const ready = Promise.withResolvers<ReturnType<typeof claimedTask> | null>();
    (await begun())[0]?.answer({
      tasks: [claimedTask({ id: "1" })],
      late: [{ workerId: "w", ready: ready.promise }],
      short: null,
    });
    await nextTurn();
    expect(consumer).toMatchObject({ ids: ["1"], promised: 1 });
    ready.resolve(claimedTask({ id: "2" }));
    await nextTurn();
    expect(consumer).toMatchObject({ ids: ["1", "2"], promised: 0 });
  });

  it("claims nothing for a consumer that was removed, and delivers what was claimed for it", async () => {
    const { dispatcher, begun } = createClaims();
    const consumer = fakeConsumer("w", 4);
    dispatcher.add(consumer);
    const [claim] = await begun();
    dispatcher.remove(consumer);
    dispatcher.wake("orders", 1);
    claim?.answer({ tasks: [claimedTask()] });
    await nextTurn();
    expect([await begun(), consumer.ids]).toEqual([[], ["1"]]);
  });

  it("claims nothing once it was stopped, and its last claims are waited for", async () => {
    const { dispatcher, begun, pending } = createClaims();
    dispatcher.add(fakeConsumer("w", 4));
    const [claim] = await begun();
    dispatcher.wake("orders", 1);
    dispatcher.stop();
    dispatcher.stop();
    dispatcher.wake("orders", 1);
    expect(await begun()).toEqual([]);
    claim?.answer({});
    await pending.wait();
    expect(await begun()).toEqual([]);
  });
});
