import { describe, expect } from "vitest";
import { serverErrors } from "../../../src/domain/task.ts";
import type { NewWorkflow, Workflow, WorkflowChange, WorkflowFilter } from "../../../src/domain/workflow.ts";
import { newStep, newWorkflow, taskError } from "../../support/builders.ts";
import type { Lab, StoreTest } from "../lab.ts";
import { bytes, completed, failed, leaseLost, leaseOf, released, text, timedOut } from "../outcomes.ts";
import { advanceAll } from "../read-all.ts";

async function start(lab: Lab, workflow: NewWorkflow): Promise<string> {
  const [answer] = await lab.store.startWorkflows([workflow], lab.now);
  if (answer?.status !== "created") throw new Error(`not started: ${JSON.stringify(answer)}`);
  return answer.workflow.id;
}

async function read(lab: Lab, id: string): Promise<Workflow> {
  const workflow = await lab.store.getWorkflow(id);
  if (workflow === null) throw new Error(`no workflow ${id}`);
  return workflow;
}

async function states(lab: Lab, id: string): Promise<string> {
  const { steps } = await read(lab, id);
  return steps.map(({ stepId, task }) => `${stepId} ${task.state}`).join(", ");
}

async function stepTask(lab: Lab, id: string, stepId: string) {
  const found = (await read(lab, id)).steps.find((step) => step.stepId === stepId);
  if (found === undefined) throw new Error(`no step ${stepId}`);
  return found.task;
}

const chain = [newStep("a", { compensateWith: "undo-a" }), newStep("b", { dependsOn: [0] })];

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
export function describeWorkflows(test: StoreTest): void {
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
      const all = {
        queue: null,
        type: null,
        states: [],
        correlationId: null,
        createdAfterMs: null,
        createdBeforeMs: null,
      };
      expect(await lab.store.retryMatching(all, null, false, lab.now)).toMatchObject({ count: 0 });
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
      expect(await lab.settle(second, completed("again"))).toMatchObject({ status: "settled" });
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
