import { expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { readWorkflow, start, stepsIn } from "../../harness/calls/workflows.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

it("runs a workflow that was created PENDING once it is executed, and takes a repeat", async () => {
  const queue = freshQueue();
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
  const request = { name: "later", steps: stepsIn(queue, { a: "", b: "a" }), requestId: queue, pending: true };
  const { workflow, created } = await shared().workflow.startWorkflow(request);
  const id = workflow?.id ?? "";
  expect(created).toBe(true);
  expect(await shared().workflow.startWorkflow(request)).toMatchObject({ created: false, workflow: { id } });
  expect(await refusalOf(shared().workflow.startWorkflow({ ...request, pending: false }))).toMatchObject({
    reason: "REQUEST_ID_REUSED",
  });
  expect(await readWorkflow(shared(), { id })).toMatchObject({
    state: WorkflowState.PENDING,
    steps: [
      { state: TaskState.BLOCKED, wait: { awaitsExecution: true, stepIds: [] } },
      { state: TaskState.BLOCKED, wait: { awaitsExecution: false, stepIds: ["a"] } },
    ],
  });
  expect(await shared().workflow.executeWorkflow({ workflowId: id })).toMatchObject({ executed: true });
  expect(await shared().workflow.executeWorkflow({ workflowId: id })).toMatchObject({ executed: false });
  for (const _ of ["a", "b"]) await worker.complete(...(await worker.take(1)));
  expect(await readWorkflow(shared(), { id })).toMatchObject({ state: WorkflowState.COMPLETED });
  expect(await shared().workflow.executeWorkflow({ workflowId: id })).toMatchObject({
    executed: false,
    workflow: { state: WorkflowState.COMPLETED },
  });
});

it("begins by a retry after it was cancelled, without waiting to be executed", async () => {
  const queue = freshQueue();
  const { id } = await start(shared(), { steps: stepsIn(queue, { a: "", b: "a" }), pending: true });
  await shared().workflow.cancelWorkflow({ workflowId: id });
  const { workflow } = await shared().workflow.retryWorkflow({ workflowId: id });
  expect(workflow).toMatchObject({ steps: [{ state: TaskState.PENDING }, { state: TaskState.BLOCKED }] });
  expect(await readWorkflow(shared(), { id })).toMatchObject({
    steps: [{ wait: { awaitsExecution: false } }, { wait: { awaitsExecution: false, stepIds: ["a"] } }],
  });
  expect(await shared().workflow.executeWorkflow({ workflowId: id })).toMatchObject({ executed: false });
  const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
  for (const _ of ["a", "b"]) await worker.complete(...(await worker.take(1)));
  expect(await readWorkflow(shared(), { id })).toMatchObject({ state: WorkflowState.COMPLETED });
});

it("refuses one that was cancelled, and one that is not there", async () => {
  const { id } = await start(shared(), { steps: stepsIn(freshQueue(), { a: "" }), pending: true });
  await shared().workflow.cancelWorkflow({ workflowId: id });
  expect(await refusalOf(shared().workflow.executeWorkflow({ workflowId: id }))).toMatchObject({
    code: "FAILED_PRECONDITION",
    reason: "WORKFLOW_FINISHED",
    field: "workflow_id",
  });
  for (const workflowId of ["nobody", ""]) {
    expect(await refusalOf(shared().workflow.executeWorkflow({ workflowId }))).toMatchObject({ field: "workflow_id" });
  }
});
