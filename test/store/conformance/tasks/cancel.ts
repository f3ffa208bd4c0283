import { describe, expect } from "vitest";
import { taskError } from "../../../harness/calls/builders.ts";
import { advanceAll } from "../../read-all.ts";
import type { StoreTest } from "../../store-harness.ts";

const waiting = ["scheduled", "pending"] as const;
const why = taskError("not wanted any more");

/** Calling tasks off. */
export function describeCancel(test: StoreTest): void {
  describe("cancel", () => {
    for (const state of waiting) {
      test(`calls off a ${state} task`, async (harness) => {
        const id = await harness.taskIn(state);
        const before = await harness.task(id);
        harness.tick(5);
        const [answer] = await harness.store.cancel([id], why, harness.now);
        expect(answer).toMatchObject({ status: "cancelled", lease: null, task: { id, state: "cancelled" } });
        expect(await harness.task(id)).toEqual({ ...before, state: "cancelled", finishMs: harness.now, error: why });
        await advanceAll(harness.store, harness.tick(86_400_000));
        expect((await harness.claim(1)).tasks).toEqual([]);
      });
    }

    test("calls off a running task, and tells whose it was", async (harness) => {
      const id = await harness.taskIn("running");
      const before = await harness.task(id);
      harness.tick(5);
      const [answer] = await harness.store.cancel([id], why, harness.now);
      expect(answer).toMatchObject({
        status: "cancelled",
        lease: { workerId: before.workerId, attempt: 1 },
        task: { id, state: "cancelled", error: why },
      });
      expect(await harness.task(id)).toMatchObject({
        state: "cancelled",
        attempt: 1,
        finishMs: harness.now,
        error: why,
      });
      expect(await harness.store.leases()).toEqual([]);
    });

    for (const state of ["scheduled", "pending", "running", "cancelled"] as const) {
      test(`changes nothing the second time of a task that was ${state}`, async (harness) => {
        const id = await harness.taskIn(state);
        await harness.store.cancel([id], why, harness.now);
        const before = await harness.read(id);
        harness.tick(5);
        expect(await harness.store.cancel([id], taskError("again"), harness.now)).toMatchObject([
          { status: "cancelled", lease: null, task: { id, state: "cancelled", finishMs: before.task.finishMs } },
        ]);
        expect(await harness.read(id)).toEqual(before);
      });
    }

    for (const state of ["completed", "failed"] as const) {
      test(`refuses a ${state} task`, async (harness) => {
        const id = await harness.taskIn(state);
        const before = await harness.read(id);
        expect(await harness.store.cancel([id], why, harness.now)).toEqual([{ status: "finished", state }]);
        expect(await harness.read(id)).toEqual(before);
      });
    }

    test("answers each of several, in order", async (harness) => {
      const running = await harness.taskIn("running");
      const completed = await harness.taskIn("completed");
      const pending = await harness.taskIn("pending");
      const ids = [pending, "00000000000", running, completed, running, "no id"];
      expect(await harness.store.cancel(ids, why, harness.now)).toMatchObject([
        { status: "cancelled", task: { id: pending }, lease: null },
        { status: "not_found" },
        { status: "cancelled", task: { id: running }, lease: { attempt: 1 } },
        { status: "finished", state: "completed" },
        { status: "cancelled", task: { id: running }, lease: null },
        { status: "not_found" },
      ]);
    });
  });
}
