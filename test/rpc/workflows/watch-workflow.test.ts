import { expect, it } from "vitest";
import { WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { present } from "../../harness/calls/tasks.ts";
import { watchWorkflow as follow, start, stepStates, stepsIn } from "../../harness/calls/workflows.ts";
import { refusalIn, refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

it("streams every change in order, and ends when the workflow is at rest", async () => {
  const queue = freshQueue();
  const started = await start(shared(), { steps: stepsIn(queue, { a: "", b: "a" }) });
  const watch = await follow(shared(), started);
  expect(watch.first).toMatchObject({ id: started.id, state: WorkflowState.PENDING });
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
  for (const _ of [1, 2]) await worker.complete(...(await worker.take(1)));
  expect(await watch.ended).toBeNull();
  expect(watch.lines.filter((line) => !line.startsWith("workflow"))).toEqual([
    "a RUNNING 1",
    "a COMPLETED 1",
    "b PENDING 0",
    "b RUNNING 1",
    "b COMPLETED 1",
  ]);
  expect(watch.lines.filter((line) => line.startsWith("workflow"))).toEqual(["workflow RUNNING", "workflow COMPLETED"]);
});

it("begins with the workflow as it stands, wherever that is", async () => {
  const queue = freshQueue();
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
  const started = await start(shared(), { steps: stepsIn(queue, { a: "", b: "a" }) });
  await worker.complete(...(await worker.take(1)));
  const [second] = await worker.take(1);
  const watch = await follow(shared(), started);
  expect(stepStates(watch.first)).toEqual({ a: "COMPLETED", b: "RUNNING" });
  await worker.complete(present(second));
  expect(await watch.ended).toBeNull();
  expect(watch.lines).toEqual(["b COMPLETED 1", "workflow COMPLETED"]);

  const late = await follow(shared(), started);
  expect(late.first.state).toBe(WorkflowState.COMPLETED);
  expect(await late.ended).toBeNull();
  expect(late.lines).toEqual([]);
});

it("misses nothing and repeats nothing, whenever it begins", async () => {
  const queue = freshQueue();
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue], capacity: 50 });
  const graph = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`s${n}`, n === 0 ? "" : `s${n - 1}`]));
  const started = await start(shared(), { steps: stepsIn(queue, graph) });
  const watches: Awaited<ReturnType<typeof follow>>[] = [];
  for (let done = 0; done < 12; done++) {
    const settled = worker.complete(...(await worker.take(1)));
    watches.push(await follow(shared(), started));
    await settled;
  }
  for (const watch of watches) {
    expect(await watch.ended).toBeNull();
    expect(new Set(watch.lines).size).toBe(watch.lines.length);
    const shown = Object.entries(stepStates(watch.first)).filter(([, state]) => state === "COMPLETED");
    const told = watch.lines.filter((line) => line.includes(" COMPLETED "));
    expect(shown.length + told.length).toBe(12);
  }
});

it("ends with DRAINING when the server stops", async () => {
  await using server = await startServer();
  const started = await start(server, { steps: stepsIn("shop", { a: "" }) });
  const watch = await follow(server, started);
  await server.restart();
  expect(refusalIn(await watch.ended)).toMatchObject({ code: "UNAVAILABLE", reason: "DRAINING" });
  const again = await follow(server, started);
  expect(again.first.state).toBe(WorkflowState.PENDING);
});

it.each([
  ["workflow_id", "", "INVALID_FIELD"],
  ["workflow_id", "nobody", "WORKFLOW_NOT_FOUND"],
])("names the field of a watch that is not valid: %s %j", async (field, workflowId, reason) => {
  const first = shared().workflow.watchWorkflow({ workflowId })[Symbol.asyncIterator]().next();
  expect(await refusalOf(first)).toMatchObject({ reason, field });
});
