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
      test(`return_existing answers the one that is ${state}, whatever the second one says`, async (lab) => {
        const id = await lab.taskIn(state, { deduplicationKey });
        const before = await lab.read(id);
        const second = { deduplicationKey, type: "other", payload: bytes("other"), priority: 9 };
        expect(await lab.enqueueAll([second])).toMatchObject([{ status: "existing", task: { id, state } }]);
        expect(await lab.read(id)).toEqual(before);
        expect(await listIds(lab.store)).toEqual([id]);
      });

      test(`refuse names the one that is ${state}`, async (lab) => {
        const id = await lab.taskIn(state, { deduplicationKey });
        expect(await lab.enqueueAll([{ deduplicationKey, duplicatePolicy: "refuse" }])).toEqual([
          { status: "duplicate", id, state },
        ]);
        expect(await listIds(lab.store)).toEqual([id]);
      });
    }

    for (const state of ["scheduled", "pending"] as const) {
      test(`replace cancels the one that is ${state} and stores the new one`, async (lab) => {
        const old = await lab.taskIn(state, { deduplicationKey });
        lab.tick(5);
        const id = await lab.enqueue({ deduplicationKey, duplicatePolicy: "replace", type: "newer" });
        expect(await lab.task(old)).toMatchObject({
          state: "cancelled",
          finishMs: lab.now,
          error: { type: "REPLACED" },
        });
        expect(await lab.task(id)).toMatchObject({ state: "pending", type: "newer", deduplicationKey });
      });
    }

    test("replace does not touch the one that runs, and is refused", async (lab) => {
      const id = await lab.taskIn("running", { deduplicationKey });
      const before = await lab.read(id);
      expect(await lab.enqueueAll([{ deduplicationKey, duplicatePolicy: "replace" }])).toEqual([
        { status: "duplicate", id, state: "running" },
      ]);
      expect(await lab.read(id)).toEqual(before);
    });

    test("holds within the same call", async (lab) => {
      const answers = await lab.enqueueAll([
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
      expect((await lab.task(first)).state).toBe("cancelled");
    });

    for (const state of ["completed", "failed", "cancelled"] as const) {
      test(`is free again once the task is ${state}, whatever is to be done with duplicates`, async (lab) => {
        for (const duplicatePolicy of ["return_existing", "replace", "refuse"] as const) {
          const key = { queue: duplicatePolicy, deduplicationKey };
          const first = await lab.taskIn(state, key);
          const before = await lab.read(first);
          const second = await lab.enqueue({ ...key, duplicatePolicy });
          expect(await lab.read(first)).toEqual(before);
          expect(await listIds(lab.store, { queue: duplicatePolicy })).toEqual([second, first]);
        }
      });
    }

    test("is free again once the task is deleted", async (lab) => {
      const first = await lab.enqueue({ deduplicationKey });
      await lab.store.delete([first], lab.now);
      await lab.enqueue({ deduplicationKey, duplicatePolicy: "refuse" });
    });

    test("is its queue's own", async (lab) => {
      await lab.enqueue({ deduplicationKey });
      await lab.enqueue({ deduplicationKey, queue: "returns", duplicatePolicy: "refuse" });
    });

    test("holds after it was opened anew", async (lab) => {
      const id = await lab.enqueue({ deduplicationKey });
      await lab.reopen();
      expect(await lab.enqueueAll([{ deduplicationKey }])).toMatchObject([{ status: "existing", task: { id } }]);
    });
  });
}
