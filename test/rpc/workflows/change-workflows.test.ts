import { describe, expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CompensationState, WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { present } from "../../harness/calls/tasks.ts";
import { readWorkflow, start, step, stepStates, stepsIn, watchWorkflow } from "../../harness/calls/workflows.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

const lost = { case: "failed", value: { error: { message: "no", type: "No" }, terminal: true } } as const;

describe("CancelWorkflow", () => {
  it("stops what runs over its worker's stream, and lets nothing begin", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const started = await start(shared(), { steps: stepsIn(queue, { a: "", b: "", c: "a b" }) });
    const tasks = await worker.take(2);
    const request = { workflowId: started.id, reason: "the customer left" };
    const { workflow } = await shared().workflow.cancelWorkflow(request);
    const told = [...(await worker.next("cancel")).tasks, ...(await worker.next("cancel")).tasks];
    expect(told.map(({ taskId }) => taskId).toSorted()).toEqual(tasks.map(({ id }) => id).toSorted());
    expect(told.map(({ reason }) => reason)).toEqual(["the customer left", "the customer left"]);

    expect(workflow).toMatchObject({
      state: WorkflowState.CANCELLED,
      compensationState: CompensationState.UNSPECIFIED,
      failure: { stepId: "", error: { type: "CANCELLED", message: "the customer left" } },
    });
    expect(workflow?.finishTime).toBeDefined();
    expect(stepStates(present(workflow))).toEqual({ a: "CANCELLED", b: "CANCELLED", c: "CANCELLED" });
    expect(await worker.complete(...tasks)).toEqual(["STALE", "STALE"]);
    expect((await shared().workflow.cancelWorkflow(request)).workflow).toMatchObject({ id: started.id });
  });

  it("undoes what was completed if asked to", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const started = await start(shared(), { steps: stepsIn(queue, { a: "", b: "a" }, { compensateWith: "undo" }) });
    await worker.complete(...(await worker.take(1)));
    await worker.take(1);
    const { workflow } = await shared().workflow.cancelWorkflow({ workflowId: started.id, compensate: true });
    expect(workflow).toMatchObject({ compensationState: CompensationState.RUNNING });
    expect(workflow?.finishTime).toBeUndefined();
    const [undo] = await worker.take(1);
    expect(undo?.type).toBe("undo");
    await worker.complete(present(undo));
    const undone = await readWorkflow(shared(), started);
    expect(undone).toMatchObject({ state: WorkflowState.CANCELLED, compensationState: CompensationState.COMPLETED });
    expect(step(undone, "b").compensation).toBeUndefined();
    expect(await refusalOf(shared().workflow.retryWorkflow({ workflowId: started.id }))).toMatchObject({
      reason: "WORKFLOW_NOT_RETRYABLE",
      metadata: { state: "cancelled", compensation: "completed" },
    });
  });
});

describe("RetryWorkflow", () => {
  it("goes on from the failed step, and what is completed stays so", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const started = await start(shared(), { steps: stepsIn(queue, { a: "", b: "a", c: "b" }) });
    await worker.complete(...(await worker.take(1)));
    await worker.end(await worker.take(1), lost);
    const failed = await readWorkflow(shared(), started);
    expect(stepStates(failed)).toEqual({ a: "COMPLETED", b: "FAILED", c: "CANCELLED" });

    const { workflow } = await shared().workflow.retryWorkflow({ workflowId: started.id });
    expect(workflow).toMatchObject({ state: WorkflowState.RUNNING });
    expect(workflow?.failure).toBeUndefined();
    for (const type of ["b", "c"]) {
      const [task] = await worker.take(1);
      expect(task?.type).toBe(type);
      await worker.complete(present(task));
    }
    const done = await readWorkflow(shared(), started);
    expect(done.state).toBe(WorkflowState.COMPLETED);
    expect(done.steps.map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
  });

  it("goes on with a compensation that failed", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const steps = stepsIn(queue, { a: "", b: "a", c: "b" }, { compensateWith: "undo" });
    const started = await start(shared(), { steps });
    for (const _ of [1, 2]) await worker.complete(...(await worker.take(1)));
    await worker.end(await worker.take(1), lost);
    await worker.end(await worker.take(1), lost);
    expect(await readWorkflow(shared(), started)).toMatchObject({ compensationState: CompensationState.FAILED });

    const watch = await watchWorkflow(shared(), started);
    expect(await watch.ended).toBeNull();
    await shared().workflow.retryWorkflow({ workflowId: started.id });
    for (const _ of [1, 2]) await worker.complete(...(await worker.take(1)));
    const undone = await readWorkflow(shared(), started);
    expect(undone).toMatchObject({ state: WorkflowState.FAILED, compensationState: CompensationState.COMPLETED });
    expect([step(undone, "b"), step(undone, "a")].map(({ compensation }) => compensation?.attempt)).toEqual([2, 1]);
  });
});

describe("the tasks of a workflow", () => {
  it("cannot be retried or deleted alone", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const started = await start(shared(), { steps: stepsIn(queue, { a: "" }) });
    const taskId = step(started, "a").taskId;
    await worker.end(await worker.take(1), lost);
    for (const call of [shared().queue.retryTask({ taskId }), shared().queue.deleteTask({ taskId })]) {
      expect(await refusalOf(call)).toMatchObject({
        code: "FAILED_PRECONDITION",
        reason: "TASK_IN_WORKFLOW",
        field: "task_id",
      });
    }
    const { taskCount } = await shared().queue.retryTasks({ filter: { queue } });
    expect(taskCount).toBe(0n);
    expect((await readWorkflow(shared(), started)).steps[0]?.state).toBe(TaskState.FAILED);
  });

  it("fail their workflow when one is cancelled alone", async () => {
    const queue = freshQueue();
    const started = await start(shared(), { steps: stepsIn(queue, { a: "", b: "a" }) });
    await shared().queue.cancelTask({ taskId: step(started, "a").taskId, reason: "stop" });
    expect(await readWorkflow(shared(), started)).toMatchObject({
      state: WorkflowState.FAILED,
      failure: { stepId: "a", error: { type: "CANCELLED", message: "stop" } },
    });
  });
});

describe("ListWorkflows", () => {
  it("pages through what matches, newest first", async () => {
    const [queue, other] = [freshQueue(), freshQueue()];
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      const name = n === 2 ? "refund-order" : "place-order";
      const { id } = await start(shared(), { name, steps: stepsIn(queue, { a: "" }), correlationId: other });
      ids.unshift(id);
    }
    await shared().workflow.cancelWorkflow({ workflowId: present(ids[0]) });

    const listed: string[] = [];
    let pageToken = "";
    do {
      const page = await shared().workflow.listWorkflows({ filter: { correlationId: other }, pageSize: 2, pageToken });
      expect(page.workflows.length).toBeLessThanOrEqual(2);
      expect(page.workflows.every(({ steps }) => steps.length === 0)).toBe(true);
      listed.push(...page.workflows.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken !== "");
    expect(listed).toEqual(ids);

    const idsOf = async (filter: Parameters<ReturnType<typeof shared>["workflow"]["listWorkflows"]>[0]["filter"]) =>
      (await shared().workflow.listWorkflows({ filter: { ...filter, correlationId: other } })).workflows.map(
        ({ id }) => id,
      );
    expect(await idsOf({ name: "refund-order" })).toEqual([ids[2]]);
    expect(await idsOf({ states: [WorkflowState.CANCELLED] })).toEqual([ids[0]]);
    expect(await idsOf({ states: [WorkflowState.PENDING, WorkflowState.CANCELLED] })).toEqual(ids);
    expect(await idsOf({ createdBefore: { seconds: 1n, nanos: 0 } })).toEqual([]);
    expect(await idsOf({ createdAfter: { seconds: 1n, nanos: 0 } })).toEqual(ids);
  });

  it.each([
    ["filter.name", { filter: { name: "no blanks" } }],
    ["filter.states[1]", { filter: { states: [WorkflowState.PENDING, 77] } }],
    ["filter.states[0]", { filter: { states: [0] } }],
    ["filter.correlation_id", { filter: { correlationId: "x".repeat(257) } }],
    ["page_size", { pageSize: 1_001 }],
    ["page_token", { pageToken: "x" }],
  ])("refuses and names %s", async (field, request) => {
    expect(await refusalOf(shared().workflow.listWorkflows(request))).toMatchObject({
      code: "INVALID_ARGUMENT",
      field,
    });
  });
});
