import { describe, expect } from "vitest";
import { failed } from "../../outcomes.ts";
import { advanceAll } from "../../read-all.ts";
import type { Lab, StoreTest } from "../../store-harness.ts";

/** Fails a task until it is given up, starting at its next attempt; answers the attempts that it had. */
async function useUp(lab: Lab, id: string): Promise<number[]> {
  const attempts: number[] = [];
  while ((await lab.task(id)).state !== "failed") {
    const task = await lab.claimOne();
    attempts.push(task.attempt);
    await lab.settle(task, failed({ retryDelayMs: 0 }));
  }
  return attempts;
}

/** Putting tasks back. */
export function describeRetry(test: StoreTest): void {
  describe("retry", () => {
    for (const state of ["failed", "cancelled"] as const) {
      test(`puts a ${state} task back`, async (lab) => {
        const id = await lab.taskIn(state);
        const { attempt } = await lab.task(id);
        lab.tick(5);
        expect(await lab.store.retry([id], lab.now)).toMatchObject([
          { status: "retried", task: { id, state: "pending", finishMs: null, maxAttempts: attempt + 5 } },
        ]);
        expect(await lab.task(id)).toMatchObject({ state: "pending", attempt, finishMs: null });
        expect(await lab.claimOne()).toMatchObject({ id, attempt: attempt + 1, maxAttempts: attempt + 5 });
      });
    }

    test("brings a retry that waits forward, with the allowance that it has", async (lab) => {
      const id = await lab.enqueue({ maxAttempts: 2 });
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 60_000 }));
      expect(await lab.store.retry([id], lab.now)).toMatchObject([
        { status: "retried", task: { state: "pending", maxAttempts: 2 } },
      ]);
      expect(await useUp(lab, id)).toEqual([2]);
    });

    test("brings a task forward that waits for its first attempt", async (lab) => {
      const id = await lab.taskIn("scheduled", { maxAttempts: 1 });
      expect(await lab.store.retry([id], lab.now)).toMatchObject([{ status: "retried", task: { state: "pending" } }]);
      expect(await useUp(lab, id)).toEqual([1]);
      expect(await advanceAll(lab.store, lab.now)).toEqual({ readyQueues: [], nextMs: null });
    });

    test("keeps the expiry of a task that it brings forward", async (lab) => {
      const id = await lab.taskIn("scheduled", { timeToLiveMs: 7_200_000 });
      const { expireMs } = await lab.task(id);
      await lab.store.retry([id], lab.now);
      expect((await lab.task(id)).expireMs).toBe(expireMs);
      await advanceAll(lab.store, lab.tick(7_200_001));
      expect(await lab.task(id)).toMatchObject({ state: "failed", error: { type: "EXPIRED" } });
    });

    for (const state of ["pending", "running", "completed"] as const) {
      test(`refuses a ${state} task`, async (lab) => {
        const id = await lab.taskIn(state);
        const before = await lab.read(id);
        expect(await lab.store.retry([id], lab.now)).toEqual([{ status: "not_retryable", state }]);
        expect(await lab.read(id)).toEqual(before);
      });
    }

    test("grants a fresh allowance each time, and the attempts go on counting", async (lab) => {
      const id = await lab.enqueue({ maxAttempts: 2 });
      expect(await useUp(lab, id)).toEqual([1, 2]);
      await lab.store.retry([id], lab.now);
      expect(await lab.task(id)).toMatchObject({ attempt: 2, maxAttempts: 4 });
      expect(await useUp(lab, id)).toEqual([3, 4]);
      await lab.store.retry([id], lab.now);
      expect(await useUp(lab, id)).toEqual([5, 6]);
      expect((await lab.read(id)).attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    test("adds the allowance to what was used, when not all was", async (lab) => {
      const id = await lab.taskIn("failed", { maxAttempts: 4 });
      await lab.store.retry([id], lab.now);
      expect(await lab.task(id)).toMatchObject({ attempt: 1, maxAttempts: 5 });
      expect(await useUp(lab, id)).toEqual([2, 3, 4, 5]);
    });

    test("begins the backoff anew", async (lab) => {
      const id = await lab.enqueue({ maxAttempts: 3, retryPolicy: { initialBackoffMs: 100, jitter: 0 } });
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 0 }));
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 0 }));
      await lab.settle(await lab.claimOne(), failed());
      await lab.store.retry([id], lab.now);
      expect(await lab.settle(await lab.claimOne(), failed())).toMatchObject({ scheduleMs: lab.now + 100 });
    });

    test("lets a task run that had expired", async (lab) => {
      const id = await lab.enqueue({ timeToLiveMs: 10 });
      await advanceAll(lab.store, lab.tick(11));
      expect((await lab.task(id)).state).toBe("failed");
      await lab.store.retry([id], lab.now);
      await advanceAll(lab.store, lab.tick(1_000));
      expect((await lab.claimOne()).id).toBe(id);
    });

    test("answers each of several, in order", async (lab) => {
      const [failedId, completedId] = [await lab.taskIn("failed"), await lab.taskIn("completed")];
      const ids = [completedId, "no id", failedId, failedId, "00000000000"];
      expect(await lab.store.retry(ids, lab.now)).toMatchObject([
        { status: "not_retryable", state: "completed" },
        { status: "not_found" },
        { status: "retried", task: { id: failedId } },
        { status: "not_retryable", state: "pending" },
        { status: "not_found" },
      ]);
    });

    for (const state of ["failed", "cancelled"] as const) {
      test(`does not put a ${state} task back beside an unfinished one with its key`, async (lab) => {
        const id = await lab.taskIn(state, { deduplicationKey: "key" });
        const before = await lab.read(id);
        const rival = await lab.taskIn("scheduled", { deduplicationKey: "key" });
        expect(await lab.store.retry([id], lab.now)).toEqual([{ status: "duplicate", id: rival }]);
        expect(await lab.read(id)).toEqual(before);
        await lab.store.delete([rival], lab.now);
        expect(await lab.store.retry([id], lab.now)).toMatchObject([{ status: "retried" }]);
      });
    }

    test("puts one of two back that have the same key, when asked for both", async (lab) => {
      const ids = [
        await lab.taskIn("failed", { deduplicationKey: "key" }),
        await lab.taskIn("failed", { deduplicationKey: "key" }),
      ];
      expect(await lab.store.retry(ids, lab.now)).toMatchObject([
        { status: "retried", task: { id: ids[0] } },
        { status: "duplicate", id: ids[0] },
      ]);
    });

    test("holds the deduplication key again", async (lab) => {
      const id = await lab.taskIn("failed", { deduplicationKey: "key" });
      await lab.store.retry([id], lab.now);
      expect(await lab.enqueueAll([{ deduplicationKey: "key", duplicatePolicy: "refuse" }])).toEqual([
        { status: "duplicate", id, state: "pending" },
      ]);
    });
  });
}
