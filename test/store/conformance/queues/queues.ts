import { describe, expect } from "vitest";
import { defaultQueueSettings, type QueueSettings } from "../../../../src/domain/tasks/queue.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { completed, failed, leaseLost, released } from "../../outcomes.ts";
import { advanceAll, listAllQueues } from "../../read-all.ts";
import { type Lab, type StoreTest, startMs } from "../../store-harness.ts";

const otherSettings: QueueSettings = {
  paused: true,
  maxDepth: 17,
  maxRunning: 3,
  strategy: "round_robin",
  maxAttempts: 2,
  retryPolicy: { initialBackoffMs: 5, jitter: 0 },
  attemptTimeoutMs: 90_000,
  retention: { completedMs: 1, failedMs: 2, cancelledMs: 3 },
};

/** What a queue is set to, and what it counts. */
export function describeQueues(test: StoreTest): void {
  describe("queues", () => {
    test("are not there before they come to be", async (lab) => {
      expect(await lab.store.getQueue("orders")).toBeNull();
      expect(await lab.store.listQueues(null, 10)).toEqual([]);
      expect(await lab.store.updateQueue("orders", { paused: true }, false, lab.now)).toBeNull();
      expect(await lab.store.getQueue("orders")).toBeNull();
    });

    test("come to be by an update that allows it, with defaults for the rest", async (lab) => {
      const queue = await lab.store.updateQueue("orders", { maxRunning: 4 }, true, lab.now);
      expect(queue).toEqual({
        ...defaultQueueSettings,
        maxRunning: 4,
        name: "orders",
        counts: { blocked: 0, scheduled: 0, pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
        nextPendingMs: null,
        passedOver: [],
        createMs: startMs,
        updateMs: startMs,
      });
      expect(await lab.store.getQueue("orders")).toEqual(queue);
    });

    test("change what is named, each setting by itself, for good", async (lab) => {
      await lab.enqueue();
      let expected = defaultQueueSettings;
      for (const name of Object.keys(otherSettings) as (keyof QueueSettings)[]) {
        lab.tick(1);
        expected = { ...expected, [name]: otherSettings[name] };
        const queue = await lab.store.updateQueue("orders", { [name]: otherSettings[name] }, false, lab.now);
        expect(queue, name).toMatchObject({ ...expected, createMs: startMs, updateMs: lab.now });
        expect(queue?.retryPolicy).toEqual(expected.retryPolicy);
        expect(await lab.store.getQueue("orders")).toEqual(queue);
      }
      await lab.reopen();
      expect(await lab.store.getQueue("orders")).toMatchObject(otherSettings);
      const back = await lab.store.updateQueue("orders", defaultQueueSettings, false, lab.now);
      expect(back).toMatchObject(defaultQueueSettings);
      expect(back?.retryPolicy).toEqual({});
    });

    test("are listed by name, a page at a time", async (lab) => {
      const names = ["b", "a", "a.b", "a-b", "a_b", "Z", "z", "10", "9", "aa", "0"];
      for (const name of names) await lab.store.updateQueue(name, {}, true, lab.now);
      for (const limit of [1, 3, 11, 100]) {
        expect((await listAllQueues(lab.store, limit)).map(({ name }) => name)).toEqual(names.toSorted());
      }
      expect((await lab.store.listQueues("a.", 2)).map(({ name }) => name)).toEqual(["a.b", "a_b"]);
    });

    test("are listed as they are read by name", async (lab) => {
      await lab.taskIn("running");
      await lab.enqueue({ queue: "returns" });
      const read = [await lab.store.getQueue("orders"), await lab.store.getQueue("returns")];
      expect(await lab.store.listQueues(null, 10)).toEqual(read);
    });

    test("stay when their tasks are gone", async (lab) => {
      await lab.store.delete([await lab.enqueue()], lab.now);
      expect(await lab.store.getQueue("orders")).toMatchObject({ name: "orders", counts: { pending: 0 } });
    });

    test("count each task where it stands, after every move, also when opened anew", async (lab) => {
      await lab.taskIn("cancelled");
      await lab.taskIn("failed");
      await lab.taskIn("completed");
      await lab.taskIn("running");
      await lab.taskIn("pending");
      await lab.taskIn("scheduled");
      const one = { blocked: 0, scheduled: 1, pending: 1, running: 1, completed: 1, failed: 1, cancelled: 1 };
      expect((await lab.store.getQueue("orders"))?.counts).toEqual(one);
      await lab.reopen();
      expect((await lab.store.getQueue("orders"))?.counts).toEqual(one);
    });
  });

  describe("the time of the task that is next in line", () => {
    const oldest = async (lab: Lab) => (await lab.store.getQueue("orders"))?.nextPendingMs;

    test("is its creation, for a task that may be claimed at once", async (lab) => {
      await lab.enqueue();
      lab.tick(10);
      await lab.enqueue();
      expect(await oldest(lab)).toBe(startMs);
      await lab.claim(1);
      expect(await oldest(lab)).toBe(startMs + 10);
      await lab.claim(1);
      expect(await oldest(lab)).toBeNull();
    });

    test("is when it was due, for a task that waited", async (lab) => {
      await lab.enqueue({ delayMs: 100 });
      expect(await oldest(lab)).toBeNull();
      await advanceAll(lab.store, lab.tick(500));
      expect(await oldest(lab)).toBe(startMs + 100);
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 1_000 }));
      expect(await oldest(lab)).toBeNull();
      await advanceAll(lab.store, lab.tick(5_000));
      expect(await oldest(lab)).toBe(startMs + 1_500);
    });

    test("is of the task with the highest priority", async (lab) => {
      await lab.enqueue();
      lab.tick(10);
      await lab.enqueue({ priority: 1 });
      expect(await oldest(lab)).toBe(startMs + 10);
    });

    test("goes back with a task that is released", async (lab) => {
      await lab.enqueue();
      const task = await lab.claimOne();
      lab.tick(10);
      await lab.settle(task, released());
      expect(await oldest(lab)).toBe(startMs);
    });

    test("is null once nothing waits, however the tasks went", async (lab) => {
      const ids = [await lab.enqueue(), await lab.enqueue(), await lab.enqueue({ timeToLiveMs: 5 })];
      await lab.store.cancel(ids.slice(0, 1), taskError(), lab.now);
      await lab.store.delete(ids.slice(1, 2), lab.now);
      expect(await oldest(lab)).toBe(startMs);
      await advanceAll(lab.store, lab.tick(6));
      expect(await oldest(lab)).toBeNull();
      await lab.enqueue();
      await lab.settle(await lab.claimOne(), leaseLost);
      expect(await oldest(lab)).not.toBeNull();
      await lab.settle(await lab.claimOne(), completed());
      expect(await oldest(lab)).toBeNull();
    });
  });
}
