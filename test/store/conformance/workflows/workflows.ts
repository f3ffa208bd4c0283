import { describe, expect } from "vitest";
import type { WorkflowChange, WorkflowFilter } from "../../../../src/domain/workflows/workflow.ts";
import { newStep, newWorkflow, taskError } from "../../../harness/calls/builders.ts";
import { bytes, completed, failed, text } from "../../outcomes.ts";
import type { StoreHarness, StoreTest } from "../../store-harness.ts";
import { chain, read, start, states, stepTask } from "../../workflow-calls.ts";

/** A filter that every workflow matches, with what a test changes of it. */
function filterOf(overrides: Partial<WorkflowFilter>): WorkflowFilter {
  return { name: null, states: [], correlationId: null, createdAfterMs: null, createdBeforeMs: null, ...overrides };
}

/** Every id that a listing has, page by page. */
async function listed(harness: StoreHarness, overrides: Partial<WorkflowFilter>, limit = 2): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<StoreHarness["store"]["listWorkflows"]>> = await harness.store.listWorkflows({
      filter: filterOf(overrides),
      cursor,
      limit,
    });
    expect(page.workflows.length).toBeLessThanOrEqual(limit);
    ids.push(...page.workflows.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  return ids;
}

/** Starting, reading and ending workflows. */

/** Starting, listing, watching and forgetting workflows. */
export function describeWorkflows(test: StoreTest): void {
  describe("executeWorkflow", () => {
    const held = { ...newWorkflow([...chain, newStep("c")]), awaitsExecution: true } as const;

    test("lets one begin that was only stored, once", async (harness) => {
      const id = await start(harness, held);
      await harness.reopen();
      expect(await states(harness, id)).toBe("a blocked, b blocked, c blocked");
      expect(await harness.claim(9)).toMatchObject({ tasks: [] });
      expect(await harness.store.executeWorkflow(id, harness.now)).toMatchObject({
        status: "executed",
        isBegun: true,
        workflow: { state: "pending" },
      });
      expect(await states(harness, id)).toBe("a pending, b blocked, c pending");
      expect(await harness.store.executeWorkflow(id, harness.now)).toMatchObject({
        status: "executed",
        isBegun: false,
      });
      await harness.reopen();
      const { tasks } = await harness.claim(9);
      expect(tasks.map(({ type }) => type)).toHaveLength(2);
      for (const task of tasks) await harness.settle(task, completed());
      expect(await states(harness, id)).toBe("a completed, b pending, c completed");
      expect(await harness.store.executeWorkflow(id, harness.now)).toMatchObject({
        status: "executed",
        isBegun: false,
        workflow: { state: "running" },
      });
    });

    test("is cancelled, listed and kept while it waits", async (harness) => {
      const id = await start(harness, held);
      expect(await listed(harness, { states: ["pending"] })).toEqual([id]);
      await harness.store.sweepWorkflows(null, harness.tick(1_000_000_000), harness.now);
      expect(await listed(harness, { states: ["pending"] })).toEqual([id]);
      expect(await harness.store.cancelWorkflow(id, taskError(), true, harness.now)).toMatchObject({
        status: "cancelled",
      });
      expect(await states(harness, id)).toBe("a cancelled, b cancelled, c cancelled");
      expect(await harness.store.executeWorkflow(id, harness.now)).toEqual({ status: "cancelled" });
      expect(await harness.store.executeWorkflow("nobody", harness.now)).toEqual({ status: "not_found" });
    });
  });

  describe("startWorkflows", () => {
    test("stores what was asked for", async (harness) => {
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
        harness,
        newWorkflow([asked], { input: bytes("in"), correlationId: "c", sourceService: "shop" }),
      );
      const workflow = await read(harness, id);
      expect(workflow).toMatchObject({
        id,
        name: "place-order",
        state: "pending",
        compensation: "none",
        correlationId: "c",
        sourceService: "shop",
        requestId: null,
        failure: null,
        createMs: harness.now,
        startMs: null,
        finishMs: null,
      });
      expect(text(workflow.input)).toBe("in");
      const [step] = workflow.steps;
      expect(step).toMatchObject({ stepId: "a", dependsOn: [], compensateWith: "refund", compensation: null });
      expect(step?.task).toMatchObject({
        queue: "payment",
        type: "charge",
        maxAttempts: 7,
        attemptTimeoutMs: 90,
        correlationId: "c",
        origin: { kind: "step", workflowId: id, stepId: "a", isCompensation: false },
        sourceService: "shop",
      });
      expect(step?.task.retryPolicy.initialBackoffMs).toBe(5);
      expect(text(step?.task.payload ?? null)).toBe("parameters");
    });

    test("gives a workflow its id for its correlation id", async (harness) => {
      const id = await start(harness, newWorkflow(chain));
      expect((await read(harness, id)).correlationId).toBe(id);
      expect((await stepTask(harness, id, "b")).correlationId).toBe(id);
    });

    test("answers the same workflow for the same request, and refuses another digest", async (harness) => {
      const workflow = newWorkflow(chain, { requestId: "r", digest: "d" });
      const id = await start(harness, workflow);
      await harness.settle(await harness.claimOne(), completed());
      const [again, other] = await harness.store.startWorkflows([workflow, { ...workflow, digest: "e" }], harness.now);
      expect(again).toMatchObject({ status: "existing", workflow: { id, state: "running" } });
      expect(other).toEqual({ status: "request_id_reused", id });
      await harness.reopen();
      expect((await harness.store.startWorkflows([workflow], harness.now))[0]).toMatchObject({ status: "existing" });
      // A task's request ids are a room of their own.
      expect(await harness.enqueueAll([{ requestId: "r" }])).toMatchObject([{ status: "created" }]);
    });

    test("stores nothing of a workflow whose queue has no room, and the others all the same", async (harness) => {
      await harness.store.updateQueue("small", { maxDepth: 2 }, true, harness.now);
      const small = newStep("s", { service: "small" });
      const three = newWorkflow([
        newStep("a"),
        small,
        { ...small, stepId: "t" },
        { ...small, stepId: "u", dependsOn: [1] },
      ]);
      const two = newWorkflow([small, { ...small, stepId: "t", dependsOn: [0] }]);
      const answers = await harness.store.startWorkflows([three, two, newWorkflow([small])], harness.now);
      expect(answers).toMatchObject([
        { status: "queue_full", step: 3, queue: "small" },
        { status: "created" },
        { status: "queue_full", step: 0, queue: "small", depth: 2 },
      ]);
      expect(await harness.store.getQueue("orders")).toBeNull();
    });

    test("keeps everything through a reopening, in the middle of the work", async (harness) => {
      const id = await start(harness, newWorkflow(chain));
      await harness.settle(await harness.claimOne(), completed("of a"));
      const before = await read(harness, id);
      await harness.reopen();
      expect(await read(harness, id)).toEqual(before);
      const b = await harness.claimOne();
      expect(text(b.step?.results.a ?? null)).toBe("of a");
      await harness.reopen();
      await harness.settle(b, completed());
      expect(await read(harness, id)).toMatchObject({ state: "completed" });
    });
  });

  describe("listWorkflows", () => {
    test("answers what matches, newest first, page by page", async (harness) => {
      const ids: string[] = [];
      for (const [index, name] of ["x", "y", "x", "y", "x"].entries()) {
        ids.unshift(await start(harness, newWorkflow(chain, { name, correlationId: index < 3 ? "early" : "late" })));
        harness.tick(10);
      }
      await harness.store.cancelWorkflow(ids[1] ?? "", taskError(), false, harness.now);
      await harness.settle(await harness.claimOne(), failed());
      expect(await listed(harness, {})).toEqual(ids);
      expect(await listed(harness, { name: "y" })).toEqual([ids[1], ids[3]]);
      expect(await listed(harness, { correlationId: "early" })).toEqual(ids.slice(2));
      expect(await listed(harness, { correlationId: "early", name: "x" })).toEqual([ids[2], ids[4]]);
      expect(await listed(harness, { states: ["cancelled"] })).toEqual([ids[1]]);
      expect(await listed(harness, { states: ["failed", "cancelled"] })).toEqual([ids[1], ids[4]]);
      expect(await listed(harness, { states: ["pending", "failed"] })).toEqual([ids[0], ids[2], ids[3], ids[4]]);
      expect(await listed(harness, { states: ["completed"] })).toEqual([]);
      expect(await listed(harness, { createdBeforeMs: harness.now - 30 })).toEqual(ids.slice(3));
      expect(await listed(harness, { createdAfterMs: harness.now - 30 })).toEqual(ids.slice(0, 3));
    });
  });

  describe("sweepWorkflows", () => {
    test("deletes what came to rest before a time, with all its tasks, and nothing else", async (harness) => {
      const failing = [newStep("a", { compensateWith: "undo-a" }), newStep("b", { dependsOn: [0] })];
      const old = await start(harness, newWorkflow(failing));
      await harness.settle(await harness.claimOne(), completed());
      await harness.settle(await harness.claimOne(), failed());
      await harness.settle(await harness.claimOne(), completed());
      const tasks = (await read(harness, old)).steps.flatMap(({ task, compensation }) => [
        task.id,
        compensation?.id ?? task.id,
      ]);
      const going = await start(harness, newWorkflow(chain));
      const restMs = harness.now;
      const young = await start(harness, newWorkflow([newStep("x", { service: "others" })]));
      harness.tick(10);
      await harness.store.cancelWorkflow(young, taskError(), false, harness.now);

      const sweep = async (beforeMs: number) => {
        let deleted = 0;
        let cursor: string | null = null;
        do {
          const step: Awaited<ReturnType<StoreHarness["store"]["sweepWorkflows"]>> = await harness.store.sweepWorkflows(
            cursor,
            beforeMs,
            harness.now,
          );
          deleted += step.deleted;
          cursor = step.nextCursor;
        } while (cursor !== null);
        return deleted;
      };
      expect(await sweep(restMs)).toBe(0);
      expect(await sweep(restMs + 1)).toBe(1);
      expect(await harness.store.getWorkflow(old)).toBeNull();
      expect((await harness.store.get(tasks)).every((found) => found === null)).toBe(true);
      expect((await read(harness, going)).state).toBe("pending");
      expect(await sweep(harness.now + 1)).toBe(1);
      expect(await listed(harness, {})).toEqual([going]);
    });
  });

  describe("subscribeWorkflows", () => {
    test("tells every change in the order of the commits", async (harness) => {
      const seen: string[] = [];
      const lineOf = (change: WorkflowChange) =>
        change.kind === "workflow"
          ? `${change.state} ${change.compensation}${change.atRest ? " at rest" : ""}`
          : `${change.stepId}${change.isCompensation ? " undo" : ""} ${change.state} ${change.attempt}`;
      const stop = harness.store.subscribeWorkflows((changes) => void seen.push(...changes.map(lineOf)));
      const id = await start(harness, newWorkflow(chain));
      await harness.settle(await harness.claimOne(), completed());
      await harness.settle(await harness.claimOne(), failed());
      await harness.settle(await harness.claimOne(), completed());
      // An answer comes after everything that was told before it.
      await read(harness, id);
      const ofSteps = seen.filter((line) => /^[ab] /.test(line));
      expect(ofSteps).toEqual([
        "a pending 0",
        "b blocked 0",
        "a running 1",
        "a completed 1",
        "b pending 0",
        "b running 1",
        "b failed 1",
        "a undo pending 0",
        "a undo running 1",
        "a undo completed 1",
      ]);
      expect(seen.filter((line) => !/^[ab] /.test(line))).toEqual([
        "pending none",
        "running none",
        "failed running",
        "failed completed at rest",
      ]);
      stop();
      await start(harness, newWorkflow(chain));
      await read(harness, id);
      expect(seen).toHaveLength(ofSteps.length + 4);
    });
  });
}
