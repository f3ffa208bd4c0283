import { describe, expect } from "vitest";
import { failed } from "../../outcomes.ts";
import { advanceAll } from "../../read-all.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";

/** Fails a task until it is given up, starting at its next attempt; answers the attempts that it had. */
async function useUp(harness: StoreHarness, id: string): Promise<number[]> {
  const attempts: number[] = [];
  while ((await harness.task(id)).state !== "failed") {
    const task = await harness.claimOne();
    attempts.push(task.attempt);
    await harness.settle(task, failed({ retryDelayMs: 0 }));
  }
  return attempts;
}

/** Putting tasks back. */
export function describeRetry(test: StoreTest): void {
  describe("retry", () => {
    for (const state of ["failed", "cancelled"] as const) {
      test(`puts a ${state} task back`, async (harness) => {
        const id = await harness.taskIn(state);
        const { attempt } = await harness.task(id);
        harness.tick(5);
        expect(await harness.store.retry([id], harness.now)).toMatchObject([
          { status: "retried", task: { id, state: "pending", finishMs: null, maxAttempts: attempt + 5 } },
        ]);
        expect(await harness.task(id)).toMatchObject({ state: "pending", attempt, finishMs: null });
        expect(await harness.claimOne()).toMatchObject({ id, attempt: attempt + 1, maxAttempts: attempt + 5 });
      });
    }

    test("brings a retry that waits forward, with the allowance that it has", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: 2 });
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 60_000 }));
      expect(await harness.store.retry([id], harness.now)).toMatchObject([
        { status: "retried", task: { state: "pending", maxAttempts: 2 } },
      ]);
      expect(await useUp(harness, id)).toEqual([2]);
    });

    test("brings a task forward that waits for its first attempt", async (harness) => {
      const id = await harness.taskIn("scheduled", { maxAttempts: 1 });
      expect(await harness.store.retry([id], harness.now)).toMatchObject([
        { status: "retried", task: { state: "pending" } },
      ]);
      expect(await useUp(harness, id)).toEqual([1]);
      expect(await advanceAll(harness.store, harness.now)).toEqual({ readyQueues: [], nextMs: null });
    });

    test("keeps the expiry of a task that it brings forward", async (harness) => {
      const id = await harness.taskIn("scheduled", { timeToLiveMs: 7_200_000 });
      const { expireMs } = await harness.task(id);
      await harness.store.retry([id], harness.now);
      expect((await harness.task(id)).expireMs).toBe(expireMs);
      await advanceAll(harness.store, harness.tick(7_200_001));
      expect(await harness.task(id)).toMatchObject({ state: "failed", error: { type: "EXPIRED" } });
    });

    for (const state of ["pending", "running", "completed"] as const) {
      test(`refuses a ${state} task`, async (harness) => {
        const id = await harness.taskIn(state);
        const before = await harness.read(id);
        expect(await harness.store.retry([id], harness.now)).toEqual([{ status: "not_retryable", state }]);
        expect(await harness.read(id)).toEqual(before);
      });
    }

    test("grants a fresh allowance each time, and the attempts go on counting", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: 2 });
      expect(await useUp(harness, id)).toEqual([1, 2]);
      await harness.store.retry([id], harness.now);
      expect(await harness.task(id)).toMatchObject({ attempt: 2, maxAttempts: 4 });
      expect(await useUp(harness, id)).toEqual([3, 4]);
      await harness.store.retry([id], harness.now);
      expect(await useUp(harness, id)).toEqual([5, 6]);
      expect((await harness.read(id)).attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6]);
    });

    test("adds the allowance to what was used, when not all was", async (harness) => {
      const id = await harness.taskIn("failed", { maxAttempts: 4 });
      await harness.store.retry([id], harness.now);
      expect(await harness.task(id)).toMatchObject({ attempt: 1, maxAttempts: 5 });
      expect(await useUp(harness, id)).toEqual([2, 3, 4, 5]);
    });

    test("begins the backoff anew", async (harness) => {
      const id = await harness.enqueue({ maxAttempts: 3, retryPolicy: { initialBackoffMs: 100, jitter: 0 } });
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 0 }));
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 0 }));
      await harness.settle(await harness.claimOne(), failed());
      await harness.store.retry([id], harness.now);
      expect(await harness.settle(await harness.claimOne(), failed())).toMatchObject({ scheduleMs: harness.now + 100 });
    });

    test("lets a task run that had expired", async (harness) => {
      const id = await harness.enqueue({ timeToLiveMs: 10 });
      await advanceAll(harness.store, harness.tick(11));
      expect((await harness.task(id)).state).toBe("failed");
      await harness.store.retry([id], harness.now);
      await advanceAll(harness.store, harness.tick(1_000));
      expect((await harness.claimOne()).id).toBe(id);
    });

    test("answers each of several, in order", async (harness) => {
      const [failedId, completedId] = [await harness.taskIn("failed"), await harness.taskIn("completed")];
      const ids = [completedId, "no id", failedId, failedId, "00000000000"];
      expect(await harness.store.retry(ids, harness.now)).toMatchObject([
        { status: "not_retryable", state: "completed" },
        { status: "not_found" },
        { status: "retried", task: { id: failedId } },
        { status: "not_retryable", state: "pending" },
        { status: "not_found" },
      ]);
    });

    for (const state of ["failed", "cancelled"] as const) {
      test(`does not put a ${state} task back beside an unfinished one with its key`, async (harness) => {
        const id = await harness.taskIn(state, { deduplicationKey: "key" });
        const before = await harness.read(id);
        const rival = await harness.taskIn("scheduled", { deduplicationKey: "key" });
        expect(await harness.store.retry([id], harness.now)).toEqual([{ status: "duplicate", id: rival }]);
        expect(await harness.read(id)).toEqual(before);
        await harness.store.delete([rival], harness.now);
        expect(await harness.store.retry([id], harness.now)).toMatchObject([{ status: "retried" }]);
      });
    }

    test("puts one of two back that have the same key, when asked for both", async (harness) => {
      const ids = [
        await harness.taskIn("failed", { deduplicationKey: "key" }),
        await harness.taskIn("failed", { deduplicationKey: "key" }),
      ];
      expect(await harness.store.retry(ids, harness.now)).toMatchObject([
        { status: "retried", task: { id: ids[0] } },
        { status: "duplicate", id: ids[0] },
      ]);
    });

    test("holds the deduplication key again", async (harness) => {
      const id = await harness.taskIn("failed", { deduplicationKey: "key" });
      await harness.store.retry([id], harness.now);
      expect(await harness.enqueueAll([{ deduplicationKey: "key", duplicatePolicy: "refuse" }])).toEqual([
        { status: "duplicate", id, state: "pending" },
      ]);
    });
  });
}
