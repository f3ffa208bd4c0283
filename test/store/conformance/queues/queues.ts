import { describe, expect } from "vitest";
import { defaultQueueSettings, type QueueSettings } from "../../../../src/domain/tasks/queue.ts";
import { taskError } from "../../../harness/calls/builders.ts";
import { completed, failed, leaseLost, released } from "../../outcomes.ts";
import { advanceAll, listAllQueues } from "../../read-all.ts";
import { type StoreHarness, type StoreTest, startMs } from "../../store-harness.ts";

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
    test("are not there before they come to be", async (harness) => {
      expect(await harness.store.getQueue("orders")).toBeNull();
      expect(await harness.store.listQueues(null, 10)).toEqual([]);
      expect(await harness.store.updateQueue("orders", { paused: true }, false, harness.now)).toBeNull();
      expect(await harness.store.getQueue("orders")).toBeNull();
    });

    test("come to be by an update that allows it, with defaults for the rest", async (harness) => {
      const queue = await harness.store.updateQueue("orders", { maxRunning: 4 }, true, harness.now);
      expect(queue).toEqual({
        ...defaultQueueSettings,
        maxRunning: 4,
        name: "orders",
        counts: { blocked: 0, scheduled: 0, pending: 0, running: 0, completed: 0, failed: 0, cancelled: 0 },
        nextPendingMs: null,
        passedOver: [],
        createMs: startMs,
        updateMs: startMs,
        settingChanges: [{ setting: "maxRunning", changeMs: startMs, principal: "", reason: "", previous: "0" }],
      });
      expect(await harness.store.getQueue("orders")).toEqual(queue);
    });

    test("know who changed each setting, when, why and from what, newest first", async (harness) => {
      const change = (changes: Partial<QueueSettings>, principal: string, reason = "") => {
        harness.tick(1_000);
        return harness.store.updateQueue("orders", changes, true, harness.now, { principal, reason });
      };
      const expected = (
        setting: keyof QueueSettings,
        age: number,
        principal: string,
        reason: string,
        previous: string,
      ) => ({
        setting,
        changeMs: harness.now - age,
        principal,
        reason,
        previous,
      });
      await change({ maxRunning: 2 }, "ann");
      await change({ paused: true, maxRunning: 3 }, "bob", "the bank is down");
      // Nothing changes without a new value, or a reason.
      await change({ paused: true }, "eve");
      const queue = await change({ paused: true, maxRunning: 4 }, "ann", "so is the other bank");
      expect(queue?.settingChanges).toEqual([
        expected("maxRunning", 0, "ann", "so is the other bank", "3"),
        expected("paused", 0, "ann", "so is the other bank", "false"),
      ]);
      const retention = { completedMs: 5_400_000, failedMs: 86_400_000, cancelledMs: 0 };
      await change({ retention }, "bob");
      await harness.reopen();
      const known = await harness.store.getQueue("orders");
      expect(known?.settingChanges).toEqual([
        expected("retention", 0, "bob", "", "completed 1d, failed 30d, cancelled 1d"),
        expected("maxRunning", 1_000, "ann", "so is the other bank", "3"),
        expected("paused", 1_000, "ann", "so is the other bank", "false"),
      ]);
      await harness.enqueue({ queue: "other" });
      expect((await harness.store.getQueue("other"))?.settingChanges).toEqual([]);
      expect(await harness.store.listQueues(null, 10)).not.toContainEqual(
        expect.objectContaining({ settingChanges: [] }),
      );
    });

    test("change what is named, each setting by itself, for good", async (harness) => {
      await harness.enqueue();
      let expected = defaultQueueSettings;
      for (const name of Object.keys(otherSettings) as (keyof QueueSettings)[]) {
        harness.tick(1);
        expected = { ...expected, [name]: otherSettings[name] };
        const queue = await harness.store.updateQueue("orders", { [name]: otherSettings[name] }, false, harness.now);
        expect(queue, name).toMatchObject({ ...expected, createMs: startMs, updateMs: harness.now });
        expect(queue?.retryPolicy).toEqual(expected.retryPolicy);
        expect(await harness.store.getQueue("orders")).toEqual(queue);
      }
      await harness.reopen();
      expect(await harness.store.getQueue("orders")).toMatchObject(otherSettings);
      const back = await harness.store.updateQueue("orders", defaultQueueSettings, false, harness.now);
      expect(back).toMatchObject(defaultQueueSettings);
      expect(back?.retryPolicy).toEqual({});
    });

    test("are listed by name, a page at a time", async (harness) => {
      const names = ["b", "a", "a.b", "a-b", "a_b", "Z", "z", "10", "9", "aa", "0"];
      for (const name of names) await harness.store.updateQueue(name, {}, true, harness.now);
      for (const limit of [1, 3, 11, 100]) {
        expect((await listAllQueues(harness.store, limit)).map(({ name }) => name)).toEqual(names.toSorted());
      }
      expect((await harness.store.listQueues("a.", 2)).map(({ name }) => name)).toEqual(["a.b", "a_b"]);
    });

    test("are listed as they are read by name", async (harness) => {
      await harness.taskIn("running");
      await harness.enqueue({ queue: "returns" });
      const read = [await harness.store.getQueue("orders"), await harness.store.getQueue("returns")];
      expect(read).toMatchObject([{ settingChanges: [] }, { settingChanges: [] }]);
      const listed = await harness.store.listQueues(null, 10);
      expect(listed.map((queue) => ({ ...queue, settingChanges: [] }))).toEqual(read);
    });

    test("stay when their tasks are gone", async (harness) => {
      await harness.store.delete([await harness.enqueue()], harness.now);
      expect(await harness.store.getQueue("orders")).toMatchObject({ name: "orders", counts: { pending: 0 } });
    });

    test("count each task where it stands, after every move, also when opened anew", async (harness) => {
      await harness.taskIn("cancelled");
      await harness.taskIn("failed");
      await harness.taskIn("completed");
      await harness.taskIn("running");
      await harness.taskIn("pending");
      await harness.taskIn("scheduled");
      const one = { blocked: 0, scheduled: 1, pending: 1, running: 1, completed: 1, failed: 1, cancelled: 1 };
      expect((await harness.store.getQueue("orders"))?.counts).toEqual(one);
      await harness.reopen();
      expect((await harness.store.getQueue("orders"))?.counts).toEqual(one);
    });
  });

  describe("the time of the task that is next in line", () => {
    const oldest = async (harness: StoreHarness) => (await harness.store.getQueue("orders"))?.nextPendingMs;

    test("is its creation, for a task that may be claimed at once", async (harness) => {
      await harness.enqueue();
      harness.tick(10);
      await harness.enqueue();
      expect(await oldest(harness)).toBe(startMs);
      await harness.claim(1);
      expect(await oldest(harness)).toBe(startMs + 10);
      await harness.claim(1);
      expect(await oldest(harness)).toBeNull();
    });

    test("is when it was due, for a task that waited", async (harness) => {
      await harness.enqueue({ delayMs: 100 });
      expect(await oldest(harness)).toBeNull();
      await advanceAll(harness.store, harness.tick(500));
      expect(await oldest(harness)).toBe(startMs + 100);
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 1_000 }));
      expect(await oldest(harness)).toBeNull();
      await advanceAll(harness.store, harness.tick(5_000));
      expect(await oldest(harness)).toBe(startMs + 1_500);
    });

    test("is of the task with the highest priority", async (harness) => {
      await harness.enqueue();
      harness.tick(10);
      await harness.enqueue({ priority: 1 });
      expect(await oldest(harness)).toBe(startMs + 10);
    });

    test("goes back with a task that is released", async (harness) => {
      await harness.enqueue();
      const task = await harness.claimOne();
      harness.tick(10);
      await harness.settle(task, released());
      expect(await oldest(harness)).toBe(startMs);
    });

    test("is null once nothing waits, however the tasks went", async (harness) => {
      const ids = [await harness.enqueue(), await harness.enqueue(), await harness.enqueue({ timeToLiveMs: 5 })];
      await harness.store.cancel(ids.slice(0, 1), taskError(), harness.now);
      await harness.store.delete(ids.slice(1, 2), harness.now);
      expect(await oldest(harness)).toBe(startMs);
      await advanceAll(harness.store, harness.tick(6));
      expect(await oldest(harness)).toBeNull();
      await harness.enqueue();
      await harness.settle(await harness.claimOne(), leaseLost);
      expect(await oldest(harness)).not.toBeNull();
      await harness.settle(await harness.claimOne(), completed());
      expect(await oldest(harness)).toBeNull();
    });
  });
}
