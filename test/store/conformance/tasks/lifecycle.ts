import { describe, expect } from "vitest";
import { newTask, taskError } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import { listAll, listIds } from "../../read-all.ts";
import { reachableStates, type StoreTest } from "../../store-harness.ts";

/** How verbs follow each other, and what outlives the store. */
export function describeLifecycle(test: StoreTest): void {
  test("the queues of tasks are read alone, each in its place", async (harness) => {
    const mail = await harness.enqueue({ queue: "mail" });
    const orders = await harness.enqueue({ queue: "orders" });
    expect(await harness.store.queuesOf([orders, "nonsense", mail])).toEqual(["orders", null, "mail"]);
  });

  describe("verbs called in the same turn", () => {
    test("take effect in order: a claim finds what the enqueue before it stored", async (harness) => {
      const before = harness.claim(1);
      const enqueued = harness.enqueue();
      const claimed = harness.claim(1);
      const after = harness.claim(1);
      expect((await before).tasks).toEqual([]);
      expect((await claimed).tasks.map(({ id }) => id)).toEqual([await enqueued]);
      expect((await after).tasks).toEqual([]);
    });

    test("take effect in order: settle, then claim what came free", async (harness) => {
      const id = await harness.enqueue();
      await harness.store.updateQueue("orders", { maxRunning: 1 }, false, harness.now);
      const next = await harness.enqueue();
      const task = await harness.claimOne();
      const settled = harness.settle(task, completed());
      const claimed = harness.claim(1);
      expect(await settled).toMatchObject({ status: "settled" });
      expect((await claimed).tasks.map((claim) => claim.id)).toEqual([next]);
      expect((await harness.task(id)).state).toBe("completed");
    });

    test("take effect in order: whatever comes after sees what was done", async (harness) => {
      const [a = "", b = ""] = createdIds(await harness.enqueueAll([{}, { priority: -1 }]));
      const verbs = [
        harness.store.cancel([a], taskError(), harness.now),
        harness.store.get([a]),
        harness.store.retry([a], harness.now),
        harness.store.updateQueue("orders", { paused: true }, false, harness.now),
        harness.claim(1),
        harness.store.updateQueue("orders", { paused: false }, false, harness.now),
        harness.claim(1),
        harness.store.getQueue("orders"),
        harness.store.delete([a, b], harness.now),
        harness.store.get([a, b]),
      ];
      expect(await Promise.all(verbs)).toMatchObject([
        [{ status: "cancelled" }],
        [{ task: { state: "cancelled" } }],
        [{ status: "retried" }],
        { paused: true },
        { tasks: [], short: "paused" },
        { paused: false },
        { tasks: [{ id: a, attempt: 1 }], short: null },
        { counts: { pending: 1, running: 1 } },
        ["running", "deleted"],
        [{ task: { state: "running" } }, null],
      ]);
    });

    test("keep their order under load, each task with one worker at a time", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 40 }, () => ({})));
      const workers = Array.from({ length: 8 }, async (_, index) => {
        const done: string[] = [];
        for (;;) {
          const { tasks } = await harness.claim(3, { workerId: `worker-${index}` });
          if (tasks.length === 0) return done;
          const [first, ...others] = tasks;
          if (first === undefined) return done;
          const settlements = [
            { ...leaseOf(first), outcome: completed() },
            ...others.map((task) => ({ ...leaseOf(task), outcome: { kind: "unsent" } as const })),
          ];
          const answers = await harness.store.settle(settlements, harness.now);
          expect(answers.every(({ status }) => status === "settled")).toBe(true);
          done.push(first.id);
        }
      });
      const done = (await Promise.all(workers)).flat();
      expect(new Set(done).size).toBe(done.length);
      expect(done).toHaveLength(40);
    });
  });

  describe("close", () => {
    test("settles what was called before", async (harness) => {
      const enqueued = harness.store.enqueue([newTask(), newTask()], harness.now);
      const claimed = harness.claim(1);
      const closed = harness.store.close();
      const ids = createdIds(await enqueued);
      expect((await claimed).tasks.map(({ id }) => id)).toEqual(ids.slice(0, 1));
      await closed;
      await harness.reopen();
      expect(await listIds(harness.store)).toEqual(ids.toReversed());
    });

    test("is idempotent, also while it is under way", async (harness) => {
      await harness.enqueue();
      await Promise.all([harness.store.close(), harness.store.close()]);
      await harness.store.close();
      await harness.reopen();
    });

    test("rejects what is called after, and does not leave it hanging", async (harness) => {
      const { store } = harness;
      const closed = store.close();
      await expect(store.getQueue("orders")).rejects.toThrow();
      await closed;
      await expect(store.enqueue([newTask()], harness.now)).rejects.toThrow();
      await harness.reopen();
      expect(await listIds(harness.store)).toEqual([]);
    });

    test("is no failure", async (harness) => {
      let failure: Error | null = null;
      void harness.store.failed.then((error) => {
        failure = error;
      });
      await harness.enqueue();
      await harness.store.close();
      await harness.reopen();
      expect(failure).toBeNull();
    });
  });

  describe("reopen", () => {
    test("finds everything", async (harness) => {
      await harness.store.updateQueue("orders", { maxRunning: 9, retryPolicy: { jitter: 0 } }, true, harness.now);
      for (const state of reachableStates.toReversed()) {
        await harness.taskIn(state, {
          requestId: state,
          headers: JSON.stringify({ state }),
          deduplicationKey: state,
          correlationId: state,
        });
        harness.tick(1);
      }
      const read = async () => {
        const tasks = await listAll(harness.store);
        return [
          await harness.store.get(tasks.map(({ id }) => id)),
          await harness.store.listQueues(null, 100),
          await harness.store.leases(),
        ];
      };
      const before = await read();
      await harness.reopen();
      expect(await read()).toEqual(before);
    });

    test("lets a lease from before be settled", async (harness) => {
      await harness.enqueue();
      const task = await harness.claimOne();
      await harness.reopen();
      expect(await harness.settle(task, completed())).toMatchObject({ status: "settled", state: "completed" });
    });

    test("keeps the order of the line", async (harness) => {
      const ids = createdIds(await harness.enqueueAll([{}, { priority: 2 }, {}, { priority: 2 }]));
      await harness.reopen();
      const last = await harness.enqueue();
      expect((await harness.claim(9)).tasks.map(({ id }) => id)).toEqual([ids[1], ids[3], ids[0], ids[2], last]);
    });
  });
}
