import { describe, expect } from "vitest";
import { createdIds } from "../../answers.ts";
import { bytes } from "../../outcomes.ts";
import { listIds } from "../../read-all.ts";
import type { StoreTest } from "../../store-harness.ts";

const deduplicationKey = "ship-17";
const unfinished = ["scheduled", "pending", "running"] as const;

/** At most one unfinished task per queue and key. */
export function describeDeduplication(test: StoreTest): void {
  describe("deduplication_key", () => {
    for (const state of unfinished) {
      test(`return_existing answers the one that is ${state}, whatever the second one says`, async (harness) => {
        const id = await harness.taskIn(state, { deduplicationKey });
        const before = await harness.read(id);
        const second = { deduplicationKey, type: "other", payload: bytes("other"), priority: 9 };
        expect(await harness.enqueueAll([second])).toMatchObject([{ status: "existing", task: { id, state } }]);
        expect(await harness.read(id)).toEqual(before);
        expect(await listIds(harness.store)).toEqual([id]);
      });

      test(`refuse names the one that is ${state}`, async (harness) => {
        const id = await harness.taskIn(state, { deduplicationKey });
        expect(await harness.enqueueAll([{ deduplicationKey, duplicatePolicy: "refuse" }])).toEqual([
          { status: "duplicate", id, state },
        ]);
        expect(await listIds(harness.store)).toEqual([id]);
      });
    }

    for (const state of ["scheduled", "pending"] as const) {
      test(`replace cancels the one that is ${state} and stores the new one`, async (harness) => {
        const old = await harness.taskIn(state, { deduplicationKey });
        harness.tick(5);
        const id = await harness.enqueue({ deduplicationKey, duplicatePolicy: "replace", type: "newer" });
        expect(await harness.task(old)).toMatchObject({
          state: "cancelled",
          finishMs: harness.now,
          error: { type: "REPLACED" },
        });
        expect(await harness.task(id)).toMatchObject({ state: "pending", type: "newer", deduplicationKey });
      });
    }

    test("replace does not touch the one that runs, and is refused", async (harness) => {
      const id = await harness.taskIn("running", { deduplicationKey });
      const before = await harness.read(id);
      expect(await harness.enqueueAll([{ deduplicationKey, duplicatePolicy: "replace" }])).toEqual([
        { status: "duplicate", id, state: "running" },
      ]);
      expect(await harness.read(id)).toEqual(before);
    });

    test("holds within the same call", async (harness) => {
      const answers = await harness.enqueueAll([
        { deduplicationKey },
        { deduplicationKey },
        { deduplicationKey, duplicatePolicy: "refuse" },
        { deduplicationKey, duplicatePolicy: "replace" },
        { deduplicationKey },
      ]);
      const [first = "", fourth = ""] = createdIds([answers[0], answers[3]]);
      expect(answers).toMatchObject([
        { status: "created" },
        { status: "existing", task: { id: first } },
        { status: "duplicate", id: first, state: "pending" },
        { status: "created" },
        { status: "existing", task: { id: fourth } },
      ]);
      expect((await harness.task(first)).state).toBe("cancelled");
    });

    for (const state of ["completed", "failed", "cancelled"] as const) {
      test(`is free again once the task is ${state}, whatever is to be done with duplicates`, async (harness) => {
        for (const duplicatePolicy of ["return_existing", "replace", "refuse"] as const) {
          const key = { queue: duplicatePolicy, deduplicationKey };
          const first = await harness.taskIn(state, key);
          const before = await harness.read(first);
          const second = await harness.enqueue({ ...key, duplicatePolicy });
          expect(await harness.read(first)).toEqual(before);
          expect(await listIds(harness.store, { queue: duplicatePolicy })).toEqual([second, first]);
        }
      });
    }

    test("is free again once the task is deleted", async (harness) => {
      const first = await harness.enqueue({ deduplicationKey });
      await harness.store.delete([first], harness.now);
      await harness.enqueue({ deduplicationKey, duplicatePolicy: "refuse" });
    });

    test("is its queue's own", async (harness) => {
      await harness.enqueue({ deduplicationKey });
      await harness.enqueue({ deduplicationKey, queue: "returns", duplicatePolicy: "refuse" });
    });

    test("holds after it was opened anew", async (harness) => {
      const id = await harness.enqueue({ deduplicationKey });
      await harness.reopen();
      expect(await harness.enqueueAll([{ deduplicationKey }])).toMatchObject([{ status: "existing", task: { id } }]);
    });
  });
}
