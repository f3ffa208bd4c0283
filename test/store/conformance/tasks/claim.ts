import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { bytes, completed } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

/** Who is given what. */
export function describeClaim(test: StoreTest): void {
  describe("claim", () => {
    test("hands a task over with the next attempt, and everything that a worker needs", async (harness) => {
      const id = await harness.enqueue({
        payload: bytes("payload"),
        headers: '{"a":"1"}',
        priority: 3,
        expireMs: harness.now + 60_000,
        maxAttempts: 2,
        attemptTimeoutMs: 500,
        correlationId: "c",
        sourceService: "s",
      });
      const createMs = harness.now;
      harness.tick(5);
      const answer = await harness.claim(1, { workerId: "w" });
      const [{ payload, ...task } = { payload: null }] = answer.tasks;
      expect(payload && [...payload]).toEqual([...bytes("payload")]);
      expect(task).toEqual({
        id,
        queue: "orders",
        workerId: "w",
        type: "order.ship",
        headers: '{"a":"1"}',
        priority: 3,
        attempt: 1,
        maxAttempts: 2,
        attemptTimeoutMs: 500,
        expireMs: createMs + 60_000,
        correlationId: "c",
        sourceService: "s",
        origin: null,
        event: null,
        step: null,
        createMs,
      });
      expect(answer.short).toBeNull();
      expect(await harness.read(id)).toMatchObject({
        task: { state: "running", attempt: 1, workerId: "w", startMs: harness.now, finishMs: null },
        attempts: [{ attempt: 1, workerId: "w", startMs: harness.now, finishMs: null, outcome: null, error: null }],
      });
    });

    test("fills the slots in their order", async (harness) => {
      const ids = createdIds(await harness.enqueueAll(Array.from({ length: 6 }, () => ({}))));
      const slots = [
        { workerId: "a", n: 2 },
        { workerId: "b", n: 1 },
        { workerId: "a", n: 1 },
        { workerId: "c", n: 5 },
      ];
      const { tasks, short } = await harness.store.claim({ queue: "orders", slots, leaseUntilMs: null }, harness.now);
      expect(tasks.map(({ id, workerId }) => [id, workerId])).toEqual(
        ["a", "a", "b", "a", "c", "c"].map((workerId, index) => [ids[index], workerId]),
      );
      expect(short).toBe("empty");
      for (const { id, workerId } of tasks) expect((await harness.task(id)).workerId).toBe(workerId);
    });

    test("keeps the tasks of one correlation id with one worker, over claims and whatever the order of the slots", async (harness) => {
      const correlationIds = Array.from({ length: 12 }, (_, index) => `order-${index % 6}`);
      await harness.enqueueAll(correlationIds.map((correlationId) => ({ correlationId })));
      const slots = ["a", "b", "c"].map((workerId) => ({ workerId, n: 12 }));
      const plan = { queue: "orders", leaseUntilMs: null, sticky: { most: 6 } };
      const first = await harness.store.claim({ ...plan, slots }, harness.now);
      const second = await harness.store.claim({ ...plan, slots: slots.toReversed() }, harness.now);
      expect([first.tasks.length, first.short, second.tasks.length, second.short]).toEqual([6, null, 6, null]);
      const placeOf = ({ tasks }: typeof first) =>
        tasks.map(({ correlationId, workerId }) => [correlationId, workerId]);
      expect(placeOf(second)).toEqual(placeOf(first));
      expect(new Set(first.tasks.map(({ workerId }) => workerId)).size).toBeGreaterThan(1);
      for (const { id, workerId } of first.tasks) expect((await harness.task(id)).workerId).toBe(workerId);
    });

    test("lets no worker have more sticky tasks than it has slots: the rest goes to others", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 9 }, () => ({ correlationId: "one" })));
      const slots = ["a", "b", "c"].map((workerId) => ({ workerId, n: 2 }));
      const plan = { queue: "orders", leaseUntilMs: null, slots, sticky: { most: 9 } };
      const { tasks, short } = await harness.store.claim(plan, harness.now);
      expect(tasks.map(({ workerId }) => workerId).sort()).toEqual(["a", "a", "b", "b", "c", "c"]);
      // The first ones stay together.
      expect(tasks[0]?.workerId).toBe(tasks[1]?.workerId);
      expect(short).toBeNull();
      expect((await harness.store.claim(plan, harness.now)).short).toBe("empty");
    });

    test("gives a task that sticks to nobody to the worker with most slots left", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 4 }, () => ({})));
      const slots = [
        { workerId: "a", n: 1 },
        { workerId: "b", n: 3 },
      ];
      const plan = { queue: "orders", leaseUntilMs: null, slots, sticky: { most: 4 } };
      const { tasks } = await harness.store.claim(plan, harness.now);
      expect(tasks.map(({ workerId }) => workerId)).toEqual(["b", "b", "a", "b"]);
    });

    test("hands a task to one worker only", async (harness) => {
      const ids = createdIds(await harness.enqueueAll(Array.from({ length: 20 }, () => ({}))));
      const claims = ["a", "b", "c", "d"].map((workerId) => harness.claim(7, { workerId }));
      const claimed = (await Promise.all(claims)).flatMap(({ tasks }) => tasks.map(({ id }) => id));
      expect(claimed).toEqual(ids);
    });

    test("says that a queue is empty, also one that nobody knows", async (harness) => {
      expect(await harness.claim(3, { queue: "unknown" })).toEqual({ tasks: [], short: "empty" });
      await harness.enqueue();
      const { tasks, short } = await harness.claim(3);
      expect([tasks.length, short]).toEqual([1, "empty"]);
      expect(await harness.claim(3)).toEqual({ tasks: [], short: "empty" });
    });

    test("says nothing is short when every slot is filled", async (harness) => {
      await harness.enqueueAll([{}, {}, {}]);
      expect((await harness.claim(2)).short).toBeNull();
      expect((await harness.claim(1)).short).toBeNull();
    });

    test("keeps to its queue", async (harness) => {
      await harness.enqueue({ queue: "returns", priority: 9 });
      const id = await harness.enqueue();
      expect((await harness.claim(5)).tasks.map((task) => task.id)).toEqual([id]);
    });

    test("hands out nothing while the queue is paused, and goes on after", async (harness) => {
      const id = await harness.enqueue();
      await harness.store.updateQueue("orders", { paused: true }, false, harness.now);
      expect(await harness.claim(1)).toEqual({ tasks: [], short: "paused" });
      await harness.enqueue();
      await harness.store.updateQueue("orders", { paused: false }, false, harness.now);
      expect((await harness.claimOne()).id).toBe(id);
    });

    test("takes outcomes while the queue is paused", async (harness) => {
      await harness.enqueue();
      const task = await harness.claimOne();
      await harness.store.updateQueue("orders", { paused: true }, false, harness.now);
      expect(await harness.settle(task, completed())).toMatchObject({ status: "settled", state: "completed" });
    });

    test("lets no more run than max_running, over all workers", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 6 }, () => ({})));
      await harness.store.updateQueue("orders", { maxRunning: 3 }, false, harness.now);
      const first = await harness.claim(2, { workerId: "a" });
      const second = await harness.claim(2, { workerId: "b" });
      expect([first.tasks.length, first.short, second.tasks.length, second.short]).toEqual([2, null, 1, "max_running"]);
      expect(await harness.claim(1, { workerId: "c" })).toEqual({ tasks: [], short: "max_running" });
      for (const task of first.tasks) await harness.settle(task, completed());
      expect((await harness.claim(5, { workerId: "c" })).tasks).toHaveLength(2);
    });

    test("fills the first slots when max_running leaves room for a few", async (harness) => {
      const ids = createdIds(await harness.enqueueAll([{}, {}, {}]));
      await harness.store.updateQueue("orders", { maxRunning: 2 }, false, harness.now);
      const slots = ["a", "b", "c"].map((workerId) => ({ workerId, n: 1 }));
      const { tasks, short } = await harness.store.claim({ queue: "orders", slots, leaseUntilMs: null }, harness.now);
      expect(tasks.map(({ id, workerId }) => [id, workerId])).toEqual([
        [ids[0], "a"],
        [ids[1], "b"],
      ]);
      expect(short).toBe("max_running");
    });

    test("calls a queue empty that holds fewer than max_running would let run", async (harness) => {
      await harness.enqueue();
      await harness.store.updateQueue("orders", { maxRunning: 2 }, false, harness.now);
      expect((await harness.claim(3)).short).toBe("empty");
    });

    test("hands out pending tasks only", async (harness) => {
      const ids: string[] = [];
      for (const state of ["completed", "failed", "cancelled", "running", "scheduled"] as const) {
        ids.push(await harness.taskIn(state));
      }
      const before = await harness.store.get(ids);
      harness.tick(7 * 86_400_000);
      expect(await harness.claim(1)).toEqual({ tasks: [], short: "empty" });
      expect(await harness.store.get(ids)).toEqual(before);
    });

    test("hands out what is too late to nobody: it has failed", async (harness) => {
      const late = createdIds(
        await harness.enqueueAll([{ timeToLiveMs: 10 }, { expireMs: harness.now + 10, priority: 5 }]),
      );
      const live = createdIds(await harness.enqueueAll([{ timeToLiveMs: 60_000 }, {}]));
      harness.tick(11);
      const { tasks } = await harness.claim(3);
      expect(tasks.map(({ id }) => id)).toEqual(live);
      for (const id of late) {
        expect(await harness.read(id)).toMatchObject({
          task: { state: "failed", attempt: 0, finishMs: harness.now, error: { type: "EXPIRED" } },
          attempts: [],
        });
      }
    });

    test("hands out every live task behind many that are too late", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 300 }, () => ({ timeToLiveMs: 10, priority: 1 })));
      const live = createdIds(await harness.enqueueAll([{}, {}, {}]));
      harness.tick(11);
      expect((await harness.claim(2)).tasks.map(({ id }) => id)).toEqual(live.slice(0, 2));
      expect((await harness.claim(2)).tasks.map(({ id }) => id)).toEqual(live.slice(2));
    });

    test("ends a claim that grows too large, and says so; the rest is there for the next one", async (harness) => {
      const payload = new Uint8Array(1_048_576);
      const ids = createdIds(await harness.enqueueAll(Array.from({ length: 8 }, () => ({ payload }))));
      const first = await harness.claim(8);
      expect(first.short).toBe("cut");
      expect(first.tasks.length).toBeGreaterThan(0);
      const second = await harness.claim(8 - first.tasks.length);
      expect(second.short).toBeNull();
      expect([...first.tasks, ...second.tasks].map(({ id }) => id)).toEqual(ids);
    });

    test("fails what is too late in bounded steps, however much it is", async (harness) => {
      const late = Array.from({ length: 1_200 }, () => ({ timeToLiveMs: 10, priority: 1 }));
      await harness.enqueueAll(late);
      const [live] = createdIds(await harness.enqueueAll([{}]));
      harness.tick(11);
      let claim = await harness.claim(1);
      for (let steps = 0; claim.short === "cut" && steps < 10; steps++) claim = await harness.claim(1);
      expect(claim.tasks.map(({ id }) => id)).toEqual([live]);
    });

    test("hands out a task before its expire_time, and lets it finish after", async (harness) => {
      await harness.enqueue({ timeToLiveMs: 10 });
      harness.tick(9);
      const task = await harness.claimOne();
      harness.tick(60_000);
      expect(await harness.settle(task, completed())).toMatchObject({ status: "settled", state: "completed" });
    });
  });
}
