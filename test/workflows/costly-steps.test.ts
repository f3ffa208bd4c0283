import { describe, expect, it } from "vitest";
import { WorkflowState } from "../../gen/sitq/v1/workflow_service_pb.js";
import { fromPayload } from "../../src/client/index.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { json, present } from "../harness/calls/tasks.ts";
import { hasBegun, readWorkflow, start, stepsIn, watchWorkflow } from "../harness/calls/workflows.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";

const shared = shareServer();
const input = json(Array.from({ length: 100 }, (_, index) => index));
const costly = json("${input.map(a, input.map(b, input.map(c, a + b + c)))}");
const dear = json("${input.map(a, input.map(b, a + b)).size()}");
const large = json({ l: Array.from({ length: 20_000 }, (_, index) => index), s: "x".repeat(200_000) });

describe("a step with costly expressions", () => {
  it("does not keep the others of its claim waiting, and is handed out when it is ready", async () => {
    const queue = freshQueue();
    const [first, second] = stepsIn(queue, { dear: "", light: "" });
    await start(shared(), {
      steps: [
        { ...first, parameters: dear },
        { ...second, parameters: json("${input[7]}") },
      ],
      input,
    });
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 2 });
    const both = await worker.take(2);
    expect(both.map(({ type, payload }) => [type, fromPayload(payload)])).toEqual([
      ["light", 7],
      ["dear", 100],
    ]);
  });

  it("waits for it in ClaimTasks", async () => {
    const queue = freshQueue();
    const [only] = stepsIn(queue, { dear: "" });
    await start(shared(), { steps: [{ ...only, parameters: dear }], input });
    const { tasks } = await shared().worker.claimTasks({ workerId: "w", queues: [queue] });
    expect(tasks.map(({ payload }) => fromPayload(payload))).toEqual([100]);
  });

  it("is not handed out where its workflow was cancelled before it was ready", async () => {
    const queue = freshQueue();
    const startOne = (parameters: typeof dear) => {
      const [only] = stepsIn(queue, { step: "" });
      return start(shared(), { steps: [{ ...only, parameters }], input });
    };
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    // One after the other: what is called off waits behind several that take long.
    for (let count = 0; count < 6; count++) await startOne(costly);
    const cancelled = await startOne(dear);
    await hasBegun(shared(), cancelled);
    await shared().workflow.cancelWorkflow({ workflowId: cancelled.id });
    const other = await startOne(dear);
    expect(await worker.take(1)).toMatchObject([{ origin: { workflowId: other.id } }]);
  });

  it("fails at what is too costly, and again when it is retried", async () => {
    const queue = freshQueue();
    const steps = stepsIn(queue, Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`s${index}`, ""])));
    const started = await start(shared(), { steps: steps.map((each) => ({ ...each, parameters: costly })), input });
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 100 });
    const watch = await watchWorkflow(shared(), started);
    expect(await watch.ended).toBeNull();
    const tooCostly = { type: "EXPRESSION", message: expect.stringContaining("is too costly") };
    const failed = await readWorkflow(shared(), started);
    expect(failed).toMatchObject({ state: WorkflowState.FAILED, failure: { error: tooCostly } });

    await shared().workflow.retryWorkflow({ workflowId: started.id });
    const again = await watchWorkflow(shared(), started);
    expect(await again.ended).toBeNull();
    expect((await readWorkflow(shared(), started)).failure?.error).toMatchObject(tooCostly);
    expect(worker.tasks).toEqual([]);
    expect(present(failed.failure).stepId).toMatch(/^s\d+$/);
  });

  it("is none that reads little of a large input: all of them run", async () => {
    const queue = freshQueue();
    const steps = stepsIn(queue, Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`s${index}`, ""])));
    await start(shared(), {
      steps: steps.map((each) => ({ ...each, parameters: json("${input.l[7]}") })),
      input: large,
    });
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 100 });
    const tasks = await worker.take(100);
    expect(tasks.map(({ payload }) => fromPayload(payload))).toEqual(steps.map(() => 7));
  });

  it("is none that reads little of a large result: all of them run", async () => {
    const queue = freshQueue();
    const graph = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`s${index}`, "first"]));
    const [first, ...others] = stepsIn(queue, { first: "", ...graph });
    const reading = others.map((each) => ({ ...each, parameters: json("${results.first.l[8]}") }));
    await start(shared(), { steps: [{ ...first }, ...reading] });
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 30 });
    const [begun] = await worker.take(1);
    await worker.end([present(begun)], { case: "completed", value: { result: large } });
    const tasks = await worker.take(25);
    expect(tasks.map(({ payload }) => fromPayload(payload))).toEqual(others.map(() => 8));
  });
});
