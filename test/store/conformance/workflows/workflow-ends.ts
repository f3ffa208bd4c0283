import { describe, expect } from "vitest";
import { newStep, newWorkflow, taskError } from "../../../harness/calls/builders.ts";
import { completed, failed } from "../../outcomes.ts";
import type { StoreTest } from "../../store-harness.ts";
import { chain, read, start, states, stepTask } from "../../workflow-calls.ts";

/** Calling workflows off, and going on with them. */
export function describeWorkflowEnds(test: StoreTest): void {
  describe("cancelWorkflow", () => {
    test("refuses what has ended otherwise, and repeats harmlessly", async (lab) => {
      const error = taskError("called off");
      expect(await lab.store.cancelWorkflow("nobody", error, false, lab.now)).toEqual({ status: "not_found" });
      const done = await start(lab, newWorkflow([newStep("a")]));
      await lab.settle(await lab.claimOne(), completed());
      expect(await lab.store.cancelWorkflow(done, error, true, lab.now)).toEqual({
        status: "finished",
        state: "completed",
      });
      const lost = await start(lab, newWorkflow([newStep("a")]));
      await lab.settle(await lab.claimOne(), failed());
      expect(await lab.store.cancelWorkflow(lost, error, true, lab.now)).toEqual({
        status: "finished",
        state: "failed",
      });

      const id = await start(lab, newWorkflow(chain));
      expect(await lab.store.cancelWorkflow(id, error, false, lab.now)).toMatchObject({
        status: "cancelled",
        leases: [],
      });
      const before = await read(lab, id);
      expect(before).toMatchObject({
        state: "cancelled",
        startMs: null,
        finishMs: lab.now,
        failure: { stepId: null, error },
      });
      lab.tick(1);
      expect(await lab.store.cancelWorkflow(id, taskError("again"), true, lab.now)).toMatchObject({
        status: "cancelled",
      });
      expect(await read(lab, id)).toEqual(before);
    });

    test("ends the leases of what runs, and a late outcome is stale", async (lab) => {
      const id = await start(lab, newWorkflow([newStep("a"), newStep("b")]));
      const { tasks } = await lab.claim(2);
      const answer = await lab.store.cancelWorkflow(id, taskError(), false, lab.now);
      const leases = tasks.map((task) => ({ id: task.id, attempt: 1, workerId: task.workerId }));
      expect(answer).toMatchObject({ status: "cancelled", leases });
      for (const task of tasks) expect(await lab.settle(task, completed())).toMatchObject({ status: "stale" });
      expect((await lab.read(tasks[0]?.id ?? "")).attempts).toMatchObject([{ outcome: "cancelled" }]);
    });
  });

  describe("retryWorkflow", () => {
    test("goes on with a cancelled workflow, and never runs a completed step again", async (lab) => {
      const id = await start(lab, newWorkflow([newStep("a"), newStep("b", { dependsOn: [0], maxAttempts: 2 })]));
      await lab.settle(await lab.claimOne(), completed("of a"));
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 0 }));
      await lab.store.cancelWorkflow(id, taskError(), false, lab.now);
      const a = await stepTask(lab, id, "a");
      lab.tick(10);
      expect(await lab.store.retryWorkflow(id, lab.now)).toMatchObject({
        status: "retried",
        workflow: { state: "running", failure: null, finishMs: null },
      });
      expect(await stepTask(lab, id, "a")).toEqual(a);
      expect(await stepTask(lab, id, "b")).toMatchObject({ state: "pending", attempt: 1, maxAttempts: 3 });
      await lab.settle(await lab.claimOne(), completed());
      expect(await read(lab, id)).toMatchObject({ state: "completed", finishMs: lab.now });
    });

    test("begins anew with one that never began", async (lab) => {
      const id = await start(lab, newWorkflow(chain));
      await lab.store.cancelWorkflow(id, taskError(), false, lab.now);
      await lab.store.retryWorkflow(id, lab.now);
      expect(await read(lab, id)).toMatchObject({ state: "pending", startMs: null, finishMs: null });
      expect(await states(lab, id)).toBe("a pending, b blocked");
    });

    test("refuses what is not at rest, is completed, or is not there", async (lab) => {
      const id = await start(lab, newWorkflow([newStep("a"), newStep("b")]));
      const status = async () => (await lab.store.retryWorkflow(id, lab.now)).status;
      expect(await status()).toBe("not_retryable");
      const { tasks } = await lab.claim(2);
      for (const task of tasks.slice(0, 1)) await lab.settle(task, failed());
      expect(await read(lab, id)).toMatchObject({ state: "failed", finishMs: null });
      expect(await status()).toBe("not_retryable");
      for (const task of tasks.slice(1)) await lab.settle(task, completed());
      expect(await status()).toBe("retried");
      await lab.settle(await lab.claimOne(), completed());
      expect(await read(lab, id)).toMatchObject({ state: "completed" });
      expect(await status()).toBe("not_retryable");
      expect(await lab.store.retryWorkflow("nobody", lab.now)).toEqual({ status: "not_found" });
    });
  });
}
