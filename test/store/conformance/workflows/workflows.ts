import { describe, expect } from "vitest";
import type { WorkflowChange, WorkflowFilter } from "../../../../src/domain/workflows/workflow.ts";
import { newStep, newWorkflow, taskError } from "../../../harness/calls/builders.ts";
import { bytes, completed, failed, text } from "../../outcomes.ts";
import type { Lab, StoreTest } from "../../store-harness.ts";
import { chain, read, start, states, stepTask } from "../../workflow-calls.ts";

/** A filter that every workflow matches, with what a test changes of it. */
function filterOf(overrides: Partial<WorkflowFilter>): WorkflowFilter {
  return { name: null, states: [], correlationId: null, createdAfterMs: null, createdBeforeMs: null, ...overrides };
}

/** Every id that a listing has, page by page. */
async function listed(lab: Lab, overrides: Partial<WorkflowFilter>, limit = 2): Promise<string[]> {
  const ids: string[] = [];
  let beforeId: string | null = null;
  do {
    const page: Awaited<ReturnType<Lab["store"]["listWorkflows"]>> = await lab.store.listWorkflows({
      filter: filterOf(overrides),
      beforeId,
      limit,
    });
    expect(page.workflows.length).toBeLessThanOrEqual(limit);
    ids.push(...page.workflows.map(({ id }) => id));
    beforeId = page.nextBeforeId;
  } while (beforeId !== null);
  return ids;
}

/** Starting, reading and ending workflows. */

/** Starting, listing, watching and forgetting workflows. */
export function describeWorkflows(test: StoreTest): void {
  describe("executeWorkflow", () => {
    const held = { ...newWorkflow([...chain, newStep("c")]), awaitsExecution: true } as const;

    test("lets one begin that was only stored, once", async (lab) => {
      const id = await start(lab, held);
      await lab.reopen();
      expect(await states(lab, id)).toBe("a blocked, b blocked, c blocked");
      expect(await lab.claim(9)).toMatchObject({ tasks: [] });
      expect(await lab.store.executeWorkflow(id, lab.now)).toMatchObject({
        ...{ status: "executed", isBegun: true, workflow: { state: "pending" } },
      });
      expect(await states(lab, id)).toBe("a pending, b blocked, c pending");
      expect(await lab.store.executeWorkflow(id, lab.now)).toMatchObject({ status: "executed", isBegun: false });
      await lab.reopen();
      const { tasks } = await lab.claim(9);
      expect(tasks.map(({ type }) => type)).toHaveLength(2);
      for (const task of tasks) await lab.settle(task, completed());
      expect(await states(lab, id)).toBe("a completed, b pending, c completed");
      expect(await lab.store.executeWorkflow(id, lab.now)).toMatchObject({
        ...{ status: "executed", isBegun: false, workflow: { state: "running" } },
      });
    });

    test("is cancelled, listed and kept while it waits", async (lab) => {
      const id = await start(lab, held);
      expect(await listed(lab, { states: ["pending"] })).toEqual([id]);
      await lab.store.sweepWorkflows(null, lab.tick(1_000_000_000), lab.now);
      expect(await listed(lab, { states: ["pending"] })).toEqual([id]);
      expect(await lab.store.cancelWorkflow(id, taskError(), true, lab.now)).toMatchObject({ status: "cancelled" });
      expect(await states(lab, id)).toBe("a cancelled, b cancelled, c cancelled");
      expect(await lab.store.executeWorkflow(id, lab.now)).toEqual({ status: "cancelled" });
      expect(await lab.store.executeWorkflow("nobody", lab.now)).toEqual({ status: "not_found" });
    });
  });

  describe("startWorkflows", () => {
    test("stores what was asked for", async (lab) => {
      const asked = newStep("a", {
        service: "payment",
        action: "charge",
        parameters: bytes("parameters"),
        maxAttempts: 7,
        retryPolicy: { initialBackoffMs: 5 },
        attemptTimeoutMs: 90,
        compensateWith: "refund",
      });
      const id = await start(
        lab,
        newWorkflow([asked], { input: bytes("in"), correlationId: "c", sourceService: "shop" }),
      );
      const workflow = await read(lab, id);
      expect(workflow).toMatchObject({
        ...{
          id,
          name: "place-order",
          state: "pending",
          compensation: "none",
          correlationId: "c",
          sourceService: "shop",
        },
        ...{ requestId: null, failure: null, createMs: lab.now, startMs: null, finishMs: null },
      });
      expect(text(workflow.input)).toBe("in");
      const [step] = workflow.steps;
      expect(step).toMatchObject({ stepId: "a", dependsOn: [], compensateWith: "refund", compensation: null });
      expect(step?.task).toMatchObject({
        ...{ queue: "payment", type: "charge", maxAttempts: 7, attemptTimeoutMs: 90, correlationId: "c" },
        origin: { kind: "step", workflowId: id, stepId: "a", isCompensation: false },
        sourceService: "shop",
      });
      expect(step?.task.retryPolicy.initialBackoffMs).toBe(5);
      expect(text(step?.task.payload ?? null)).toBe("parameters");
    });

    test("gives a workflow its id for its correlation id", async (lab) => {
      const id = await start(lab, newWorkflow(chain));
      expect((await read(lab, id)).correlationId).toBe(id);
      expect((await stepTask(lab, id, "b")).correlationId).toBe(id);
    });

    test("answers the same workflow for the same request, and refuses another digest", async (lab) => {
      const workflow = newWorkflow(chain, { requestId: "r", digest: "d" });
      const id = await start(lab, workflow);
      await lab.settle(await lab.claimOne(), completed());
      const [again, other] = await lab.store.startWorkflows([workflow, { ...workflow, digest: "e" }], lab.now);
      expect(again).toMatchObject({ status: "existing", workflow: { id, state: "running" } });
      expect(other).toEqual({ status: "request_id_reused", id });
      await lab.reopen();
      expect((await lab.store.startWorkflows([workflow], lab.now))[0]).toMatchObject({ status: "existing" });
      // A task's request ids are a room of their own.
      expect(await lab.enqueueAll([{ requestId: "r" }])).toMatchObject([{ status: "created" }]);
    });

    test("stores nothing of a workflow whose queue has no room, and the others all the same", async (lab) => {
      await lab.store.updateQueue("small", { maxDepth: 2 }, true, lab.now);
      const small = newStep("s", { service: "small" });
      const three = newWorkflow([
        newStep("a"),
        small,
        { ...small, stepId: "t" },
        { ...small, stepId: "u", dependsOn: [1] },
      ]);
      const two = newWorkflow([small, { ...small, stepId: "t", dependsOn: [0] }]);
      const answers = await lab.store.startWorkflows([three, two, newWorkflow([small])], lab.now);
      expect(answers).toMatchObject([
        { status: "queue_full", step: 3, queue: "small" },
        { status: "created" },
        { status: "queue_full", step: 0, queue: "small", depth: 2 },
      ]);
      expect(await lab.store.getQueue("orders")).toBeNull();
    });

    test("keeps everything through a reopening, in the middle of the work", async (lab) => {
      const id = await start(lab, newWorkflow(chain));
      await lab.settle(await lab.claimOne(), completed("of a"));
      const before = await read(lab, id);
      await lab.reopen();
      expect(await read(lab, id)).toEqual(before);
      const b = await lab.claimOne();
      expect(text(b.step?.results.a ?? null)).toBe("of a");
      await lab.reopen();
      await lab.settle(b, completed());
      expect(await read(lab, id)).toMatchObject({ state: "completed" });
    });
  });

  describe("listWorkflows", () => {
    test("answers what matches, newest first, page by page", async (lab) => {
      const ids: string[] = [];
      for (const [index, name] of ["x", "y", "x", "y", "x"].entries()) {
        ids.unshift(await start(lab, newWorkflow(chain, { name, correlationId: index < 3 ? "early" : "late" })));
        lab.tick(10);
      }
      await lab.store.cancelWorkflow(ids[1] ?? "", taskError(), false, lab.now);
      await lab.settle(await lab.claimOne(), failed());
      expect(await listed(lab, {})).toEqual(ids);
      expect(await listed(lab, { name: "y" })).toEqual([ids[1], ids[3]]);
      expect(await listed(lab, { correlationId: "early" })).toEqual(ids.slice(2));
      expect(await listed(lab, { correlationId: "early", name: "x" })).toEqual([ids[2], ids[4]]);
      expect(await listed(lab, { states: ["cancelled"] })).toEqual([ids[1]]);
      expect(await listed(lab, { states: ["failed", "cancelled"] })).toEqual([ids[1], ids[4]]);
      expect(await listed(lab, { states: ["pending", "failed"] })).toEqual([ids[0], ids[2], ids[3], ids[4]]);
      expect(await listed(lab, { states: ["completed"] })).toEqual([]);
      expect(await listed(lab, { createdBeforeMs: lab.now - 30 })).toEqual(ids.slice(3));
      expect(await listed(lab, { createdAfterMs: lab.now - 30 })).toEqual(ids.slice(0, 3));
    });
  });

  describe("sweepWorkflows", () => {
    test("deletes what came to rest before a time, with all its tasks, and nothing else", async (lab) => {
      const failing = [newStep("a", { compensateWith: "undo-a" }), newStep("b", { dependsOn: [0] })];
      const old = await start(lab, newWorkflow(failing));
      await lab.settle(await lab.claimOne(), completed());
      await lab.settle(await lab.claimOne(), failed());
      await lab.settle(await lab.claimOne(), completed());
      const tasks = (await read(lab, old)).steps.flatMap(({ task, compensation }) => [
        task.id,
        compensation?.id ?? task.id,
      ]);
      const going = await start(lab, newWorkflow(chain));
      const restMs = lab.now;
      const young = await start(lab, newWorkflow([newStep("x", { service: "others" })]));
      lab.tick(10);
      await lab.store.cancelWorkflow(young, taskError(), false, lab.now);

      const sweep = async (beforeMs: number) => {
        let deleted = 0;
        let afterId: string | null = null;
        do {
          const step: Awaited<ReturnType<Lab["store"]["sweepWorkflows"]>> = await lab.store.sweepWorkflows(
            afterId,
            beforeMs,
            lab.now,
          );
          deleted += step.deleted;
          afterId = step.nextAfterId;
        } while (afterId !== null);
        return deleted;
      };
      expect(await sweep(restMs)).toBe(0);
      expect(await sweep(restMs + 1)).toBe(1);
      expect(await lab.store.getWorkflow(old)).toBeNull();
      expect((await lab.store.get(tasks)).every((found) => found === null)).toBe(true);
      expect((await read(lab, going)).state).toBe("pending");
      expect(await sweep(lab.now + 1)).toBe(1);
      expect(await listed(lab, {})).toEqual([going]);
    });
  });

  describe("subscribeWorkflows", () => {
    test("tells every change in the order of the commits", async (lab) => {
      const seen: string[] = [];
      const lineOf = (change: WorkflowChange) =>
        change.kind === "workflow"
          ? `${change.state} ${change.compensation}${change.atRest ? " at rest" : ""}`
          : `${change.stepId}${change.isCompensation ? " undo" : ""} ${change.state} ${change.attempt}`;
      const stop = lab.store.subscribeWorkflows((changes) => void seen.push(...changes.map(lineOf)));
      const id = await start(lab, newWorkflow(chain));
      await lab.settle(await lab.claimOne(), completed());
      await lab.settle(await lab.claimOne(), failed());
      await lab.settle(await lab.claimOne(), completed());
      // An answer comes after everything that was told before it.
      await read(lab, id);
      const ofSteps = seen.filter((line) => /^[ab] /.test(line));
      expect(ofSteps).toEqual([
        ...["a pending 0", "b blocked 0", "a running 1", "a completed 1", "b pending 0", "b running 1", "b failed 1"],
        ...["a undo pending 0", "a undo running 1", "a undo completed 1"],
      ]);
      expect(seen.filter((line) => !/^[ab] /.test(line))).toEqual([
        "pending none",
        "running none",
        "failed running",
        "failed completed at rest",
      ]);
      stop();
      await start(lab, newWorkflow(chain));
      await read(lab, id);
      expect(seen).toHaveLength(ofSteps.length + 4);
    });
  });
}
