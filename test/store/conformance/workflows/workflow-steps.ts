import { describe, expect } from "vitest";
import { serverErrors } from "../../../../src/domain/tasks/task.ts";
import { newStep, newWorkflow, taskError, taskFilter } from "../../../harness/calls/builders.ts";
import { bytes, completed, failed, leaseLost, leaseOf, released, text, timedOut } from "../../outcomes.ts";
import { advanceAll } from "../../read-all.ts";
import type { StoreTest } from "../../store-harness.ts";
import { chain, read, start, states, stepTask } from "../../workflow-calls.ts";

/** What becomes of steps, and of their undoing. */
export function describeWorkflowSteps(test: StoreTest): void {
  describe("a step", () => {
    test("is given the results that it reads, and what its expressions see", async (lab) => {
      const steps = [
        newStep("a"),
        newStep("b", { dependsOn: [0] }),
        newStep("c", { dependsOn: [1], reads: [1, 0], hasExpressions: true, parameters: bytes("p") }),
      ];
      await start(lab, newWorkflow(steps, { input: bytes("in") }));
      await lab.settle(await lab.claimOne(), completed("of a"));
      const b = await lab.claimOne();
      expect(b.step?.expressions).toBeNull();
      expect(Object.keys(b.step?.results ?? {})).toEqual(["a"]);
      await lab.settle(b, completed(null));
      const c = await lab.claimOne();
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

    test("is tried again by its policy without its workflow taking notice", async (lab) => {
      const id = await start(lab, newWorkflow([newStep("a", { maxAttempts: 4 }), newStep("b", { dependsOn: [0] })]));
      await lab.settle(await lab.claimOne(), failed({ retryDelayMs: 100 }));
      expect(await states(lab, id)).toBe("a scheduled, b blocked");
      expect(await advanceAll(lab.store, lab.tick(100))).toMatchObject({ readyQueues: ["orders"] });
      await lab.settle(await lab.claimOne(), leaseLost);
      await lab.settle(await lab.claimOne(), released());
      expect(await read(lab, id)).toMatchObject({ state: "running", failure: null });
      await lab.settle(await lab.claimOne(), completed());
      expect(await states(lab, id)).toBe("a completed, b pending");
    });

    for (const [name, outcome, type] of [
      ["fails terminally", failed({ terminal: true }), "PrinterError"],
      ["runs too long for the last time", timedOut(), serverErrors.attemptTimeout.type],
      ["loses its last lease", leaseLost, serverErrors.leaseLost.type],
    ] as const) {
      test(`that ${name} fails its workflow`, async (lab) => {
        const id = await start(lab, newWorkflow(chain));
        await lab.settle(await lab.claimOne(), outcome);
        const failure = { stepId: "a", error: { type } };
        expect(await read(lab, id)).toMatchObject({
          state: "failed",
          failure,
          finishMs: lab.now,
          compensation: "none",
        });
        expect(await states(lab, id)).toBe("a failed, b cancelled");
      });
    }

    test("that is cancelled by itself fails its workflow, whatever state it is in", async (lab) => {
      for (const stepId of ["a", "b"]) {
        const id = await start(lab, newWorkflow(chain));
        const task = await stepTask(lab, id, stepId);
        expect(await lab.store.cancel([task.id], taskError("off"), lab.now)).toMatchObject([{ status: "cancelled" }]);
        expect(await read(lab, id)).toMatchObject({ state: "failed", failure: { stepId, error: { message: "off" } } });
      }
      const id = await start(lab, newWorkflow(chain));
      const running = await lab.claimOne();
      await lab.store.cancel([running.id], taskError("off"), lab.now);
      expect(await states(lab, id)).toBe("a cancelled, b cancelled");
      expect((await read(lab, id)).finishMs).toBe(lab.now);
    });

    test("is left alone by what retries, purges and sweeps tasks", async (lab) => {
      const id = await start(lab, newWorkflow([newStep("a"), newStep("b")]));
      await lab.settle(await lab.claimOne(), failed());
      const before = await read(lab, id);
      expect(await lab.store.retryMatching(taskFilter(), null, false, lab.now)).toMatchObject({ count: 0 });
      expect(await lab.store.purge("orders", ["failed", "cancelled"], null, false, lab.now)).toMatchObject({
        count: 0,
      });
      expect((await lab.store.sweep(null, lab.tick(400 * 86_400_000))).deleted).toBe(0);
      expect(await read(lab, id)).toEqual(before);
    });

    test("that another worker settles late changes nothing", async (lab) => {
      const id = await start(lab, newWorkflow([newStep("a", { maxAttempts: 3 }), newStep("b", { dependsOn: [0] })]));
      const first = await lab.claimOne();
      await lab.settle(first, leaseLost);
      const second = await lab.claimOne({ workerId: "worker-2" });
      await lab.settle(second, completed("of the second"));
      expect(await lab.settle(first, completed("of the first"))).toMatchObject({ status: "stale" });
      expect(await lab.settle(second, completed("again"))).toMatchObject({ status: "already_settled" });
      expect(text((await stepTask(lab, id, "a")).result)).toBe("of the second");
      expect(await states(lab, id)).toBe("a completed, b pending");
    });
  });

  describe("compensation", () => {
    test("undoes one at a time, the newest first, and what could not be undone ends it", async (lab) => {
      const undoable = (stepId: string) => newStep(stepId, { compensateWith: `undo-${stepId}`, maxAttempts: 2 });
      const id = await start(lab, newWorkflow([undoable("a"), undoable("b"), undoable("c"), newStep("d")]));
      const { tasks } = await lab.claim(4);
      for (const type of ["b", "c", "a"]) {
        lab.tick(5);
        await lab.store.settle(
          tasks.filter((task) => task.type === type).map((task) => ({ ...leaseOf(task), outcome: completed(type) })),
          lab.now,
        );
      }
      lab.tick(5);
      for (const task of tasks.filter(({ type }) => type === "d")) await lab.settle(task, failed());

      const undo = async () => {
        const claimed = await lab.claim(10);
        expect(claimed.tasks).toHaveLength(1);
        const [task] = claimed.tasks;
        if (task === undefined) throw new Error("nothing to undo");
        return task;
      };
      const undoA = await undo();
      expect(undoA.type).toBe("undo-a");
      await lab.settle(undoA, failed({ retryDelayMs: 0 }));
      await lab.settle(await undo(), completed());
      expect((await undo()).type).toBe("undo-c");
      const running = (await read(lab, id)).steps.find(({ stepId }) => stepId === "c")?.compensation;
      expect(running).toMatchObject({ state: "running", origin: { isCompensation: true } });
      await lab.store.cancel([running?.id ?? ""], taskError("leave it"), lab.now);
      expect(await read(lab, id)).toMatchObject({ compensation: "failed", finishMs: lab.now });
      expect((await lab.claim(10)).tasks).toEqual([]);

      await lab.store.retryWorkflow(id, lab.now);
      expect(await read(lab, id)).toMatchObject({ state: "failed", compensation: "running", finishMs: null });
      for (const type of ["undo-c", "undo-b"]) {
        const task = await undo();
        expect(task.type).toBe(type);
        await lab.settle(task, completed());
      }
      expect(await read(lab, id)).toMatchObject({ compensation: "completed", finishMs: lab.now });
    });

    test("has nothing to do where nothing completed can be undone", async (lab) => {
      const id = await start(
        lab,
        newWorkflow([newStep("a"), newStep("b", { dependsOn: [0], compensateWith: "undo-b" })]),
      );
      await lab.settle(await lab.claimOne(), completed());
      await lab.settle(await lab.claimOne(), failed());
      expect(await read(lab, id)).toMatchObject({ state: "failed", compensation: "none", finishMs: lab.now });
    });
  });
}
