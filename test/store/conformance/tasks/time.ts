import { describe, expect } from "vitest";
import { serverErrors } from "../../../../src/domain/tasks/task.ts";
import { createdIds } from "../../answers.ts";
import { failed } from "../../outcomes.ts";
import { advanceAll, advanceOnce, listIds, sweepRound } from "../../read-all.ts";
import { reachableStates, type StoreTest, startMs } from "../../store-harness.ts";

const dayMs = 86_400_000;

/** What time does to tasks. */
export function describeTime(test: StoreTest): void {
  describe("advance", () => {
    test("has nothing to do where nothing waits", async (harness) => {
      expect(await advanceOnce(harness.store, harness.now)).toEqual({ readyQueues: [], nextMs: null });
      await harness.taskIn("running");
      await harness.taskIn("completed");
      await harness.enqueue();
      expect(await advanceOnce(harness.store, harness.now)).toEqual({ readyQueues: [], nextMs: null });
    });

    test("makes a task ready when it is due, not before", async (harness) => {
      const id = await harness.enqueue({ delayMs: 100 });
      expect(await advanceOnce(harness.store, harness.tick(99))).toEqual({ readyQueues: [], nextMs: startMs + 100 });
      expect((await harness.task(id)).state).toBe("scheduled");
      expect(await advanceOnce(harness.store, harness.tick(1))).toEqual({ readyQueues: ["orders"], nextMs: null });
      expect((await harness.task(id)).state).toBe("pending");
      expect(await advanceOnce(harness.store, harness.now)).toEqual({ readyQueues: [], nextMs: null });
      expect((await harness.claimOne()).id).toBe(id);
    });

    test("tells each queue that has new tasks, and when the next task is due", async (harness) => {
      await harness.enqueueAll([
        { queue: "b", delayMs: 10 },
        { queue: "a", delayMs: 20 },
        { queue: "b", delayMs: 15 },
        { queue: "c", delayMs: 40 },
        { queue: "d", delayMs: 30 },
      ]);
      expect(await advanceAll(harness.store, harness.tick(25))).toEqual({
        readyQueues: ["a", "b"],
        nextMs: startMs + 30,
      });
      expect(await advanceAll(harness.store, harness.tick(25))).toEqual({ readyQueues: ["c", "d"], nextMs: null });
    });

    test("makes a retry ready when it is due", async (harness) => {
      const id = await harness.enqueue();
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 50 }));
      expect(await advanceOnce(harness.store, harness.now)).toEqual({ readyQueues: [], nextMs: startMs + 50 });
      expect((await advanceAll(harness.store, harness.tick(50))).readyQueues).toEqual(["orders"]);
      expect(await harness.claimOne()).toMatchObject({ id, attempt: 2 });
    });

    test("fails what was not begun before its expire_time", async (harness) => {
      const pending = await harness.enqueue({ timeToLiveMs: 50 });
      const scheduled = await harness.enqueue({ queue: "returns", delayMs: 100, timeToLiveMs: 60 });
      expect(await advanceOnce(harness.store, harness.tick(49))).toEqual({ readyQueues: [], nextMs: startMs + 50 });
      expect((await harness.task(pending)).state).toBe("pending");
      expect(await advanceAll(harness.store, harness.tick(2))).toEqual({ readyQueues: [], nextMs: startMs + 60 });
      expect(await harness.read(pending)).toMatchObject({
        task: { state: "failed", finishMs: harness.now, error: serverErrors.expired, attempt: 0 },
        attempts: [],
      });
      expect(await advanceAll(harness.store, harness.tick(20))).toEqual({ readyQueues: [], nextMs: null });
      expect(await harness.task(scheduled)).toMatchObject({ state: "failed", error: serverErrors.expired });
    });

    test("offers nobody a task that is due and too late at once", async (harness) => {
      const id = await harness.enqueue({ delayMs: 10, timeToLiveMs: 20 });
      expect(await advanceAll(harness.store, harness.tick(1_000))).toEqual({ readyQueues: [], nextMs: null });
      expect((await harness.task(id)).state).toBe("failed");
    });

    test("lets what runs or has finished be, whatever its expire_time", async (harness) => {
      const running = await harness.taskIn("running", { timeToLiveMs: 10 });
      const completed = await harness.taskIn("completed", { timeToLiveMs: 10 });
      const before = await harness.store.get([running, completed]);
      expect(await advanceOnce(harness.store, harness.tick(dayMs))).toEqual({ readyQueues: [], nextMs: null });
      expect(await harness.store.get([running, completed])).toEqual(before);
    });

    test("does a great deal in steps that say when there is more", async (harness) => {
      for (let batch = 0; batch < 3; batch++) {
        await harness.enqueueAll(Array.from({ length: 1_000 }, () => ({ delayMs: 10 })));
        await harness.enqueueAll(Array.from({ length: 500 }, () => ({ queue: "returns", timeToLiveMs: 10 })));
      }
      const last = await harness.enqueue({ delayMs: 1_000 });
      harness.tick(20);
      expect(await advanceAll(harness.store, harness.now)).toEqual({
        readyQueues: ["orders"],
        nextMs: startMs + 1_000,
      });
      expect((await harness.store.getQueue("orders"))?.counts).toMatchObject({ pending: 3_000, scheduled: 1 });
      expect((await harness.store.getQueue("returns"))?.counts).toMatchObject({ pending: 0, failed: 1_500 });
      expect((await harness.task(last)).state).toBe("scheduled");
    });

    test("finds what was due while the store was closed", async (harness) => {
      const id = await harness.enqueue({ delayMs: 10 });
      await harness.reopen();
      expect((await advanceAll(harness.store, harness.tick(dayMs))).readyQueues).toEqual(["orders"]);
      expect((await harness.claimOne()).id).toBe(id);
    });
  });

  describe("sweep", () => {
    const retention = { completedMs: 1_000, failedMs: 3_000, cancelledMs: 2_000 };

    test("deletes finished tasks when their state's retention is over", async (harness) => {
      await harness.store.updateQueue("orders", { retention }, true, harness.now);
      const ids = {
        completed: await harness.taskIn("completed"),
        failed: await harness.taskIn("failed"),
        cancelled: await harness.taskIn("cancelled"),
      };
      const left = async () => (await listIds(harness.store)).toSorted();
      expect((await sweepRound(harness.store, harness.tick(999))).deleted).toBe(0);
      expect((await sweepRound(harness.store, harness.tick(2))).deleted).toBe(1);
      expect(await left()).toEqual([ids.failed, ids.cancelled].toSorted());
      expect((await sweepRound(harness.store, harness.tick(1_000))).deleted).toBe(1);
      expect(await left()).toEqual([ids.failed]);
      expect((await sweepRound(harness.store, harness.tick(1_000))).deleted).toBe(1);
      expect(await left()).toEqual([]);
    });

    test("counts from the end of a task, not from its creation", async (harness) => {
      await harness.store.updateQueue("orders", { retention }, true, harness.now);
      await harness.enqueue();
      harness.tick(dayMs);
      await harness.settle(await harness.claimOne(), failed({ terminal: true }));
      expect((await sweepRound(harness.store, harness.tick(2_999))).deleted).toBe(0);
      expect((await sweepRound(harness.store, harness.tick(2))).deleted).toBe(1);
    });

    test("keeps to each queue's retention as it is now", async (harness) => {
      await harness.taskIn("completed");
      const kept = await harness.taskIn("completed", { queue: "returns" });
      expect((await sweepRound(harness.store, harness.tick(5))).deleted).toBe(0);
      const shorter = { ...retention, completedMs: 0 };
      await harness.store.updateQueue("orders", { retention: shorter }, false, harness.now);
      expect((await sweepRound(harness.store, harness.now)).deleted).toBe(1);
      expect(await listIds(harness.store)).toEqual([kept]);
    });

    test("keeps finished tasks by default for a day, failed ones for thirty", async (harness) => {
      for (const state of ["completed", "failed", "cancelled"] as const) await harness.taskIn(state);
      expect((await sweepRound(harness.store, harness.tick(dayMs - 1))).deleted).toBe(0);
      expect((await sweepRound(harness.store, harness.tick(2))).deleted).toBe(2);
      expect((await sweepRound(harness.store, harness.tick(29 * dayMs - 2))).deleted).toBe(0);
      expect((await sweepRound(harness.store, harness.tick(2))).deleted).toBe(1);
    });

    test("never deletes what is not finished", async (harness) => {
      const nothing = { completedMs: 0, failedMs: 0, cancelledMs: 0 };
      await harness.store.updateQueue("orders", { retention: nothing }, true, harness.now);
      for (const state of reachableStates.toReversed()) await harness.taskIn(state);
      harness.tick(3_650 * dayMs);
      expect((await sweepRound(harness.store, harness.now)).deleted).toBe(3);
      expect((await harness.store.getQueue("orders"))?.counts).toMatchObject({ scheduled: 1, pending: 1, running: 1 });
      expect((await sweepRound(harness.store, harness.now)).deleted).toBe(0);
    });

    test("goes on from where a step ended, and lets what is older be", async (harness) => {
      const first = await harness.taskIn("completed");
      const second = await harness.taskIn("completed");
      harness.tick(30 * dayMs);
      expect((await sweepRound(harness.store, harness.now, first)).deleted).toBe(1);
      expect(await listIds(harness.store)).toEqual([first]);
      expect(await harness.store.get([second])).toEqual([null]);
    });

    test("deletes many in one round, past many that stay", async (harness) => {
      const kept = createdIds(await harness.enqueueAll(Array.from({ length: 1_000 }, () => ({ delayMs: dayMs }))));
      for (let batch = 0; batch < 3; batch++) {
        await harness.enqueueAll(Array.from({ length: 1_000 }, () => ({ timeToLiveMs: 1 })));
      }
      kept.push(...createdIds(await harness.enqueueAll(Array.from({ length: 1_000 }, () => ({})))));
      await advanceAll(harness.store, harness.tick(5));
      expect((await sweepRound(harness.store, harness.tick(40 * dayMs))).deleted).toBe(3_000);
      expect((await listIds(harness.store)).toReversed()).toEqual(kept);
    });

    test("walks through nothing where nothing has finished, however long it has waited", async (harness) => {
      await harness.enqueueAll(Array.from({ length: 1_000 }, () => ({ delayMs: 2 * dayMs })));
      expect(await harness.store.sweep(null, harness.tick(dayMs))).toEqual({ deleted: 0, nextCursor: null });
      await harness.taskIn("completed");
      expect((await sweepRound(harness.store, harness.tick(dayMs - 1))).deleted).toBe(0);
      expect((await sweepRound(harness.store, harness.tick(2))).deleted).toBe(1);
    });

    test("forgets request ids and keys with the tasks", async (harness) => {
      await harness.taskIn("completed", { requestId: "r", deduplicationKey: "k" });
      await sweepRound(harness.store, harness.tick(2 * dayMs));
      await harness.enqueue({ requestId: "r", type: "other", deduplicationKey: "k" });
    });
  });
}
