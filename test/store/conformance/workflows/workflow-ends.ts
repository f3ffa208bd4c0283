import { describe, expect } from "vitest";
import { newStep, newWorkflow, taskError } from "../../../harness/calls/builders.ts";
import { completed, failed, leaseOf } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";
import { chain, read, start, states, stepTask } from "../../workflow-calls.ts";

/** Calling workflows off, and going on with them. */
export function describeWorkflowEnds(test: StoreTest): void {
  describe("cancelWorkflow", () => {
    test("refuses what has ended otherwise, and repeats harmlessly", async (harness) => {
      const error = taskError("called off");
      expect(await harness.store.cancelWorkflow("nobody", error, false, harness.now)).toEqual({ status: "not_found" });
      const done = await start(harness, newWorkflow([newStep("a")]));
      await harness.settle(await harness.claimOne(), completed());
      expect(await harness.store.cancelWorkflow(done, error, true, harness.now)).toEqual({
        status: "finished",
        state: "completed",
      });
      const lost = await start(harness, newWorkflow([newStep("a")]));
      await harness.settle(await harness.claimOne(), failed());
      expect(await harness.store.cancelWorkflow(lost, error, true, harness.now)).toEqual({
        status: "finished",
        state: "failed",
      });

      const id = await start(harness, newWorkflow(chain));
      expect(await harness.store.cancelWorkflow(id, error, false, harness.now)).toMatchObject({
        status: "cancelled",
        leases: [],
      });
      const before = await read(harness, id);
      expect(before).toMatchObject({
        state: "cancelled",
        startMs: null,
        finishMs: harness.now,
        failure: { stepId: null, error },
      });
      harness.tick(1);
      expect(await harness.store.cancelWorkflow(id, taskError("again"), true, harness.now)).toMatchObject({
        status: "cancelled",
      });
      expect(await read(harness, id)).toEqual(before);
    });

    test("ends the leases of what runs, and a late outcome is stale", async (harness) => {
      const id = await start(harness, newWorkflow([newStep("a"), newStep("b")]));
      const { tasks } = await harness.claim(2);
      const answer = await harness.store.cancelWorkflow(id, taskError(), false, harness.now);
      const leases = tasks.map((task) => leaseOf(task));
      expect(answer).toMatchObject({ status: "cancelled", leases });
      for (const task of tasks) expect(await harness.settle(task, completed())).toMatchObject({ status: "stale" });
      expect((await harness.read(tasks[0]?.id ?? "")).attempts).toMatchObject([{ outcome: "cancelled" }]);
    });
  });

  describe("retryWorkflow", () => {
    test("goes on with a cancelled workflow, and never runs a completed step again", async (harness) => {
      const id = await start(harness, newWorkflow([newStep("a"), newStep("b", { dependsOn: [0], maxAttempts: 2 })]));
      await harness.settle(await harness.claimOne(), completed("of a"));
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 0 }));
      await harness.store.cancelWorkflow(id, taskError(), false, harness.now);
      const a = await stepTask(harness, id, "a");
      harness.tick(10);
      expect(await harness.store.retryWorkflow(id, harness.now)).toMatchObject({
        status: "retried",
        workflow: { state: "running", failure: null, finishMs: null },
      });
      expect(await stepTask(harness, id, "a")).toEqual(a);
      expect(await stepTask(harness, id, "b")).toMatchObject({ state: "pending", attempt: 1, maxAttempts: 3 });
      await harness.settle(await harness.claimOne(), completed());
      expect(await read(harness, id)).toMatchObject({ state: "completed", finishMs: harness.now });
    });

    test("begins anew with one that never began", async (harness) => {
      const id = await start(harness, newWorkflow(chain));
      await harness.store.cancelWorkflow(id, taskError(), false, harness.now);
      await harness.store.retryWorkflow(id, harness.now);
      expect(await read(harness, id)).toMatchObject({ state: "pending", startMs: null, finishMs: null });
      expect(await states(harness, id)).toBe("a pending, b blocked");
    });

    test("refuses what is not at rest, is completed, or is not there", async (harness) => {
      const id = await start(harness, newWorkflow([newStep("a"), newStep("b")]));
      const status = async () => (await harness.store.retryWorkflow(id, harness.now)).status;
      expect(await status()).toBe("not_retryable");
      const { tasks } = await harness.claim(2);
      for (const task of tasks.slice(0, 1)) await harness.settle(task, failed());
      expect(await read(harness, id)).toMatchObject({ state: "failed", finishMs: null });
      expect(await status()).toBe("not_retryable");
      for (const task of tasks.slice(1)) await harness.settle(task, completed());
      expect(await status()).toBe("retried");
      await harness.settle(await harness.claimOne(), completed());
      expect(await read(harness, id)).toMatchObject({ state: "completed" });
      expect(await status()).toBe("not_retryable");
      expect(await harness.store.retryWorkflow("nobody", harness.now)).toEqual({ status: "not_found" });
    });
  });
}
