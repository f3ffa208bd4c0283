import { expect, it } from "vitest";
import { AttemptOutcome, type Task, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker, type ScriptedWorker } from "../../harness/calls/scripted-worker.ts";
import {
  enqueue,
  enqueueMany,
  json,
  present,
  read,
  readQueue,
  span,
  type TaskInit,
} from "../../harness/calls/tasks.ts";
import { refusalOf } from "../../harness/refusal.ts";
import type { TestServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

/** A task that has been brought into a state, in a queue of its own, and the worker that did it. */
interface Brought {
  readonly server: TestServer;
  readonly queue: string;
  readonly task: Task;
  readonly worker: ScriptedWorker | null;
}

const failed = {
  case: "failed",
  value: { terminal: true, error: { message: "no paper", type: "PrinterError" } },
} as const;

async function bring(state: keyof typeof TaskState, init: TaskInit = {}): Promise<Brought> {
  const server = shared();
  const queue = freshQueue();
  const task = await enqueue(server, { queue, ...init, ...(state === "SCHEDULED" && { delay: span(3_600_000) }) });
  if (state === "CANCELLED") await server.queue.cancelTask({ taskId: task.id });
  if (state !== "RUNNING" && state !== "COMPLETED" && state !== "FAILED") return { server, queue, task, worker: null };
  const worker = await connectWorker(server, { workerId: queue, queues: [queue] });
  const taken = await worker.take(1);
  if (state === "COMPLETED") await worker.complete(...taken);
  if (state === "FAILED") await worker.end(taken, failed);
  return { server, queue, task, worker };
}

it.each(["PENDING", "SCHEDULED"] as const)("cancels a task that is %s", async (state) => {
  const { server, task, queue } = await bring(state, { payload: json(1), headers: { a: "b" } });
  const { task: told } = await server.queue.cancelTask({ taskId: task.id, reason: "out of stock" });
  expect(told).toMatchObject({
    id: task.id,
    state: TaskState.CANCELLED,
    headers: {},
    attempts: [],
    lastError: { type: "CANCELLED", message: "out of stock" },
  });
  expect(told?.payload).toBeUndefined();
  expect(told?.finishTime).toBeDefined();
  expect((await readQueue(server, queue)).statistics).toMatchObject({ pending: 0n, scheduled: 0n, cancelled: 1n });
});

it("cancels a task that runs, tells its worker why, and settles nothing of it afterwards", async () => {
  const { server, task, worker } = await bring("RUNNING");
  await server.queue.cancelTask({ taskId: task.id, reason: "out of stock" });
  const { tasks } = await present(worker).next("cancel");
  expect(tasks).toMatchObject([{ taskId: task.id, attempt: 1, reason: "out of stock" }]);
  expect(await worker?.complete({ id: task.id, attempt: 1 })).toEqual(["STALE"]);
  expect(await read(server, task)).toMatchObject({
    state: TaskState.CANCELLED,
    attempts: [{ outcome: AttemptOutcome.CANCELLED, error: { message: "out of stock" } }],
  });
});

it("cancels a cancelled task again without harm", async () => {
  const { server, task } = await bring("CANCELLED");
  const before = await read(server, task);
  const { task: told } = await server.queue.cancelTask({ taskId: task.id, reason: "another reason" });
  expect(told).toMatchObject({
    state: TaskState.CANCELLED,
    lastError: before.lastError,
    finishTime: before.finishTime,
  });
});

it.each(["COMPLETED", "FAILED"] as const)("cannot cancel a task that is %s", async (state) => {
  const { server, task } = await bring(state);
  expect(await refusalOf(server.queue.cancelTask({ taskId: task.id }))).toMatchObject({
    code: "FAILED_PRECONDITION",
    reason: "TASK_FINISHED",
    domain: "sitq",
    field: "task_id",
    metadata: { state: state.toLowerCase() },
  });
});

it("takes 1 KiB of reason", async () => {
  const { server, task } = await bring("PENDING");
  expect(await refusalOf(server.queue.cancelTask({ taskId: task.id, reason: "é".repeat(513) }))).toMatchObject({
    field: "reason",
  });
  await server.queue.cancelTask({ taskId: task.id, reason: "é".repeat(512) });
});

it.each(["FAILED", "CANCELLED"] as const)("puts a task back that is %s, with a fresh allowance", async (state) => {
  const { server, queue, task } = await bring(state, { maxAttempts: 1 });
  const { task: told } = await server.queue.retryTask({ taskId: task.id });
  const used = state === "FAILED" ? 1 : 0;
  expect(told).toMatchObject({ state: TaskState.PENDING, attempt: used, maxAttempts: used + 1, attempts: [] });
  expect(told?.finishTime).toBeUndefined();
  const worker = await connectWorker(server, { workerId: queue, queues: [queue] });
  const [again] = await worker.take(1);
  expect(again).toMatchObject({ id: task.id, attempt: used + 1 });
  await worker.end([present(again)], { case: "failed", value: {} });
  expect(await read(server, task)).toMatchObject({ state: TaskState.FAILED, attempt: used + 1 });
});

it("brings a waiting retry forward to now", async () => {
  const { server, queue, task } = await bring("PENDING");
  const worker = await connectWorker(server, { queues: [queue] });
  await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(3_600_000) } });
  expect((await read(server, task)).state).toBe(TaskState.SCHEDULED);
  await server.queue.retryTask({ taskId: task.id });
  expect(await worker.take(1)).toMatchObject([{ id: task.id, attempt: 2 }]);
});

it.each(["PENDING", "RUNNING", "COMPLETED"] as const)("has nothing to retry of a task that is %s", async (state) => {
  const { server, task } = await bring(state);
  expect(await refusalOf(server.queue.retryTask({ taskId: task.id }))).toMatchObject({
    code: "FAILED_PRECONDITION",
    reason: "TASK_NOT_RETRYABLE",
    field: "task_id",
  });
});

it("does not put a task back beside another with its deduplication_key", async () => {
  const { server, task, queue } = await bring("CANCELLED", { deduplicationKey: "k" });
  const other = await enqueue(server, { queue, deduplicationKey: "k" });
  const refusal = await refusalOf(server.queue.retryTask({ taskId: task.id }));
  expect(refusal).toMatchObject({ reason: "DUPLICATE_TASK", metadata: { task_id: other.id } });
});

it.each(["PENDING", "SCHEDULED", "COMPLETED", "FAILED", "CANCELLED"] as const)(
  "forgets a task that is %s",
  async (state) => {
    const { server, task, queue } = await bring(state);
    await server.queue.deleteTask({ taskId: task.id });
    expect(await refusalOf(server.queue.getTask({ taskId: task.id }))).toMatchObject({ reason: "TASK_NOT_FOUND" });
    expect((await server.queue.listTasks({ filter: { queue } })).tasks).toEqual([]);
    const { statistics } = await readQueue(server, queue);
    expect(Object.values(present(statistics)).filter((value) => typeof value === "bigint")).toEqual(Array(7).fill(0n));
  },
);

it("does not forget a task that runs", async () => {
  const { server, task } = await bring("RUNNING");
  expect(await refusalOf(server.queue.deleteTask({ taskId: task.id }))).toMatchObject({
    code: "FAILED_PRECONDITION",
    reason: "TASK_RUNNING",
    field: "task_id",
  });
  expect((await read(server, task)).state).toBe(TaskState.RUNNING);
});

it("forgets the request_id with its task", async () => {
  const server = shared();
  const queue = freshQueue();
  const request = { task: { queue, type: "ship" }, requestId: queue };
  const first = await server.queue.enqueue(request);
  await server.queue.deleteTask({ taskId: present(first.task).id });
  const second = await server.queue.enqueue(request);
  expect(second.created).toBe(true);
  expect(second.task?.id).not.toBe(first.task?.id);
});

it.each(["cancelTask", "retryTask", "deleteTask"] as const)("knows the task it is told: %s", async (method) => {
  const call = shared().queue[method];
  expect(await refusalOf(call({ taskId: "nobody" }))).toMatchObject({
    code: "NOT_FOUND",
    reason: "TASK_NOT_FOUND",
    domain: "sitq",
    field: "task_id",
    metadata: { task_id: "nobody" },
  });
  expect(await refusalOf(call({}))).toMatchObject({ code: "INVALID_ARGUMENT", field: "task_id" });
});

/** Twelve failed tasks, two cancelled and one that waits. */
async function manyFailed() {
  const server = shared();
  const queue = freshQueue();
  const tasks = await enqueueMany(server, 12, { queue, type: "bill" });
  const worker = await connectWorker(server, { queues: [queue], capacity: 12 });
  await worker.end(await worker.take(12), failed);
  worker.cut();
  await worker.ended;
  const others = await enqueueMany(server, 3, { queue });
  for (const { id } of others.slice(0, 2)) await server.queue.cancelTask({ taskId: id });
  return { server, queue, ids: tasks.map(({ id }) => id) };
}

it("counts what a retry of many would put back, and changes nothing", async () => {
  const { server, queue, ids } = await manyFailed();
  const told = await server.queue.retryTasks({ filter: { queue }, dryRun: true });
  expect(told.taskCount).toBe(12n);
  expect(told.sampleTaskIds).toHaveLength(10);
  expect(ids).toEqual(expect.arrayContaining(told.sampleTaskIds));
  expect((await readQueue(server, queue)).statistics).toMatchObject({ failed: 12n, pending: 1n });
});

it("puts every failed task back that matches, and hands them out", async () => {
  const { server, queue, ids } = await manyFailed();
  const told = await server.queue.retryTasks({ filter: { queue, type: "bill" } });
  expect(told.taskCount).toBe(12n);
  expect((await readQueue(server, queue)).statistics).toMatchObject({ failed: 0n, pending: 13n, cancelled: 2n });
  const worker = await connectWorker(server, { queues: [queue], capacity: 20 });
  const taken = await worker.take(13);
  expect(
    taken
      .filter(({ attempt }) => attempt === 2)
      .map(({ id }) => id)
      .sort(),
  ).toEqual([...ids].sort());
});

it("wakes a worker that is idle when many are put back", async () => {
  const { server, queue } = await manyFailed();
  const worker = await connectWorker(server, { queues: [queue], capacity: 20 });
  await worker.take(1);
  await server.queue.retryTasks({ filter: { queue } });
  expect(await worker.take(12)).toHaveLength(12);
});

it("puts cancelled tasks back where the filter says so", async () => {
  const { server, queue } = await manyFailed();
  const told = await server.queue.retryTasks({ filter: { queue, states: [TaskState.CANCELLED] } });
  expect(told.taskCount).toBe(2n);
  expect((await readQueue(server, queue)).statistics).toMatchObject({ failed: 12n, pending: 3n, cancelled: 0n });
});

it("wants a filter before it retries many, and one of states that can be retried", async () => {
  const { queue } = shared();
  expect(await refusalOf(queue.retryTasks({}))).toMatchObject({ code: "INVALID_ARGUMENT", field: "filter" });
  const states = [TaskState.FAILED, TaskState.COMPLETED];
  expect(await refusalOf(queue.retryTasks({ filter: { states } }))).toMatchObject({ field: "filter.states[1]" });
});
