import { describe, expect } from "vitest";
import { newStep, newWorkflow } from "../../../harness/calls/builders.ts";
import { bytes, completed, failed, text } from "../../outcomes.ts";
import type { Lab, StoreTest } from "../../store-harness.ts";
import { read, start } from "../../workflow-calls.ts";

async function states(lab: Lab, id: string): Promise<Record<string, string>> {
  const { steps } = await read(lab, id);
  return Object.fromEntries(steps.map(({ stepId, task }) => [stepId, task.state]));
}

/** Claims what is ready and answers it by type, in order. */
async function claimAll(lab: Lab) {
  const { tasks } = await lab.claim(10);
  return new Map(tasks.map((task) => [task.type, task]));
}

async function finish(lab: Lab, type: string, outcome = completed(type)): Promise<void> {
  const task = (await claimAll(lab)).get(type);
  if (task === undefined) throw new Error(`${type} is not ready`);
  expect(await lab.settle(task, outcome)).toMatchObject({ status: "settled" });
}

const diamond = newWorkflow([
  newStep("a", { compensateWith: "undo-a" }),
  newStep("b", { dependsOn: [0], compensateWith: "undo-b" }),
  newStep("c", { dependsOn: [0], compensateWith: "undo-c" }),
  newStep("d", { dependsOn: [1, 2] }),
]);

/** What follows from the moves of steps. */
export function describeWorkflowFlow(test: StoreTest): void {
  describe("the flow of a workflow", () => {
    test("releases the steps whose dependencies are complete, with their results, and ends with the last", async (lab) => {
      const id = await start(lab, diamond);
      expect(await states(lab, id)).toEqual({ a: "pending", b: "blocked", c: "blocked", d: "blocked" });
      expect(await read(lab, id)).toMatchObject({ state: "pending", startMs: null });
      const ready: string[] = [];
      lab.store.onReady((queue, n) => ready.push(`${queue} ${n}`));
      await finish(lab, "a");
      expect(ready).toEqual(["orders 2"]);
      expect(await read(lab, id)).toMatchObject({ state: "running", startMs: lab.now });

      const both = await claimAll(lab);
      expect([...both.keys()]).toEqual(["b", "c"]);
      const b = both.get("b");
      const c = both.get("c");
      if (b === undefined || c === undefined) throw new Error("b or c is not ready");
      expect(Object.entries(b.step?.results ?? {}).map(([step, result]) => [step, text(result)])).toEqual([["a", "a"]]);
      expect(b.origin).toEqual({ kind: "step", workflowId: id, stepId: "b", isCompensation: false });
      await lab.settle(b, completed("b"));
      expect(await states(lab, id)).toMatchObject({ c: "running", d: "blocked" });
      await lab.settle(c, completed("c"));
      lab.tick(7);
      await finish(lab, "d");
      expect(await read(lab, id)).toMatchObject({ state: "completed", finishMs: lab.now, compensation: "none" });
    });

    test("a step that fails for good cancels what has not begun and undoes what was completed, newest first", async (lab) => {
      const id = await start(lab, diamond);
      await finish(lab, "a");
      const both = await claimAll(lab);
      const [b, c] = [both.get("b"), both.get("c")];
      if (b === undefined || c === undefined) throw new Error("b or c is not ready");
      await lab.settle(b, failed());
      expect(await read(lab, id)).toMatchObject({
        state: "failed",
        compensation: "running",
        failure: { stepId: "b" },
        finishMs: null,
      });
      expect(await states(lab, id)).toEqual({ a: "completed", b: "failed", c: "running", d: "cancelled" });
      expect((await claimAll(lab)).size).toBe(0);

      // It runs on to its end, and is undone then.
      lab.tick(1);
      await lab.settle(c, completed("of c"));
      const undoC = (await claimAll(lab)).get("undo-c");
      if (undoC === undefined) throw new Error("c is not undone");
      expect(undoC.origin).toMatchObject({ stepId: "c", isCompensation: true });
      expect(text(undoC.step?.results.c ?? null)).toBe("of c");
      expect((await claimAll(lab)).size).toBe(0);
      await lab.settle(undoC, completed());
      await finish(lab, "undo-a");
      expect(await read(lab, id)).toMatchObject({ state: "failed", compensation: "completed", finishMs: lab.now });
      expect(await lab.store.retryWorkflow(id, lab.now)).toMatchObject({ status: "not_retryable" });
    });

    test("a step that is to be tried again in a workflow that has ended is not", async (lab) => {
      const id = await start(lab, newWorkflow([newStep("a"), newStep("b", { maxAttempts: 3 })]));
      const both = await claimAll(lab);
      const [a, b] = [both.get("a"), both.get("b")];
      if (a === undefined || b === undefined) throw new Error("a or b is not ready");
      await lab.settle(a, failed());
      await lab.settle(b, failed());
      expect(await states(lab, id)).toEqual({ a: "failed", b: "cancelled" });
      expect(await read(lab, id)).toMatchObject({ state: "failed", finishMs: lab.now, compensation: "none" });
    });

    test("goes on from the step that failed, and with the compensation that failed", async (lab) => {
      const chain = newWorkflow([newStep("a", { compensateWith: "undo-a" }), newStep("b", { dependsOn: [0] })]);
      const id = await start(lab, chain);
      await finish(lab, "a");
      await finish(lab, "b", failed());
      expect(await lab.store.retryWorkflow(id, lab.now)).toMatchObject({ status: "not_retryable" });
      await finish(lab, "undo-a", failed());
      expect(await read(lab, id)).toMatchObject({ state: "failed", compensation: "failed", finishMs: lab.now });
      expect(await lab.store.retryWorkflow(id, lab.now)).toMatchObject({ status: "retried" });
      await finish(lab, "undo-a");
      expect(await read(lab, id)).toMatchObject({ compensation: "completed" });

      const other = await start(lab, newWorkflow([newStep("a"), newStep("b", { dependsOn: [0] })]));
      await finish(lab, "a");
      await finish(lab, "b", failed());
      await lab.store.retryWorkflow(other, lab.now);
      expect(await states(lab, other)).toEqual({ a: "completed", b: "pending" });
      await finish(lab, "b");
      expect(await read(lab, other)).toMatchObject({ state: "completed", failure: null });
    });

    test("a cancelled workflow stops what runs, and is undone if asked to", async (lab) => {
      const id = await start(lab, diamond);
      await finish(lab, "a");
      const b = (await claimAll(lab)).get("b");
      const error = { type: "CANCELLED", message: "no more", stackTrace: "" };
      const answer = await lab.store.cancelWorkflow(id, error, true, lab.now);
      expect(answer).toMatchObject({ status: "cancelled", workflow: { state: "cancelled", compensation: "running" } });
      expect(answer.status === "cancelled" && answer.leases.map((lease) => lease.id)).toContain(b?.id);
      await finish(lab, "undo-a");
      expect(await read(lab, id)).toMatchObject({ state: "cancelled", compensation: "completed", finishMs: lab.now });
    });

    test("its tasks are the workflow's to retry and to delete", async (lab) => {
      const id = await start(lab, newWorkflow([newStep("a")], { input: bytes("input") }));
      await finish(lab, "a", failed());
      const { steps } = await read(lab, id);
      const taskId = steps[0]?.task.id ?? "";
      expect(await lab.store.retry([taskId], lab.now)).toEqual([{ status: "in_workflow", workflowId: id }]);
      expect(await lab.store.delete([taskId], lab.now)).toEqual(["in_workflow"]);
      lab.tick(1);
      expect(await lab.store.sweepWorkflows(null, lab.now, lab.now)).toMatchObject({ deleted: 1 });
      expect(await lab.store.getWorkflow(id)).toBeNull();
      expect(await lab.store.get([taskId])).toEqual([null]);
    });
  });
}
