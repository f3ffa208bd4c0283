import { connect } from "node:http2";
import { create, toBinary } from "@bufbuild/protobuf";
import { status } from "@grpc/grpc-js";
import { expect, it, onTestFinished } from "vitest";
import { WatchTasksRequestSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { enqueue, enqueueMany, ms, present, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";
import { watch } from "../../harness/watch.ts";
import { frame, rawCall } from "../rpc-harness.ts";

const shared = shareServer();

it("begins with an empty message, and misses nothing from then on", async () => {
  const { queue } = shared();
  const name = freshQueue();
  const messages = queue.watchTasks({ filter: { queue: name } })[Symbol.asyncIterator]();
  const first = await messages.next();
  expect(first.value?.changes).toEqual([]);
  const task = await enqueue(shared(), { queue: name });
  const second = await messages.next();
  expect(second.value?.changes).toMatchObject([{ taskId: task.id, state: TaskState.PENDING }]);
  await messages.return?.();
});

it("tells every state of a task's life, once and in order", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const seen = await watch(server);
  const worker = await connectWorker(server);
  const task = await enqueue(server, { delay: span(1_000), correlationId: "c" });
  const began = clock.now();
  clock.advance(1_000);
  await worker.end(await worker.take(1), { case: "failed", value: { retryDelay: span(500) } });
  clock.advance(500);
  await worker.end(await worker.take(1), { case: "released", value: { delay: span(100) } });
  clock.advance(100);
  await worker.end(await worker.take(1), { case: "failed", value: { terminal: true } });
  await server.queue.retryTask({ taskId: task.id });
  await worker.complete(...(await worker.take(1)));
  await server.queue.deleteTask({ taskId: task.id });
  await seen.state(task.id, TaskState.UNSPECIFIED);

  const told = seen.changes.map(({ state, attempt, workerId, changeTime }) => [
    TaskState[state],
    attempt,
    workerId,
    ms(changeTime) - began,
  ]);
  expect(told).toEqual([
    ["SCHEDULED", 0, "", 0],
    ["PENDING", 0, "", 1_000],
    ["RUNNING", 1, "packer", 1_000],
    ["SCHEDULED", 1, "packer", 1_000],
    ["PENDING", 1, "packer", 1_500],
    ["RUNNING", 2, "packer", 1_500],
    ["SCHEDULED", 1, "", 1_500],
    ["PENDING", 1, "", 1_600],
    ["RUNNING", 2, "packer", 1_600],
    ["FAILED", 2, "packer", 1_600],
    ["PENDING", 2, "packer", 1_600],
    ["RUNNING", 3, "packer", 1_600],
    ["COMPLETED", 3, "packer", 1_600],
    ["UNSPECIFIED", 3, "packer", 1_600],
  ]);
  expect(seen.changes.every((each) => each.taskId === task.id && each.queue === "orders" && each.type === "ship")).toBe(
    true,
  );
  expect(seen.changes.every(({ correlationId }) => correlationId === "c")).toBe(true);
});

it("tells a watcher only what its filter asks for", async () => {
  const server = shared();
  const queue = freshQueue();
  const [byQueue, byType, byCorrelation, byState] = await Promise.all([
    watch(server, { filter: { queue } }),
    watch(server, { filter: { queue, type: "bill" } }),
    watch(server, { filter: { correlationId: queue } }),
    watch(server, { filter: { queue, states: [TaskState.CANCELLED] } }),
  ]);
  const first = await enqueue(server, { queue, correlationId: queue });
  const second = await enqueue(server, { queue, type: "bill" });
  const other = await enqueue(server, { queue: freshQueue(), correlationId: queue });
  await server.queue.cancelTask({ taskId: first.id });
  for (const [watching, n] of [
    [byQueue, 3],
    [byType, 1],
    [byCorrelation, 3],
    [byState, 1],
  ] as const) {
    await watching.count(n);
  }

  const told = [byQueue, byType, byCorrelation, byState].map(({ changes }) =>
    changes.map(({ taskId, state }) => [taskId, state]),
  );
  expect(told).toEqual([
    [
      [first.id, TaskState.PENDING],
      [second.id, TaskState.PENDING],
      [first.id, TaskState.CANCELLED],
    ],
    [[second.id, TaskState.PENDING]],
    [
      [first.id, TaskState.PENDING],
      [other.id, TaskState.PENDING],
      [first.id, TaskState.CANCELLED],
    ],
    [[first.id, TaskState.CANCELLED]],
  ]);
});

it("tells a watcher by worker, source, attempt, priority and error, and refuses one by age", async () => {
  const server = shared();
  const queue = freshQueue();
  const filters = [
    { workerId: `w-${queue}` },
    { sourceService: "shop" },
    { minAttempt: 1 },
    { maxPriority: -1 },
    { errorType: "SmtpError" },
    { errorText: "GREY", states: [TaskState.FAILED] },
  ];
  const watchers = await Promise.all(filters.map((filter) => watch(server, { filter: { queue, ...filter } })));
  const task = await enqueue(server, { queue, sourceService: "shop", priority: -1, maxAttempts: 1 });
  const worker = await connectWorker(server, { queues: [queue], workerId: `w-${queue}` });
  const error = { message: "421 Greylisted", type: "SmtpError", stackTrace: "" };
  await worker.end(await worker.take(1), { case: "failed", value: { error } });
  await Promise.all(watchers.map((watcher) => watcher.state(task.id, TaskState.FAILED)));
  const life = [TaskState.PENDING, TaskState.RUNNING, TaskState.FAILED];
  expect(watchers.map(({ changes }) => changes.map(({ state }) => state))).toEqual([
    life.slice(1),
    life,
    life.slice(1),
    life,
    life.slice(2),
    life.slice(2),
  ]);

  const byAge = server.queue.watchTasks({ filter: { minStateAge: span(1) } })[Symbol.asyncIterator]();
  expect(await refusalOf(byAge.next())).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_FIELD",
    field: "filter.min_state_age",
  });
});

it("tells a watcher of some tasks of no other", async () => {
  const server = shared();
  const [first, second] = await enqueueMany(server, 3, { queue: freshQueue() });
  const ids = [present(first).id, present(second).id];
  const some = await watch(server, { taskIds: ids });
  const all = await watch(server);
  for (const { id } of (await server.queue.listTasks({ pageSize: 3 })).tasks)
    await server.queue.cancelTask({ taskId: id });
  await all.count(3);
  expect(new Set(some.changes.map(({ taskId }) => taskId))).toEqual(new Set(ids));
});

it("puts the changes of one commit into one message", async () => {
  const { queue } = shared();
  const name = freshQueue();
  const messages = queue.watchTasks({ filter: { queue: name } })[Symbol.asyncIterator]();
  await messages.next();
  await enqueueMany(shared(), 500, { queue: name });
  expect((await messages.next()).value?.changes).toHaveLength(500);
  await messages.return?.();
});

it.each([
  ["filter.states[0]", { filter: { states: [42 as TaskState] } }],
  ["filter.queue", { filter: { queue: "?" } }],
  ["task_ids", { taskIds: Array.from({ length: 1_001 }, (_, i) => `t${i}`) }],
  ["task_ids[1]", { taskIds: ["t1", ""] }],
])("names the field of a watch that is not valid: %s", async (field, request) => {
  const ended = shared().queue.watchTasks(request)[Symbol.asyncIterator]().next();
  expect(await refusalOf(ended)).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
});

it("sends a watcher away that does not read, and lets the others see everything", async () => {
  await using server = await startServer();
  const session = connect(`http://${server.address}`);
  onTestFinished(() => session.destroy());
  const { stream, status: ended } = rawCall(session, "/sitq.v1.QueueService/WatchTasks");
  stream.end(frame(toBinary(WatchTasksRequestSchema, create(WatchTasksRequestSchema))));
  await new Promise((resolve) => stream.once("data", resolve));
  stream.pause();

  const reader = await watch(server);
  // 1 MiB may wait, on top of what the buffers between the two hold.
  await enqueueMany(server, 7_000, { correlationId: "c".repeat(256) });
  await reader.count(7_000);
  stream.resume();
  expect(await ended).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: "WATCH_TOO_SLOW", retryAfterMs: 1_000 });
  session.destroy();

  await enqueue(server);
  await reader.count(7_001);
  expect(new Set(reader.changes.map(({ taskId }) => taskId)).size).toBe(7_001);
});

it("is forgotten when it goes away", async () => {
  const server = shared();
  const queue = freshQueue();
  const [gone, stays] = [await watch(server, { filter: { queue } }), await watch(server, { filter: { queue } })];
  gone.stop();
  await expect(gone.ended).resolves.toMatchObject({ code: status.CANCELLED });
  await enqueueMany(server, 3, { queue });
  await stays.count(3);
  expect(gone.changes).toEqual([]);
});
