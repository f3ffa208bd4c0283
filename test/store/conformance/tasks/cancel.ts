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
      test(`calls off a ${state} task`, async (lab) => {
        const id = await lab.taskIn(state);
        const before = await lab.task(id);
        lab.tick(5);
        const [answer] = await lab.store.cancel([id], why, lab.now);
        expect(answer).toMatchObject({ status: "cancelled", lease: null, task: { id, state: "cancelled" } });
        expect(await lab.task(id)).toEqual({ ...before, state: "cancelled", finishMs: lab.now, error: why });
        await advanceAll(lab.store, lab.tick(86_400_000));
        expect((await lab.claim(1)).tasks).toEqual([]);
      });
    }

    test("calls off a running task, and tells whose it was", async (lab) => {
      const id = await lab.taskIn("running");
      const before = await lab.task(id);
      lab.tick(5);
      const [answer] = await lab.store.cancel([id], why, lab.now);
      expect(answer).toMatchObject({
        status: "cancelled",
        lease: { workerId: before.workerId, attempt: 1 },
        task: { id, state: "cancelled", error: why },
      });
      expect(await lab.task(id)).toMatchObject({ state: "cancelled", attempt: 1, finishMs: lab.now, error: why });
      expect(await lab.store.leases()).toEqual([]);
    });

    for (const state of ["scheduled", "pending", "running", "cancelled"] as const) {
      test(`changes nothing the second time of a task that was ${state}`, async (lab) => {
        const id = await lab.taskIn(state);
        await lab.store.cancel([id], why, lab.now);
        const before = await lab.read(id);
        lab.tick(5);
        expect(await lab.store.cancel([id], taskError("again"), lab.now)).toMatchObject([
          { status: "cancelled", lease: null, task: { id, state: "cancelled", finishMs: before.task.finishMs } },
        ]);
        expect(await lab.read(id)).toEqual(before);
      });
    }

    for (const state of ["completed", "failed"] as const) {
      test(`refuses a ${state} task`, async (lab) => {
        const id = await lab.taskIn(state);
        const before = await lab.read(id);
        expect(await lab.store.cancel([id], why, lab.now)).toEqual([{ status: "finished", state }]);
        expect(await lab.read(id)).toEqual(before);
      });
    }

    test("answers each of several, in order", async (lab) => {
      const running = await lab.taskIn("running");
      const completed = await lab.taskIn("completed");
      const pending = await lab.taskIn("pending");
      const ids = [pending, "00000000000", running, completed, running, "no id"];
      expect(await lab.store.cancel(ids, why, lab.now)).toMatchObject([
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
