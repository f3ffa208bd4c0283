import { expect, it } from "vitest";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, present, read, readQueue, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

/** A queue with failed tasks: two of one kind of error, three of another. */
async function withFailures() {
  const server = shared();
  const queue = freshQueue();
  const worker = await connectWorker(server, { queues: [queue], capacity: 5 });
  const tasks = await enqueueMany(server, 5, { queue, type: "send" });
  const taken = await worker.take(5);
  const endAs = (type: string, message: string, from: number, to: number) =>
    worker.end(taken.slice(from, to), {
      case: "failed",
      value: { terminal: true, error: { type, message, stackTrace: "" } },
    });
  await endAs("SmtpError", "421 Greylisted", 0, 2);
  await endAs("GatewayTimeout", "504", 2, 5);
  worker.cut();
  await worker.ended;
  return { server, queue, ids: tasks.map(({ id }) => id) };
}

it("cancels all that match, after a dry run that changed nothing, and signals those that run", async () => {
  const server = shared();
  const queue = freshQueue();
  const worker = await connectWorker(server, { queues: [queue], workerId: queue, capacity: 2 });
  const tasks = await enqueueMany(server, 5, { queue });
  const running = await worker.take(2);
  const filter = { queue };
  const dry = await server.queue.cancelTasks({ filter, dryRun: true });
  expect(dry).toMatchObject({ taskCount: 5n, skipped: [], errorTypes: [] });
  expect((await readQueue(server, queue)).statistics).toMatchObject({ pending: 3n, running: 2n });

  const told = await server.queue.cancelTasks({ filter, reason: "sold out" });
  expect(told).toMatchObject({ taskCount: 5n, sampleTaskIds: tasks.map(({ id }) => id).reverse() });
  const signals = [await worker.next("cancel"), await worker.next("cancel")];
  const signalled = signals.flatMap(({ tasks: cancelled }) => cancelled);
  expect(signalled).toMatchObject(signalled.map(() => ({ message: "sold out" })));
  expect(signalled.map(({ taskId }) => taskId).sort()).toEqual(running.map(({ id }) => id).sort());
  for (const task of tasks) {
    expect(await read(server, task)).toMatchObject({
      state: TaskState.CANCELLED,
      lastError: { type: "CANCELLED", message: "sold out" },
    });
  }
  expect((await server.queue.cancelTasks({ filter })).taskCount).toBe(0n);
});

it("cancels what runs for too long, and nothing else", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const worker = await connectWorker(server, { capacity: 2 });
  const hanging = await enqueue(server);
  await worker.take(1);
  clock.advance(5_000);
  const fresh = await enqueue(server);
  await worker.take(1);
  const filter = { states: [TaskState.RUNNING], minStateAge: span(5_000) };
  expect((await server.queue.cancelTasks({ filter })).sampleTaskIds).toEqual([hanging.id]);
  expect((await read(server, fresh)).state).toBe(TaskState.RUNNING);
});

it("lets waiting tasks go where those that were cancelled had used up max_running", async () => {
  const server = shared();
  const queue = freshQueue();
  await server.queue.updateQueue({ queue: { name: queue, maxRunning: 1 }, allowMissing: true });
  const worker = await connectWorker(server, { queues: [queue], capacity: 3 });
  const first = await enqueue(server, { queue, priority: 1 });
  const second = await enqueue(server, { queue });
  expect(await worker.take(1)).toMatchObject([{ id: first.id }]);
  await server.queue.cancelTasks({ filter: { queue, minPriority: 1 } });
  expect(await worker.take(1)).toMatchObject([{ id: second.id }]);
});

it("counts by the type of error first, and puts one kind back", async () => {
  const { server, queue, ids } = await withFailures();
  const dry = await server.queue.retryTasks({ filter: { queue }, dryRun: true });
  expect(dry.taskCount).toBe(5n);
  expect(dry.errorTypes).toMatchObject([
    { errorType: "GatewayTimeout", taskCount: 3n },
    { errorType: "SmtpError", taskCount: 2n },
  ]);
  const told = await server.queue.retryTasks({ filter: { queue, errorType: "GatewayTimeout" } });
  expect(told).toMatchObject({ taskCount: 3n, sampleTaskIds: ids.slice(2), errorTypes: [] });
  expect((await readQueue(server, queue)).statistics).toMatchObject({ failed: 2n, pending: 3n });
});

it("deletes and purges by the filter, and keeps what runs", async () => {
  const { server, queue, ids } = await withFailures();
  const worker = await connectWorker(server, { queues: [queue], capacity: 1 });
  await enqueue(server, { queue });
  await worker.take(1);
  const byText = { queue, errorText: "greylisted" };
  expect(await server.queue.deleteTasks({ filter: byText, dryRun: true })).toMatchObject({
    taskCount: 2n,
    errorTypes: [{ errorType: "SmtpError", taskCount: 2n }],
  });
  expect((await server.queue.deleteTasks({ filter: byText })).sampleTaskIds).toEqual(ids.slice(0, 2).reverse());
  const purged = await server.queue.purgeQueue({ name: queue, filter: { queue, errorType: "GatewayTimeout" } });
  expect(purged).toMatchObject({ taskCount: 3n, sampleTaskIds: ids.slice(2).reverse() });
  expect((await server.queue.deleteTasks({ filter: { queue } })).taskCount).toBe(0n);
  expect((await readQueue(server, queue)).statistics).toMatchObject({ failed: 0n, running: 1n });
});

it("wants a filter, and states in which tasks can be changed so", async () => {
  const { queue } = shared();
  const name = freshQueue();
  await enqueue(shared(), { queue: name });
  const states = [TaskState.PENDING, TaskState.RUNNING, TaskState.FAILED];
  const refused = [
    [queue.cancelTasks({}), "filter"],
    [queue.deleteTasks({}), "filter"],
    [queue.cancelTasks({ filter: { states } }), "filter.states[2]"],
    [queue.deleteTasks({ filter: { states } }), "filter.states[1]"],
    [queue.retryTasks({ filter: { states } }), "filter.states[0]"],
    [queue.purgeQueue({ name, filter: { states } }), "filter.states[1]"],
    [queue.purgeQueue({ name, states: [TaskState.FAILED], filter: { states: [TaskState.FAILED] } }), "filter.states"],
    [queue.purgeQueue({ name, filter: { queue: "other" } }), "filter.queue"],
    [queue.cancelTasks({ filter: {}, reason: "x".repeat(1_025) }), "reason"],
    [queue.cancelTasks({ filter: { minAttempt: -1 } }), "filter.min_attempt"],
  ] as const;
  for (const [call, field] of refused) {
    expect(await refusalOf(call)).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
  }
});

it("lists the kinds of failures, and nothing of a queue that it does not know", async () => {
  const { server, queue, ids } = await withFailures();
  const { failures, nextPageToken } = await server.queue.listFailures({ queue, pageSize: 1 });
  expect(failures).toMatchObject([
    { queue, taskType: "send", errorType: "GatewayTimeout", taskCount: 3n, sampleTaskId: ids[4], sampleMessage: "504" },
  ]);
  const next = await server.queue.listFailures({ queue, pageToken: nextPageToken });
  expect(next).toMatchObject({ failures: [{ errorType: "SmtpError", taskCount: 2n }], nextPageToken: "" });
  expect((await server.queue.listFailures({ queue, type: "other" })).failures).toEqual([]);
  expect((await server.queue.listFailures({ queue: "nowhere" })).failures).toEqual([]);
  const others = { type: "send", pageToken: nextPageToken };
  expect(await refusalOf(server.queue.listFailures(others))).toMatchObject({ reason: "INVALID_PAGE_TOKEN" });
  expect(await refusalOf(server.queue.listFailures({ queue: "a b" }))).toMatchObject({ field: "queue" });
  expect(await refusalOf(server.queue.listFailures({ type: "a b" }))).toMatchObject({ field: "type" });
});

it("cuts the message of an example, so that a page fits into a message", async () => {
  const server = shared();
  const queue = freshQueue();
  await enqueue(server, { queue });
  const worker = await connectWorker(server, { queues: [queue] });
  const error = { type: "E", message: "m".repeat(8_000), stackTrace: "" };
  await worker.end(await worker.take(1), { case: "failed", value: { terminal: true, error } });
  const [group] = (await server.queue.listFailures({ queue })).failures;
  expect(present(group).sampleMessage).toBe("m".repeat(1_024));
});
