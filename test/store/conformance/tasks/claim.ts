import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { bytes, completed } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";

/** Who is given what. */
export function describeClaim(test: StoreTest): void {
  describe("claim", () => {
    test("hands a task over with the next attempt, and everything that a worker needs", async (lab) => {
      const id = await lab.enqueue({
        payload: bytes("payload"),
        headers: { a: "1" },
        priority: 3,
        expireMs: lab.now + 60_000,
        maxAttempts: 2,
        attemptTimeoutMs: 500,
        correlationId: "c",
        sourceService: "s",
      });
      const createMs = lab.now;
      lab.tick(5);
      const answer = await lab.claim(1, { workerId: "w" });
      const [{ payload, ...task } = { payload: null }] = answer.tasks;
      expect(payload && [...payload]).toEqual([...bytes("payload")]);
      expect(task).toEqual({
        id,
        queue: "orders",
        workerId: "w",
        type: "order.ship",
        headers: { a: "1" },
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
      expect(await lab.read(id)).toMatchObject({
        task: { state: "running", attempt: 1, workerId: "w", startMs: lab.now, finishMs: null },
        attempts: [{ attempt: 1, workerId: "w", startMs: lab.now, finishMs: null, outcome: null, error: null }],
      });
    });

    test("fills the slots in their order", async (lab) => {
      const ids = createdIds(await lab.enqueueAll(Array.from({ length: 6 }, () => ({}))));
      const slots = [
        { workerId: "a", n: 2 },
        { workerId: "b", n: 1 },
        { workerId: "a", n: 1 },
        { workerId: "c", n: 5 },
      ];
      const { tasks, short } = await lab.store.claim({ queue: "orders", slots, leaseUntilMs: null }, lab.now);
      expect(tasks.map(({ id, workerId }) => [id, workerId])).toEqual(
        ["a", "a", "b", "a", "c", "c"].map((workerId, index) => [ids[index], workerId]),
      );
      expect(short).toBe("empty");
      for (const { id, workerId } of tasks) expect((await lab.task(id)).workerId).toBe(workerId);
    });

    test("keeps the tasks of one correlation id with one worker, over claims and whatever the order of the slots", async (lab) => {
      const correlationIds = Array.from({ length: 12 }, (_, index) => `order-${index % 6}`);
      await lab.enqueueAll(correlationIds.map((correlationId) => ({ correlationId })));
      const slots = ["a", "b", "c"].map((workerId) => ({ workerId, n: 12 }));
      const plan = { queue: "orders", leaseUntilMs: null, sticky: { most: 6 } };
      const first = await lab.store.claim({ ...plan, slots }, lab.now);
      const second = await lab.store.claim({ ...plan, slots: slots.toReversed() }, lab.now);
      expect([first.tasks.length, first.short, second.tasks.length, second.short]).toEqual([6, null, 6, null]);
      const placeOf = ({ tasks }: typeof first) =>
        tasks.map(({ correlationId, workerId }) => [correlationId, workerId]);
      expect(placeOf(second)).toEqual(placeOf(first));
      expect(new Set(first.tasks.map(({ workerId }) => workerId)).size).toBeGreaterThan(1);
      for (const { id, workerId } of first.tasks) expect((await lab.task(id)).workerId).toBe(workerId);
    });

    test("lets no worker have more sticky tasks than it has slots: the rest goes to others", async (lab) => {
      await lab.enqueueAll(Array.from({ length: 9 }, () => ({ correlationId: "one" })));
      const slots = ["a", "b", "c"].map((workerId) => ({ workerId, n: 2 }));
      const plan = { queue: "orders", leaseUntilMs: null, slots, sticky: { most: 9 } };
      const { tasks, short } = await lab.store.claim(plan, lab.now);
      expect(tasks.map(({ workerId }) => workerId).sort()).toEqual(["a", "a", "b", "b", "c", "c"]);
      // The first ones stay together.
      expect(tasks[0]?.workerId).toBe(tasks[1]?.workerId);
      expect(short).toBeNull();
      expect((await lab.store.claim(plan, lab.now)).short).toBe("empty");
    });

    test("gives a task that sticks to nobody to the worker with most slots left", async (lab) => {
      await lab.enqueueAll(Array.from({ length: 4 }, () => ({})));
      const slots = [
        { workerId: "a", n: 1 },
        { workerId: "b", n: 3 },
      ];
      const plan = { queue: "orders", leaseUntilMs: null, slots, sticky: { most: 4 } };
      const { tasks } = await lab.store.claim(plan, lab.now);
      expect(tasks.map(({ workerId }) => workerId)).toEqual(["b", "b", "a", "b"]);
    });

    test("hands a task to one worker only", async (lab) => {
      const ids = createdIds(await lab.enqueueAll(Array.from({ length: 20 }, () => ({}))));
      const claims = ["a", "b", "c", "d"].map((workerId) => lab.claim(7, { workerId }));
      const claimed = (await Promise.all(claims)).flatMap(({ tasks }) => tasks.map(({ id }) => id));
      expect(claimed).toEqual(ids);
    });

    test("says that a queue is empty, also one that nobody knows", async (lab) => {
      expect(await lab.claim(3, { queue: "unknown" })).toEqual({ tasks: [], short: "empty" });
      await lab.enqueue();
      const { tasks, short } = await lab.claim(3);
      expect([tasks.length, short]).toEqual([1, "empty"]);
      expect(await lab.claim(3)).toEqual({ tasks: [], short: "empty" });
    });

    test("says nothing is short when every slot is filled", async (lab) => {
      await lab.enqueueAll([{}, {}, {}]);
      expect((await lab.claim(2)).short).toBeNull();
      expect((await lab.claim(1)).short).toBeNull();
    });

    test("keeps to its queue", async (lab) => {
      await lab.enqueue({ queue: "returns", priority: 9 });
      const id = await lab.enqueue();
      expect((await lab.claim(5)).tasks.map((task) => task.id)).toEqual([id]);
    });

    test("hands out nothing while the queue is paused, and goes on after", async (lab) => {
      const id = await lab.enqueue();
      await lab.store.updateQueue("orders", { paused: true }, false, lab.now);
      expect(await lab.claim(1)).toEqual({ tasks: [], short: "paused" });
      await lab.enqueue();
      await lab.store.updateQueue("orders", { paused: false }, false, lab.now);
      expect((await lab.claimOne()).id).toBe(id);
    });

    test("takes outcomes while the queue is paused", async (lab) => {
      await lab.enqueue();
      const task = await lab.claimOne();
      await lab.store.updateQueue("orders", { paused: true }, false, lab.now);
      expect(await lab.settle(task, completed())).toMatchObject({ status: "settled", state: "completed" });
    });

    test("lets no more run than max_running, over all workers", async (lab) => {
      await lab.enqueueAll(Array.from({ length: 6 }, () => ({})));
      await lab.store.updateQueue("orders", { maxRunning: 3 }, false, lab.now);
      const first = await lab.claim(2, { workerId: "a" });
      const second = await lab.claim(2, { workerId: "b" });
      expect([first.tasks.length, first.short, second.tasks.length, second.short]).toEqual([2, null, 1, "max_running"]);
      expect(await lab.claim(1, { workerId: "c" })).toEqual({ tasks: [], short: "max_running" });
      for (const task of first.tasks) await lab.settle(task, completed());
      expect((await lab.claim(5, { workerId: "c" })).tasks).toHaveLength(2);
    });

    test("fills the first slots when max_running leaves room for a few", async (lab) => {
      const ids = createdIds(await lab.enqueueAll([{}, {}, {}]));
      await lab.store.updateQueue("orders", { maxRunning: 2 }, false, lab.now);
      const slots = ["a", "b", "c"].map((workerId) => ({ workerId, n: 1 }));
      const { tasks, short } = await lab.store.claim({ queue: "orders", slots, leaseUntilMs: null }, lab.now);
      expect(tasks.map(({ id, workerId }) => [id, workerId])).toEqual([
        [ids[0], "a"],
        [ids[1], "b"],
      ]);
      expect(short).toBe("max_running");
    });

    test("calls a queue empty that holds fewer than max_running would let run", async (lab) => {
      await lab.enqueue();
      await lab.store.updateQueue("orders", { maxRunning: 2 }, false, lab.now);
      expect((await lab.claim(3)).short).toBe("empty");
    });

    test("hands out pending tasks only", async (lab) => {
      const ids: string[] = [];
      for (const state of ["completed", "failed", "cancelled", "running", "scheduled"] as const) {
        ids.push(await lab.taskIn(state));
      }
      const before = await lab.store.get(ids);
      lab.tick(7 * 86_400_000);
      expect(await lab.claim(1)).toEqual({ tasks: [], short: "empty" });
      expect(await lab.store.get(ids)).toEqual(before);
    });

    test("hands out what is too late to nobody: it has failed", async (lab) => {
      const late = createdIds(await lab.enqueueAll([{ timeToLiveMs: 10 }, { expireMs: lab.now + 10, priority: 5 }]));
      const live = createdIds(await lab.enqueueAll([{ timeToLiveMs: 60_000 }, {}]));
      lab.tick(11);
      const { tasks } = await lab.claim(3);
      expect(tasks.map(({ id }) => id)).toEqual(live);
      for (const id of late) {
        expect(await lab.read(id)).toMatchObject({
          task: { state: "failed", attempt: 0, finishMs: lab.now, error: { type: "EXPIRED" } },
          attempts: [],
        });
      }
    });

    test("hands out every live task behind many that are too late", async (lab) => {
      await lab.enqueueAll(Array.from({ length: 300 }, () => ({ timeToLiveMs: 10, priority: 1 })));
      const live = createdIds(await lab.enqueueAll([{}, {}, {}]));
      lab.tick(11);
      expect((await lab.claim(2)).tasks.map(({ id }) => id)).toEqual(live.slice(0, 2));
      expect((await lab.claim(2)).tasks.map(({ id }) => id)).toEqual(live.slice(2));
    });

    test("ends a claim that grows too large, and says so; the rest is there for the next one", async (lab) => {
      const payload = new Uint8Array(1_048_576);
      const ids = createdIds(await lab.enqueueAll(Array.from({ length: 8 }, () => ({ payload }))));
      const first = await lab.claim(8);
      expect(first.short).toBe("cut");
      expect(first.tasks.length).toBeGreaterThan(0);
      const second = await lab.claim(8 - first.tasks.length);
      expect(second.short).toBeNull();
      expect([...first.tasks, ...second.tasks].map(({ id }) => id)).toEqual(ids);
    });

    test("fails what is too late in bounded steps, however much it is", async (lab) => {
      const late = Array.from({ length: 1_200 }, () => ({ timeToLiveMs: 10, priority: 1 }));
      await lab.enqueueAll(late);
      const [live] = createdIds(await lab.enqueueAll([{}]));
      lab.tick(11);
      let claim = await lab.claim(1);
      for (let steps = 0; claim.short === "cut" && steps < 10; steps++) claim = await lab.claim(1);
      expect(claim.tasks.map(({ id }) => id)).toEqual([live]);
    });

    test("hands out a task before its expire_time, and lets it finish after", async (lab) => {
      await lab.enqueue({ timeToLiveMs: 10 });
      lab.tick(9);
      const task = await lab.claimOne();
      lab.tick(60_000);
      expect(await lab.settle(task, completed())).toMatchObject({ status: "settled", state: "completed" });
    });
  });
}
