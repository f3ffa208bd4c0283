import { describe, expect } from "vitest";
import { newTask, taskError } from "../../../harness/calls/builders.ts";
import { createdIds } from "../../answers.ts";
import { completed, leaseOf } from "../../outcomes.ts";
import { listAll, listIds } from "../../read-all.ts";
import { reachableStates, type StoreTest } from "../../store-harness.ts";

/** How verbs follow each other, and what outlives the store. */
export function describeLifecycle(test: StoreTest): void {
  describe("verbs called in the same turn", () => {
    test("take effect in order: a claim finds what the enqueue before it stored", async (lab) => {
      const before = lab.claim(1);
      const enqueued = lab.enqueue();
      const claimed = lab.claim(1);
      const after = lab.claim(1);
      expect((await before).tasks).toEqual([]);
      expect((await claimed).tasks.map(({ id }) => id)).toEqual([await enqueued]);
      expect((await after).tasks).toEqual([]);
    });

    test("take effect in order: settle, then claim what came free", async (lab) => {
      const id = await lab.enqueue();
      await lab.store.updateQueue("orders", { maxRunning: 1 }, false, lab.now);
      const next = await lab.enqueue();
      const task = await lab.claimOne();
      const settled = lab.settle(task, completed());
      const claimed = lab.claim(1);
      expect(await settled).toMatchObject({ status: "settled" });
      expect((await claimed).tasks.map((claim) => claim.id)).toEqual([next]);
      expect((await lab.task(id)).state).toBe("completed");
    });

    test("take effect in order: whatever comes after sees what was done", async (lab) => {
      const [a = "", b = ""] = createdIds(await lab.enqueueAll([{}, { priority: -1 }]));
      const verbs = [
        lab.store.cancel([a], taskError(), lab.now),
        lab.store.get([a]),
        lab.store.retry([a], lab.now),
        lab.store.updateQueue("orders", { paused: true }, false, lab.now),
        lab.claim(1),
        lab.store.updateQueue("orders", { paused: false }, false, lab.now),
        lab.claim(1),
        lab.store.getQueue("orders"),
        lab.store.delete([a, b], lab.now),
        lab.store.get([a, b]),
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

    test("keep their order under load, each task with one worker at a time", async (lab) => {
      await lab.enqueueAll(Array.from({ length: 40 }, () => ({})));
      const workers = Array.from({ length: 8 }, async (_, index) => {
        const done: string[] = [];
        for (;;) {
          const { tasks } = await lab.claim(3, { workerId: `worker-${index}` });
          if (tasks.length === 0) return done;
          const [first, ...others] = tasks;
          if (first === undefined) return done;
          const settlements = [
            { ...leaseOf(first), outcome: completed() },
            ...others.map((task) => ({ ...leaseOf(task), outcome: { kind: "unsent" } as const })),
          ];
          const answers = await lab.store.settle(settlements, lab.now);
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
    test("settles what was called before", async (lab) => {
      const enqueued = lab.store.enqueue([newTask(), newTask()], lab.now);
      const claimed = lab.claim(1);
      const closed = lab.store.close();
      const ids = createdIds(await enqueued);
      expect((await claimed).tasks.map(({ id }) => id)).toEqual(ids.slice(0, 1));
      await closed;
      await lab.reopen();
      expect(await listIds(lab.store)).toEqual(ids.toReversed());
    });

    test("is idempotent, also while it is under way", async (lab) => {
      await lab.enqueue();
      await Promise.all([lab.store.close(), lab.store.close()]);
      await lab.store.close();
      await lab.reopen();
    });

    test("rejects what is called after, and does not leave it hanging", async (lab) => {
      const { store } = lab;
      const closed = store.close();
      await expect(store.getQueue("orders")).rejects.toThrow();
      await closed;
      await expect(store.enqueue([newTask()], lab.now)).rejects.toThrow();
      await lab.reopen();
      expect(await listIds(lab.store)).toEqual([]);
    });

    test("is no failure", async (lab) => {
      let failure: Error | null = null;
      void lab.store.failed.then((error) => {
        failure = error;
      });
      await lab.enqueue();
      await lab.store.close();
      await lab.reopen();
      expect(failure).toBeNull();
    });
  });

  describe("reopen", () => {
    test("finds everything", async (lab) => {
      await lab.store.updateQueue("orders", { maxRunning: 9, retryPolicy: { jitter: 0 } }, true, lab.now);
      for (const state of reachableStates.toReversed()) {
        await lab.taskIn(state, {
          requestId: state,
          headers: { state },
          deduplicationKey: state,
          correlationId: state,
        });
        lab.tick(1);
      }
      const read = async () => {
        const tasks = await listAll(lab.store);
        return [
          await lab.store.get(tasks.map(({ id }) => id)),
          await lab.store.listQueues(null, 100),
          await lab.store.leases(),
        ];
      };
      const before = await read();
      await lab.reopen();
      expect(await read()).toEqual(before);
    });

    test("lets a lease from before be settled", async (lab) => {
      await lab.enqueue();
      const task = await lab.claimOne();
      await lab.reopen();
      expect(await lab.settle(task, completed())).toMatchObject({ status: "settled", state: "completed" });
    });

    test("keeps the order of the line", async (lab) => {
      const ids = createdIds(await lab.enqueueAll([{}, { priority: 2 }, {}, { priority: 2 }]));
      await lab.reopen();
      const last = await lab.enqueue();
      expect((await lab.claim(9)).tasks.map(({ id }) => id)).toEqual([ids[1], ids[3], ids[0], ids[2], last]);
    });
  });
}
