import { describe, expect } from "vitest";
import type { Outcome } from "../../../../src/domain/tasks/outcome.ts";
import { type ClaimedTask, serverErrors } from "../../../../src/domain/tasks/task.ts";
import { newStep, newWorkflow, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { bytes, completed, failed, leaseLost, leaseOf, released, text, timedOut } from "../../outcomes.ts";
import { advanceAll } from "../../read-all.ts";
import type { StoreTest } from "../../store-harness.ts";
import { chain, read, start, states, stepTask } from "../../workflow-calls.ts";

/** What becomes of steps, and of their undoing. */
export function describeWorkflowSteps(test: StoreTest): void {
  describe("a step", () => {
    test("is given the results that it reads, and what its expressions see", async (harness) => {
      const steps = [
        newStep("a"),
        newStep("b", { dependsOn: [0] }),
        newStep("c", { dependsOn: [1], reads: [1, 0], hasExpressions: true, parameters: bytes("p") }),
      ];
      await start(harness, newWorkflow(steps, { input: bytes("in") }));
      await harness.settle(await harness.claimOne(), completed("of a"));
      const b = await harness.claimOne();
      expect(b.step?.expressions).toBeNull();
      expect(Object.keys(b.step?.results ?? {})).toEqual(["a"]);
      await harness.settle(b, completed(null));
      const c = await harness.claimOne();
      expect(
        Object.entries(c.step?.results ?? {})
          .map(([name, result]) => [name, text(result)])
          .toSorted(),
      ).toEqual([
        ["a", "of a"],
        ["b", null],
      ]);
      expect(c.step?.expressions?.workflowName).toBe("place-order");
      expect(text(c.step?.expressions?.input ?? null)).toBe("in");
      expect(text(c.payload)).toBe("p");
    });

    test("has the headers of its workflow, and so has what undoes it", async (harness) => {
      const headers = { tenant: "acme", traceparent: "00-ab" };
      const steps = [newStep("a", { compensateWith: "undo-a" }), newStep("b", { dependsOn: [0] })];
      await start(harness, newWorkflow(steps, { headers }));
      const seen: Pick<ClaimedTask, "type" | "headers">[] = [];
      for (const outcome of [completed(), failed({ terminal: true }), completed()]) {
        const task = await harness.claimOne();
        seen.push({ type: task.type, headers: task.headers });
        await harness.settle(task, outcome);
      }
      expect(seen).toEqual(["a", "b", "undo-a"].map((type) => ({ type, headers: JSON.stringify(headers) })));
    });

    test("is given the traces of the steps that it waited for, and what undoes a step is given the step's", async (harness) => {
      const steps = [
        newStep("a", { compensateWith: "undo-a" }),
        newStep("b"),
        newStep("c", { dependsOn: [0, 1] }),
        newStep("d", { dependsOn: [2], reads: [2, 0] }),
      ];
      await start(harness, newWorkflow(steps));
      const seen: Record<string, unknown> = {};
      const end = async (outcome: Outcome) => {
        const task = await harness.claimOne();
        seen[task.type] = task.step?.traceparents;
        await harness.settle(task, outcome);
      };
      await end({ kind: "completed", result: null, traceparent: "00-a" });
      await end({ kind: "completed", result: bytes("of b"), traceparent: "00-b" });
      await end(completed());
      await harness.reopen();
      await end(failed({ terminal: true }));
      await end(completed());
      expect(seen).toEqual({
        a: undefined,
        b: undefined,
        c: { a: "00-a", b: "00-b" },
        // What it only reads it did not wait for; the step before it was not traced.
        d: undefined,
        "undo-a": { a: "00-a" },
      });
    });

    test("is tried again by its policy without its workflow taking notice", async (harness) => {
      const id = await start(
        harness,
        newWorkflow([newStep("a", { maxAttempts: 4 }), newStep("b", { dependsOn: [0] })]),
      );
      await harness.settle(await harness.claimOne(), failed({ retryDelayMs: 100 }));
      expect(await states(harness, id)).toBe("a scheduled, b blocked");
      expect(await advanceAll(harness.store, harness.tick(100))).toMatchObject({ readyQueues: ["orders"] });
      await harness.settle(await harness.claimOne(), leaseLost);
      await harness.settle(await harness.claimOne(), released());
      expect(await read(harness, id)).toMatchObject({ state: "running", failure: null });
      await harness.settle(await harness.claimOne(), completed());
      expect(await states(harness, id)).toBe("a completed, b pending");
    });

    for (const [name, outcome, type] of [
      ["fails terminally", failed({ terminal: true }), "PrinterError"],
      ["runs too long for the last time", timedOut(), serverErrors.attemptTimeout.type],
      ["loses its last lease", leaseLost, serverErrors.leaseLost.type],
    ] as const) {
      test(`that ${name} fails its workflow`, async (harness) => {
        const id = await start(harness, newWorkflow(chain));
        await harness.settle(await harness.claimOne(), outcome);
        const failure = { stepId: "a", error: { type } };
        expect(await read(harness, id)).toMatchObject({
          state: "failed",
          failure,
          finishMs: harness.now,
          compensation: "none",
        });
        expect(await states(harness, id)).toBe("a failed, b cancelled");
      });
    }

    test("that is cancelled by itself fails its workflow, whatever state it is in", async (harness) => {
      for (const stepId of ["a", "b"]) {
        const id = await start(harness, newWorkflow(chain));
        const task = await stepTask(harness, id, stepId);
        expect(await harness.store.cancel([task.id], taskError("off"), harness.now)).toMatchObject([
          { status: "cancelled" },
        ]);
        expect(await read(harness, id)).toMatchObject({
          state: "failed",
          failure: { stepId, error: { message: "off" } },
        });
      }
      const id = await start(harness, newWorkflow(chain));
      const running = await harness.claimOne();
      await harness.store.cancel([running.id], taskError("off"), harness.now);
      expect(await states(harness, id)).toBe("a cancelled, b cancelled");
      expect((await read(harness, id)).finishMs).toBe(harness.now);
    });

    test("is left alone by what retries, purges and sweeps tasks", async (harness) => {
      const id = await start(harness, newWorkflow([newStep("a"), newStep("b")]));
      await harness.settle(await harness.claimOne(), failed());
      const before = await read(harness, id);
      for (const kind of ["retry", "delete"] as const) {
        const batch = await harness.store.changeMatching({ kind }, taskFilter(), null, false, harness.now);
        expect(batch).toMatchObject({ count: 0, skipped: [{ reason: "TASK_IN_WORKFLOW", count: 2 }] });
      }
      expect((await harness.store.sweep(null, harness.tick(400 * 86_400_000))).deleted).toBe(0);
      expect(await read(harness, id)).toEqual(before);
    });

    test("that another worker settles late changes nothing", async (harness) => {
      const id = await start(
        harness,
        newWorkflow([newStep("a", { maxAttempts: 3 }), newStep("b", { dependsOn: [0] })]),
      );
      const first = await harness.claimOne();
      await harness.settle(first, leaseLost);
      const second = await harness.claimOne({ workerId: "worker-2" });
      await harness.settle(second, completed("of the second"));
      expect(await harness.settle(first, completed("of the first"))).toMatchObject({ status: "stale" });
      expect(await harness.settle(second, completed("again"))).toMatchObject({ status: "already_settled" });
      expect(text((await stepTask(harness, id, "a")).result)).toBe("of the second");
      expect(await states(harness, id)).toBe("a completed, b pending");
    });
  });

  describe("compensation", () => {
    test("undoes one at a time, the newest first, and what could not be undone ends it", async (harness) => {
      const undoable = (stepId: string) => newStep(stepId, { compensateWith: `undo-${stepId}`, maxAttempts: 2 });
      const id = await start(harness, newWorkflow([undoable("a"), undoable("b"), undoable("c"), newStep("d")]));
      const { tasks } = await harness.claim(4);
      for (const type of ["b", "c", "a"]) {
        harness.tick(5);
        await harness.store.settle(
          tasks.filter((task) => task.type === type).map((task) => ({ ...leaseOf(task), outcome: completed(type) })),
          harness.now,
        );
      }
      harness.tick(5);
      for (const task of tasks.filter(({ type }) => type === "d")) await harness.settle(task, failed());

      const undo = async () => {
        const claimed = await harness.claim(10);
        expect(claimed.tasks).toHaveLength(1);
        const [task] = claimed.tasks;
        if (task === undefined) throw new Error("nothing to undo");
        return task;
      };
      const undoA = await undo();
      expect(undoA.type).toBe("undo-a");
      await harness.settle(undoA, failed({ retryDelayMs: 0 }));
      await harness.settle(await undo(), completed());
      expect((await undo()).type).toBe("undo-c");
      const running = (await read(harness, id)).steps.find(({ stepId }) => stepId === "c")?.compensation;
      expect(running).toMatchObject({ state: "running", origin: { isCompensation: true } });
      await harness.store.cancel([running?.id ?? ""], taskError("leave it"), harness.now);
      expect(await read(harness, id)).toMatchObject({ compensation: "failed", finishMs: harness.now });
      expect((await harness.claim(10)).tasks).toEqual([]);

      await harness.store.retryWorkflow(id, harness.now);
      expect(await read(harness, id)).toMatchObject({ state: "failed", compensation: "running", finishMs: null });
      for (const type of ["undo-c", "undo-b"]) {
        const task = await undo();
        expect(task.type).toBe(type);
        await harness.settle(task, completed());
      }
      expect(await read(harness, id)).toMatchObject({ compensation: "completed", finishMs: harness.now });
    });

    test("has nothing to do where nothing completed can be undone", async (harness) => {
      const id = await start(
        harness,
        newWorkflow([newStep("a"), newStep("b", { dependsOn: [0], compensateWith: "undo-b" })]),
      );
      await harness.settle(await harness.claimOne(), completed());
      await harness.settle(await harness.claimOne(), failed());
      expect(await read(harness, id)).toMatchObject({ state: "failed", compensation: "none", finishMs: harness.now });
    });
  });
}
