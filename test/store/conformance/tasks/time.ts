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
    test("has nothing to do where nothing waits", async (lab) => {
      expect(await advanceOnce(lab.store, lab.now)).toEqual({ readyQueues: [], nextMs: null });
      await lab.taskIn("running");
      await lab.taskIn("completed");
      await lab.enqueue();
      expect(await advanceOnce(lab.store, lab.now)).toEqual({ readyQueues: [], nextMs: null });
    });

    test("makes a task ready when it is due, not before", async (lab) => {
      const id = await lab.enqueue({ delayMs: 100 });
      expect(await advanceOnce(lab.store, lab.tick(99))).toEqual({ readyQueues: [], nextMs: startMs + 100 });
      expect((await lab.task(id)).state).toBe("scheduled");
      expect(await advanceOnce(lab.store, lab.tick(1))).toEqual({ readyQueues: ["orders"], nextMs: null });
      expect((await lab.task(id)).state).toBe("pending");
      expect(await advanceOnce(lab.store, lab.now)).toEqual({ readyQueues: [], nextMs: null });
      expect((await lab.claimOne()).id).toBe(id);
    });

    test("tells each queue that has new tasks, and when the next task is due", async (lab) => {
      await lab.enqueueAll([
        { queue: "b", delayMs: 10 },
        { queue: "a", delayMs: 20 },
        { queue: "b", delayMs: 15 },
        { queue: "c", delayMs: 40 },
        { queue: "d", delayMs: 30 },
      ]);
      expect(await advanceAll(lab.store, lab.tick(25))).toEqual({ readyQueues: ["a", "b"], nextMs: startMs + 30 });
      expect(await advanceAll(lab.store, lab.tick(25))).toEqual({ readyQueues: ["c", "d"], nextMs: null });
    });

    test("makes a retry ready when it is due", async (lab) => {
      const id = await lab.enqueue();
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 50 }));
      expect(await advanceOnce(lab.store, lab.now)).toEqual({ readyQueues: [], nextMs: startMs + 50 });
      expect((await advanceAll(lab.store, lab.tick(50))).readyQueues).toEqual(["orders"]);
      expect(await lab.claimOne()).toMatchObject({ id, attempt: 2 });
    });

    test("fails what was not begun before its expire_time", async (lab) => {
      const pending = await lab.enqueue({ timeToLiveMs: 50 });
      const scheduled = await lab.enqueue({ queue: "returns", delayMs: 100, timeToLiveMs: 60 });
      expect(await advanceOnce(lab.store, lab.tick(49))).toEqual({ readyQueues: [], nextMs: startMs + 50 });
      expect((await lab.task(pending)).state).toBe("pending");
      expect(await advanceAll(lab.store, lab.tick(2))).toEqual({ readyQueues: [], nextMs: startMs + 60 });
      expect(await lab.read(pending)).toMatchObject({
        task: { state: "failed", finishMs: lab.now, error: serverErrors.expired, attempt: 0 },
        attempts: [],
      });
      expect(await advanceAll(lab.store, lab.tick(20))).toEqual({ readyQueues: [], nextMs: null });
      expect(await lab.task(scheduled)).toMatchObject({ state: "failed", error: serverErrors.expired });
    });

    test("offers nobody a task that is due and too late at once", async (lab) => {
      const id = await lab.enqueue({ delayMs: 10, timeToLiveMs: 20 });
      expect(await advanceAll(lab.store, lab.tick(1_000))).toEqual({ readyQueues: [], nextMs: null });
      expect((await lab.task(id)).state).toBe("failed");
    });

    test("lets what runs or has finished be, whatever its expire_time", async (lab) => {
      const running = await lab.taskIn("running", { timeToLiveMs: 10 });
      const completed = await lab.taskIn("completed", { timeToLiveMs: 10 });
      const before = await lab.store.get([running, completed]);
      expect(await advanceOnce(lab.store, lab.tick(dayMs))).toEqual({ readyQueues: [], nextMs: null });
      expect(await lab.store.get([running, completed])).toEqual(before);
    });

    test("does a great deal in steps that say when there is more", async (lab) => {
      for (let batch = 0; batch < 3; batch++) {
        await lab.enqueueAll(Array.from({ length: 1_000 }, () => ({ delayMs: 10 })));
        await lab.enqueueAll(Array.from({ length: 500 }, () => ({ queue: "returns", timeToLiveMs: 10 })));
      }
      const last = await lab.enqueue({ delayMs: 1_000 });
      lab.tick(20);
      expect(await advanceAll(lab.store, lab.now)).toEqual({ readyQueues: ["orders"], nextMs: startMs + 1_000 });
      expect((await lab.store.getQueue("orders"))?.counts).toMatchObject({ pending: 3_000, scheduled: 1 });
      expect((await lab.store.getQueue("returns"))?.counts).toMatchObject({ pending: 0, failed: 1_500 });
      expect((await lab.task(last)).state).toBe("scheduled");
    });

    test("finds what was due while the store was closed", async (lab) => {
      const id = await lab.enqueue({ delayMs: 10 });
      await lab.reopen();
      expect((await advanceAll(lab.store, lab.tick(dayMs))).readyQueues).toEqual(["orders"]);
      expect((await lab.claimOne()).id).toBe(id);
    });
  });

  describe("sweep", () => {
    const retention = { completedMs: 1_000, failedMs: 3_000, cancelledMs: 2_000 };

    test("deletes finished tasks when their state's retention is over", async (lab) => {
      await lab.store.updateQueue("orders", { retention }, true, lab.now);
      const ids = {
        completed: await lab.taskIn("completed"),
        failed: await lab.taskIn("failed"),
        cancelled: await lab.taskIn("cancelled"),
      };
      const left = async () => (await listIds(lab.store)).toSorted();
      expect((await sweepRound(lab.store, lab.tick(999))).deleted).toBe(0);
      expect((await sweepRound(lab.store, lab.tick(2))).deleted).toBe(1);
      expect(await left()).toEqual([ids.failed, ids.cancelled].toSorted());
      expect((await sweepRound(lab.store, lab.tick(1_000))).deleted).toBe(1);
      expect(await left()).toEqual([ids.failed]);
      expect((await sweepRound(lab.store, lab.tick(1_000))).deleted).toBe(1);
      expect(await left()).toEqual([]);
    });

    test("counts from the end of a task, not from its creation", async (lab) => {
      await lab.store.updateQueue("orders", { retention }, true, lab.now);
      await lab.enqueue();
      lab.tick(dayMs);
      await lab.settle(await lab.claimOne(), failed({ terminal: true }));
      expect((await sweepRound(lab.store, lab.tick(2_999))).deleted).toBe(0);
      expect((await sweepRound(lab.store, lab.tick(2))).deleted).toBe(1);
    });

    test("keeps to each queue's retention as it is now", async (lab) => {
      await lab.taskIn("completed");
      const kept = await lab.taskIn("completed", { queue: "returns" });
      expect((await sweepRound(lab.store, lab.tick(5))).deleted).toBe(0);
      const shorter = { ...retention, completedMs: 0 };
      await lab.store.updateQueue("orders", { retention: shorter }, false, lab.now);
      expect((await sweepRound(lab.store, lab.now)).deleted).toBe(1);
      expect(await listIds(lab.store)).toEqual([kept]);
    });

    test("keeps finished tasks by default for a day, failed ones for thirty", async (lab) => {
      for (const state of ["completed", "failed", "cancelled"] as const) await lab.taskIn(state);
      expect((await sweepRound(lab.store, lab.tick(dayMs - 1))).deleted).toBe(0);
      expect((await sweepRound(lab.store, lab.tick(2))).deleted).toBe(2);
      expect((await sweepRound(lab.store, lab.tick(29 * dayMs - 2))).deleted).toBe(0);
      expect((await sweepRound(lab.store, lab.tick(2))).deleted).toBe(1);
    });

    test("never deletes what is not finished", async (lab) => {
      const nothing = { completedMs: 0, failedMs: 0, cancelledMs: 0 };
      await lab.store.updateQueue("orders", { retention: nothing }, true, lab.now);
      for (const state of reachableStates.toReversed()) await lab.taskIn(state);
      lab.tick(3_650 * dayMs);
      expect((await sweepRound(lab.store, lab.now)).deleted).toBe(3);
      expect((await lab.store.getQueue("orders"))?.counts).toMatchObject({ scheduled: 1, pending: 1, running: 1 });
      expect((await sweepRound(lab.store, lab.now)).deleted).toBe(0);
    });

    test("goes on from where a step ended, and lets what is older be", async (lab) => {
      const first = await lab.taskIn("completed");
      const second = await lab.taskIn("completed");
      lab.tick(30 * dayMs);
      expect((await sweepRound(lab.store, lab.now, first)).deleted).toBe(1);
      expect(await listIds(lab.store)).toEqual([first]);
      expect(await lab.store.get([second])).toEqual([null]);
    });

    test("deletes many in one round, past many that stay", async (lab) => {
      const kept = createdIds(await lab.enqueueAll(Array.from({ length: 1_000 }, () => ({ delayMs: dayMs }))));
      for (let batch = 0; batch < 3; batch++) {
        await lab.enqueueAll(Array.from({ length: 1_000 }, () => ({ timeToLiveMs: 1 })));
      }
      kept.push(...createdIds(await lab.enqueueAll(Array.from({ length: 1_000 }, () => ({})))));
      await advanceAll(lab.store, lab.tick(5));
      expect((await sweepRound(lab.store, lab.tick(40 * dayMs))).deleted).toBe(3_000);
      expect((await listIds(lab.store)).toReversed()).toEqual(kept);
    });

    test("walks through nothing where nothing has finished, however long it has waited", async (lab) => {
      await lab.enqueueAll(Array.from({ length: 1_000 }, () => ({ delayMs: 2 * dayMs })));
      expect(await lab.store.sweep(null, lab.tick(dayMs))).toEqual({ deleted: 0, nextAfterId: null });
      await lab.taskIn("completed");
      // Not before there is something that can be past its time.
      expect(await lab.store.sweep(null, lab.tick(dayMs - 1))).toMatchObject({
        deleted: 0,
        nextAfterId: expect.any(String),
      });
      expect((await sweepRound(lab.store, lab.tick(2))).deleted).toBe(1);
    });

    test("forgets request ids and keys with the tasks", async (lab) => {
      await lab.taskIn("completed", { requestId: "r", deduplicationKey: "k" });
      await sweepRound(lab.store, lab.tick(2 * dayMs));
      await lab.enqueue({ requestId: "r", type: "other", deduplicationKey: "k" });
    });
  });
}
