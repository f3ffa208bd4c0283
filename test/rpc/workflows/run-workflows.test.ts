import { describe, expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CompensationState, WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";
import { fromPayload } from "../../../src/client/index.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { json, present } from "../../harness/calls/tasks.ts";
import { readWorkflow, start, step, stepStates, stepsIn, watchWorkflow } from "../../harness/calls/workflows.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

/** An outcome with a result. */
function completedWith(value: Parameters<typeof json>[0]) {
  return { case: "completed", value: { result: json(value) } } as const;
}

describe("a workflow", () => {
  it("runs its steps as their dependencies are completed, and hands the results on", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const steps = stepsIn(queue, { reserve: "", pay: "reserve", pack: "reserve", ship: "pay pack" });
    const started = await start(shared(), { steps, input: json({ order: 7 }), sourceService: "shop" });
    expect(started).toMatchObject({ name: "place-order", state: WorkflowState.PENDING, sourceService: "shop" });
    expect(started.correlationId).toBe(started.id);
    expect(stepStates(started)).toEqual({ reserve: "PENDING", pay: "BLOCKED", pack: "BLOCKED", ship: "BLOCKED" });

    const [reserve] = await worker.take(1);
    expect(reserve).toMatchObject({ type: "reserve", correlationId: started.id, results: {} });
    await worker.end([present(reserve)], completedWith({ shelf: "A" }));
    const both = await worker.take(2);
    expect(both.map(({ type }) => type).toSorted()).toEqual(["pack", "pay"]);
    for (const task of both) expect(fromPayload(task.results.reserve)).toEqual({ shelf: "A" });
    for (const task of both) await worker.end([task], completedWith(task.type));
    const [ship] = await worker.take(1);
    expect(fromPayload(ship?.results.pay)).toBe("pay");
    expect(fromPayload(ship?.results.pack)).toBe("pack");
    await worker.complete(present(ship));

    const done = await readWorkflow(shared(), started);
    expect(done).toMatchObject({ state: WorkflowState.COMPLETED, compensationState: CompensationState.UNSPECIFIED });
    expect(done.finishTime).toBeDefined();
    expect(done.duration).toBeDefined();
    expect(fromPayload(done.input)).toEqual({ order: 7 });
    expect(fromPayload(step(done, "reserve").result)).toEqual({ shelf: "A" });
    expect(step(done, "pay")).toMatchObject({ dependsOn: ["reserve"], attempt: 1, workerId: queue, maxRetries: 3 });
  });

  it("hands to a step the traces of the steps that it waited for, which the stream and the call report", async () => {
    const queue = freshQueue();
    const steps = stepsIn(queue, { a: "", b: "", c: "", d: "a b c" });
    await start(shared(), { steps });
    const span = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`;
    const { worker } = shared();
    const claim = (most: number) => worker.claimTasks({ workerId: queue, queues: [queue], maxTasks: most });
    const { tasks } = await claim(3);
    const [a, b, c] = tasks.map(({ id: taskId, attempt }) => ({ workerId: queue, taskId, attempt }));
    await worker.completeTask({ ...present(a), traceparent: span("a") });
    // What cannot be read is no reason to refuse what was done.
    await worker.completeTask({ ...present(b), traceparent: "no span" });
    const outcome = { case: "completed", value: { result: json(1), traceparent: span("c") } } as const;
    await worker.settleTasks({ workerId: queue, outcomes: [{ ...present(c), outcome }] });
    const [d] = (await claim(1)).tasks;
    expect(d?.stepTraceparents).toEqual({ a: span("a"), c: span("c") });
  });

  it("works expressions out when a step is handed out, the same for every attempt", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const [price, pay, report] = stepsIn(queue, { price: "", pay: "price", report: "pay" });
    const parameters = json({
      amount: "${results.price.net * 1.5}",
      order: "order-${input.id}",
      first: "${input.items[0]}",
      plain: "$${x}",
    });
    const policy = { initialBackoff: { seconds: 0n, nanos: 0 } };
    const about = { parameters: json("${workflow.name} ${workflow.correlation_id}: ${results.price.net}") };
    const steps = [{ ...price }, { ...pay, parameters, retryPolicy: policy }, { ...report, ...about }];
    await start(shared(), { steps, input: json({ id: 7, items: ["cup"] }), correlationId: "c-1" });

    await worker.end(await worker.take(1), completedWith({ net: 10 }));
    for (const attempt of [1, 2]) {
      const [task] = await worker.take(1);
      expect(task?.attempt).toBe(attempt);
      expect(fromPayload(task?.payload)).toEqual({ amount: 15, order: "order-7", first: "cup", plain: "${x}" });
      const failed = { case: "failed", value: { error: { message: "no" } } } as const;
      await worker.end([present(task)], attempt === 1 ? failed : completedWith("paid"));
    }
    const [last] = await worker.take(1);
    expect(fromPayload(last?.payload)).toBe("place-order c-1: 10");
    // It depends on one step, and names another.
    expect(Object.keys(last?.results ?? {}).toSorted()).toEqual(["pay", "price"]);
  });

  it("fails at a step whose expression has no value, and the other tasks of the claim go on", async () => {
    const queue = freshQueue();
    const [first, second] = stepsIn(queue, { broken: "", sound: "" });
    const started = await start(shared(), {
      steps: [{ ...first, parameters: json({ a: ["${input.missing}"] }) }, { ...second }],
      input: json({}),
    });
    const { tasks } = await shared().worker.claimTasks({ workerId: "by-hand", queues: [queue], maxTasks: 10 });
    expect(tasks.map(({ type }) => type)).toEqual(["sound"]);
    const watch = await watchWorkflow(shared(), started);
    await shared().worker.completeTask({ workerId: "by-hand", taskId: present(tasks[0]).id, attempt: 1 });
    expect(await watch.ended).toBeNull();
    expect(await readWorkflow(shared(), started)).toMatchObject({
      state: WorkflowState.FAILED,
      failure: {
        stepId: "broken",
        error: { type: "EXPRESSION", message: "parameters.json.a[0]: field not found: missing" },
      },
    });
  });

  it("fails at a step whose results do not fit into one message", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const started = await start(shared(), { steps: stepsIn(queue, { a: "", b: "", c: "", d: "", all: "a b c d" }) });
    const watch = await watchWorkflow(shared(), started);
    for (const task of await worker.take(4)) await worker.end([task], completedWith("x".repeat(900_000)));
    expect(await watch.ended).toBeNull();
    const failed = await readWorkflow(shared(), started);
    expect(failed.failure).toMatchObject({ stepId: "all", error: { type: "STEP_TOO_LARGE" } });
    // Nor does the workflow fit: the largest results are left out.
    expect(failed.steps.filter(({ result }) => result !== undefined).length).toBeLessThan(4);
    expect(step(failed, "all").attempt).toBe(1);
  });

  it("undoes what was completed when a step fails for good, newest first", async () => {
    const queue = freshQueue();
    const worker = await connectWorker(shared(), { workerId: queue, queues: [queue] });
    const [reserve, pay, ship] = stepsIn(queue, { reserve: "", pay: "reserve", ship: "pay" });
    const started = await start(shared(), {
      steps: [
        { ...reserve, parameters: json({ item: "${input}" }), compensateWith: "release" },
        { ...pay, compensateWith: "refund" },
        { ...ship, maxRetries: 0 },
      ],
      input: json("cup"),
    });
    const watch = await watchWorkflow(shared(), started);
    await worker.end(await worker.take(1), completedWith("r-1"));
    await worker.end(await worker.take(1), completedWith("p-1"));
    await worker.end(await worker.take(1), { case: "failed", value: { error: { message: "lost", type: "Lost" } } });

    const [refund] = await worker.take(1);
    expect(refund?.type).toBe("refund");
    expect(fromPayload(refund?.results.pay)).toBe("p-1");
    await worker.complete(present(refund));
    const [release] = await worker.take(1);
    expect(release?.type).toBe("release");
    expect(fromPayload(release?.payload)).toEqual({ item: "cup" });
    expect(fromPayload(release?.results.reserve)).toBe("r-1");
    await worker.end([present(release)], completedWith("released"));

    expect(await watch.ended).toBeNull();
    const undone = await readWorkflow(shared(), started);
    expect(undone).toMatchObject({
      state: WorkflowState.FAILED,
      compensationState: CompensationState.COMPLETED,
      failure: { stepId: "ship", error: { type: "Lost" } },
    });
    expect(step(undone, "reserve").compensation).toMatchObject({ state: TaskState.COMPLETED, attempt: 1 });
    expect(fromPayload(step(undone, "reserve").compensation?.result)).toBe("released");
    expect(watch.lines.at(-1)).toBe("workflow FAILED COMPLETED");
  });

  it("shows what waits, for whom and since when, and that nobody works it", async () => {
    const [queue, other] = [freshQueue(), freshQueue()];
    const steps = [...stepsIn(queue, { a: "" }), ...stepsIn(other, { b: "a" })];
    const started = await start(shared(), { steps });
    const alone = await readWorkflow(shared(), started);
    expect(step(alone, "a").wait).toMatchObject({
      stepIds: [],
      serviceName: queue,
      workerCount: 0,
      sinceTime: started.createTime,
    });
    expect(step(alone, "b").wait).toMatchObject({ stepIds: ["a"], serviceName: other, workerCount: 0 });
    expect(step(alone, "b").wait?.sinceTime).toBeUndefined();

    const worker = await connectWorker(shared(), { workerId: other, queues: [other] });
    const byHand = { workerId: "by-hand", taskId: step(started, "a").taskId, attempt: 1 };
    await shared().worker.claimTasks({ workerId: "by-hand", queues: [queue] });
    expect(step(await readWorkflow(shared(), started), "b").wait).toMatchObject({ workerCount: 1 });
    expect(step(await readWorkflow(shared(), started), "a").wait).toBeUndefined();
    const retryDelay = { seconds: 60n, nanos: 0 };
    await shared().worker.failTask({ ...byHand, error: { message: "later" }, retryDelay });
    const retried = step(await readWorkflow(shared(), started), "a");
    expect(retried).toMatchObject({ state: TaskState.SCHEDULED, lastError: { message: "later" } });
    expect(present(retried.wait?.sinceTime).seconds).toBeGreaterThan(present(started.createTime).seconds + 50n);
    worker.close();
  });
});
