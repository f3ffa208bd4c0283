import { describe, expect } from "vitest";
import { newStep, newWorkflow } from "../../../harness/calls/builders.ts";
import { bytes, completed, failed, text } from "../../outcomes.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";
import { read, start } from "../../workflow-calls.ts";

async function states(harness: StoreHarness, id: string): Promise<Record<string, string>> {
  const { steps } = await read(harness, id);
  return Object.fromEntries(steps.map(({ stepId, task }) => [stepId, task.state]));
}

/** Claims what is ready and answers it by type, in order. */
async function claimAll(harness: StoreHarness) {
  const { tasks } = await harness.claim(10);
  return new Map(tasks.map((task) => [task.type, task]));
}

async function finish(harness: StoreHarness, type: string, outcome = completed(type)): Promise<void> {
  const task = (await claimAll(harness)).get(type);
  if (task === undefined) throw new Error(`${type} is not ready`);
  expect(await harness.settle(task, outcome)).toMatchObject({ status: "settled" });
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
    test("releases the steps whose dependencies are complete, with their results, and ends with the last", async (harness) => {
      const id = await start(harness, diamond);
      expect(await states(harness, id)).toEqual({ a: "pending", b: "blocked", c: "blocked", d: "blocked" });
      expect(await read(harness, id)).toMatchObject({ state: "pending", startMs: null });
      const ready: string[] = [];
      harness.store.onReady((queue, n) => ready.push(`${queue} ${n}`));
      await finish(harness, "a");
      expect(ready).toEqual(["orders 2"]);
      expect(await read(harness, id)).toMatchObject({ state: "running", startMs: harness.now });

      const both = await claimAll(harness);
      expect([...both.keys()]).toEqual(["b", "c"]);
      const b = both.get("b");
      const c = both.get("c");
      if (b === undefined || c === undefined) throw new Error("b or c is not ready");
      expect(Object.entries(b.step?.results ?? {}).map(([step, result]) => [step, text(result)])).toEqual([["a", "a"]]);
      expect(b.origin).toEqual({ kind: "step", workflowId: id, stepId: "b", isCompensation: false });
      await harness.settle(b, completed("b"));
      expect(await states(harness, id)).toMatchObject({ c: "running", d: "blocked" });
      await harness.settle(c, completed("c"));
      harness.tick(7);
      await finish(harness, "d");
      expect(await read(harness, id)).toMatchObject({
        state: "completed",
        finishMs: harness.now,
        compensation: "none",
      });
    });

    test("a step that fails for good cancels what has not begun and undoes what was completed, newest first", async (harness) => {
      const id = await start(harness, diamond);
      await finish(harness, "a");
      const both = await claimAll(harness);
      const [b, c] = [both.get("b"), both.get("c")];
      if (b === undefined || c === undefined) throw new Error("b or c is not ready");
      await harness.settle(b, failed());
      expect(await read(harness, id)).toMatchObject({
        state: "failed",
        compensation: "running",
        failure: { stepId: "b" },
        finishMs: null,
      });
      expect(await states(harness, id)).toEqual({ a: "completed", b: "failed", c: "running", d: "cancelled" });
      expect((await claimAll(harness)).size).toBe(0);

      // It runs on to its end, and is undone then.
      harness.tick(1);
      await harness.settle(c, completed("of c"));
      const undoC = (await claimAll(harness)).get("undo-c");
      if (undoC === undefined) throw new Error("c is not undone");
      expect(undoC.origin).toMatchObject({ stepId: "c", isCompensation: true });
      expect(text(undoC.step?.results.c ?? null)).toBe("of c");
      expect((await claimAll(harness)).size).toBe(0);
      await harness.settle(undoC, completed());
      await finish(harness, "undo-a");
      expect(await read(harness, id)).toMatchObject({
        state: "failed",
        compensation: "completed",
        finishMs: harness.now,
      });
      expect(await harness.store.retryWorkflow(id, harness.now)).toMatchObject({ status: "not_retryable" });
    });

    test("a step that is to be tried again in a workflow that has ended is not", async (harness) => {
      const id = await start(harness, newWorkflow([newStep("a"), newStep("b", { maxAttempts: 3 })]));
      const both = await claimAll(harness);
      const [a, b] = [both.get("a"), both.get("b")];
      if (a === undefined || b === undefined) throw new Error("a or b is not ready");
      await harness.settle(a, failed());
      await harness.settle(b, failed());
      expect(await states(harness, id)).toEqual({ a: "failed", b: "cancelled" });
      expect(await read(harness, id)).toMatchObject({ state: "failed", finishMs: harness.now, compensation: "none" });
    });

    test("goes on from the step that failed, and with the compensation that failed", async (harness) => {
      const chain = newWorkflow([newStep("a", { compensateWith: "undo-a" }), newStep("b", { dependsOn: [0] })]);
      const id = await start(harness, chain);
      await finish(harness, "a");
      await finish(harness, "b", failed());
      expect(await harness.store.retryWorkflow(id, harness.now)).toMatchObject({ status: "not_retryable" });
      await finish(harness, "undo-a", failed());
      expect(await read(harness, id)).toMatchObject({ state: "failed", compensation: "failed", finishMs: harness.now });
      expect(await harness.store.retryWorkflow(id, harness.now)).toMatchObject({ status: "retried" });
      await finish(harness, "undo-a");
      expect(await read(harness, id)).toMatchObject({ compensation: "completed" });

      const other = await start(harness, newWorkflow([newStep("a"), newStep("b", { dependsOn: [0] })]));
      await finish(harness, "a");
      await finish(harness, "b", failed());
      await harness.store.retryWorkflow(other, harness.now);
      expect(await states(harness, other)).toEqual({ a: "completed", b: "pending" });
      await finish(harness, "b");
      expect(await read(harness, other)).toMatchObject({ state: "completed", failure: null });
    });

    test("a cancelled workflow stops what runs, and is undone if asked to", async (harness) => {
      const id = await start(harness, diamond);
      await finish(harness, "a");
      const b = (await claimAll(harness)).get("b");
      const error = { type: "CANCELLED", message: "no more", stackTrace: "" };
      const answer = await harness.store.cancelWorkflow(id, error, true, harness.now);
      expect(answer).toMatchObject({ status: "cancelled", workflow: { state: "cancelled", compensation: "running" } });
      expect(answer.status === "cancelled" && answer.leases.map((lease) => lease.taskId)).toContain(b?.id);
      await finish(harness, "undo-a");
      expect(await read(harness, id)).toMatchObject({
        state: "cancelled",
        compensation: "completed",
        finishMs: harness.now,
      });
    });

    test("its tasks are the workflow's to retry and to delete", async (harness) => {
      const id = await start(harness, newWorkflow([newStep("a")], { input: bytes("input") }));
      await finish(harness, "a", failed());
      const { steps } = await read(harness, id);
      const taskId = steps[0]?.task.id ?? "";
      expect(await harness.store.retry([taskId], harness.now)).toEqual([{ status: "in_workflow", workflowId: id }]);
      expect(await harness.store.delete([taskId], harness.now)).toEqual(["in_workflow"]);
      harness.tick(1);
      expect(await harness.store.sweepWorkflows(null, harness.now, harness.now)).toMatchObject({ deleted: 1 });
      expect(await harness.store.getWorkflow(id)).toBeNull();
      expect(await harness.store.get([taskId])).toEqual([null]);
    });
  });
}
