import { expect, it } from "vitest";
import { type ListTasksRequest, TaskOrder, TaskView } from "../../../gen/sitq/v1/queue_service_pb.js";
import { AttemptOutcome, type Task, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { bytes, enqueue, enqueueMany, json, ms, present, read, span } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();

/** Pages to the end; `between` runs before each following page. */
async function listAll(
  request: Partial<Omit<ListTasksRequest, "$typeName">>,
  between = async () => undefined as unknown,
) {
  const pages: string[][] = [];
  let pageToken = "";
  do {
    const page = await shared().queue.listTasks({ ...request, pageToken });
    pages.push(page.tasks.map(({ id }) => id));
    pageToken = page.nextPageToken;
    if (pageToken !== "") await between();
  } while (pageToken !== "");
  return { pages, ids: pages.flat() };
}

const filterOf = (queue: string) => ({ filter: { queue } }) as Pick<ListTasksRequest, "filter">;

it("reads a task whole, with all its attempts", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock, random: () => 0.5 });
  const task = await enqueue(server, {
    payload: json("in"),
    headers: { a: "b" },
    retryPolicy: { initialBackoff: span(0) },
  });
  const worker = await connectWorker(server);
  const began = clock.now();
  const error = { message: "no paper", type: "PrinterError", stackTrace: "at print" };
  await worker.end(await worker.take(1), { case: "failed", value: { error } });
  const [second] = await worker.take(1);
  clock.advance(1_500);
  await worker.end([present(second)], { case: "completed", value: { result: json("out") } });

  const stored = await read(server, task);
  expect(stored).toMatchObject({
    state: TaskState.COMPLETED,
    attempt: 2,
    maxAttempts: 5,
    payload: json("in"),
    result: json("out"),
    headers: { a: "b" },
    workerId: "packer",
    lastError: error,
    attempts: [
      { attempt: 1, workerId: "packer", outcome: AttemptOutcome.FAILED, error },
      { attempt: 2, workerId: "packer", outcome: AttemptOutcome.COMPLETED },
    ],
  });
  expect(stored.attempts[1]?.error).toBeUndefined();
  expect([stored.createTime, stored.startTime, stored.finishTime].map(ms)).toEqual([began, began, began + 1_500]);
  expect(stored.attempts.map(({ finishTime }) => ms(finishTime))).toEqual([began, began + 1_500]);
});

it("can be asked for a task whose every attempt failed with the longest of errors", async () => {
  const maxPayloadBytes = 2_097_152;
  await using server = await startServer({ config: { maxPayloadBytes } });
  const task = await enqueue(server, { maxAttempts: 200 });
  const worker = await connectWorker(server);
  const error = { message: "m".repeat(8_192), type: "t".repeat(200), stackTrace: "s".repeat(16_384) };
  for (let i = 0; i < 101; i++) {
    await worker.end(await worker.take(1), { case: "failed", value: { error, retryDelay: span(0) } });
  }
  const result = bytes(maxPayloadBytes - 5);
  await worker.end(await worker.take(1), { case: "completed", value: { result } });

  const { attempts } = await read(server, task);
  // The newest 100; of these, the newer ones keep what the older have to do without.
  expect(attempts.map(({ attempt }) => attempt)).toEqual(Array.from({ length: 100 }, (_, i) => i + 3));
  expect(attempts.slice(0, -1).every((each) => each.error?.message === error.message)).toBe(true);
  expect(attempts[0]?.error?.stackTrace).toBe("");
  expect(attempts[98]?.error?.stackTrace).toBe(error.stackTrace);
  expect((await server.queue.awaitTask({ taskId: task.id })).task?.attempts).toHaveLength(100);
});

it("shows the attempt that runs as one without an end", async () => {
  const server = shared();
  const queue = freshQueue();
  const task = await enqueue(server, { queue });
  const worker = await connectWorker(server, { queues: [queue] });
  await worker.take(1);
  const { state, attempts, finishTime } = await read(server, task);
  expect([state, finishTime]).toEqual([TaskState.RUNNING, undefined]);
  expect(attempts).toMatchObject([{ attempt: 1, workerId: "packer", outcome: AttemptOutcome.UNSPECIFIED }]);
  expect(attempts[0]?.finishTime).toBeUndefined();
});

it.each([
  ["of another form", "nobody"],
  ["of the right form", "00000000000"],
  ["meant as SQL", "'; DROP TABLE task; --"],
  ["of odd characters", "\u0000\ud83d\n💥"],
])("knows no task by an id %s", async (_form, taskId) => {
  expect(await refusalOf(shared().queue.getTask({ taskId }))).toMatchObject({
    code: "NOT_FOUND",
    reason: "TASK_NOT_FOUND",
    domain: "sitq",
    field: "task_id",
  });
});

it("refuses an id that is longer than any can be", async () => {
  for (const taskId of ["x".repeat(129), "я".repeat(1_100)]) {
    expect(await refusalOf(shared().queue.getTask({ taskId }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_FIELD",
      field: "task_id",
    });
  }
});

it("wants an id", async () => {
  expect(await refusalOf(shared().queue.getTask({}))).toMatchObject({ code: "INVALID_ARGUMENT", field: "task_id" });
});

it("lists every task once, newest first, while others come and go", async () => {
  const server = shared();
  const queue = freshQueue();
  const tasks = await enqueueMany(server, 25, { queue });
  const ids = tasks.map(({ id }) => id).reverse();
  const gone = ids.at(-1);
  const { pages } = await listAll({ ...filterOf(queue), pageSize: 10 }, async () => {
    await enqueueMany(server, 3, { queue });
    // What was listed may leave, and so may the newest of the old ones that were not.
    await server.queue.cancelTask({ taskId: present(ids[0]) });
    await server.queue.deleteTask({ taskId: present(gone) }).catch(() => undefined);
  });
  expect(pages).toEqual([ids.slice(0, 10), ids.slice(10, 20), ids.slice(20, -1)]);
});

it("lists by every part of the filter", async () => {
  const server = shared();
  const queue = freshQueue();
  const first = await enqueue(server, { queue, correlationId: `${queue}/1` });
  const second = await enqueue(server, { queue, type: "bill", delay: span(3_600_000) });
  const third = await enqueue(server, { queue, type: "bill" });
  await server.queue.cancelTask({ taskId: third.id });
  const listed = async (filter: object) => (await listAll({ filter: { queue, ...filter } as never })).ids;

  expect(await listed({})).toEqual([third.id, second.id, first.id]);
  expect(await listed({ type: "bill" })).toEqual([third.id, second.id]);
  expect(await listed({ correlationId: `${queue}/1` })).toEqual([first.id]);
  expect(await listed({ states: [TaskState.PENDING, TaskState.CANCELLED] })).toEqual([third.id, first.id]);
  expect(await listed({ type: "ship", states: [TaskState.CANCELLED] })).toEqual([]);
  expect(await listed({ queue: "nowhere" })).toEqual([]);
});

it("lists by the time of creation: from one moment on, before another", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const tasks: Task[] = [];
  for (let i = 0; i < 3; i++) {
    tasks.push(await enqueue(server));
    clock.advance(1_000);
  }
  const [first, second, third] = tasks;
  const { tasks: found } = await server.queue.listTasks({
    filter: { createdAfter: present(second?.createTime), createdBefore: present(third?.createTime) },
  });
  expect(found.map(({ id }) => id)).toEqual([second?.id]);
  const { tasks: later } = await server.queue.listTasks({ filter: { createdAfter: present(first?.createTime) } });
  expect(later).toHaveLength(3);
});

it("lists by error, worker, source, attempt and priority, and the oldest first", async () => {
  const server = shared();
  const queue = freshQueue();
  const failing = await enqueue(server, { queue, sourceService: "shop", priority: 9, maxAttempts: 1 });
  const worker = await connectWorker(server, { queues: [queue], workerId: `w-${queue}` });
  const error = { message: "421 Greylisted", type: "SmtpError", stackTrace: "" };
  await worker.end(await worker.take(1), { case: "failed", value: { error } });
  const held = await enqueue(server, { queue, priority: -9 });
  await worker.take(1);
  const listed = async (filter: object) => (await listAll({ filter: { queue, ...filter } as never })).ids;

  expect(await listed({ errorType: "SmtpError" })).toEqual([failing.id]);
  expect(await listed({ errorType: "" })).toEqual([]);
  expect(await listed({ errorText: "GREY" })).toEqual([failing.id]);
  expect(await listed({ workerId: `w-${queue}` })).toEqual([held.id, failing.id]);
  expect(await listed({ sourceService: "shop" })).toEqual([failing.id]);
  expect(await listed({ minAttempt: 1, maxAttempt: 1 })).toEqual([held.id, failing.id]);
  expect(await listed({ maxAttempt: 0 })).toEqual([]);
  expect(await listed({ minPriority: 0 })).toEqual([failing.id]);
  expect(await listed({ minPriority: -9, maxPriority: 0 })).toEqual([held.id]);
  const oldest = await listAll({ ...filterOf(queue), order: TaskOrder.OLDEST_FIRST, pageSize: 1 });
  expect(oldest.ids).toEqual([failing.id, held.id]);
});

it("lists by the age in a state, over several pages as time passes", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const tasks = await enqueueMany(server, 3);
  clock.advance(60_000);
  await enqueue(server);
  const request = { filter: { minStateAge: span(60_000) }, pageSize: 2 };
  const first = await server.queue.listTasks(request);
  clock.advance(1);
  const second = await server.queue.listTasks({ ...request, pageToken: first.nextPageToken });
  expect([...first.tasks, ...second.tasks].map(({ id }) => id)).toEqual(tasks.map(({ id }) => id).reverse());
  const other = { filter: { minStateAge: span(60_001) }, pageSize: 2, pageToken: first.nextPageToken };
  expect(await refusalOf(server.queue.listTasks(other))).toMatchObject({ reason: "INVALID_PAGE_TOKEN" });
});

it("lists tasks without what is heavy, unless the whole is asked for", async () => {
  const queue = freshQueue();
  await enqueue(shared(), { queue, payload: json(1), headers: { a: "b" } });
  const [basic] = (await shared().queue.listTasks(filterOf(queue))).tasks;
  expect(basic?.payload).toBeUndefined();
  expect(basic?.headers).toEqual({});
  const [full] = (await shared().queue.listTasks({ ...filterOf(queue), view: TaskView.FULL })).tasks;
  expect(full).toMatchObject({ payload: json(1), headers: { a: "b" } });
});

it("ends a page of whole tasks before the message is too large, and loses none", async () => {
  const server = shared();
  const queue = freshQueue();
  const tasks = await Promise.all(
    Array.from({ length: 7 }, () => enqueue(server, { queue, payload: bytes(1_000_000) })),
  );
  const { pages, ids } = await listAll({ ...filterOf(queue), view: TaskView.FULL, pageSize: 100 });
  expect(pages.map((page) => page.length)).toEqual([3, 3, 1]);
  expect(new Set(ids)).toEqual(new Set(tasks.map(({ id }) => id)));
});

it("takes 50 as the size of a page where none is asked for", async () => {
  const queue = freshQueue();
  await enqueueMany(shared(), 51, { queue });
  expect((await listAll(filterOf(queue))).pages.map((page) => page.length)).toEqual([50, 1]);
});

it("refuses the token of another query, and one that is none", async () => {
  const { queue } = shared();
  const name = freshQueue();
  await enqueueMany(shared(), 3, { queue: name });
  const { nextPageToken: pageToken } = await queue.listTasks({ ...filterOf(name), pageSize: 1 });
  const { nextPageToken: ofQueues } = await queue.listQueues({ pageSize: 1 });
  const others = [
    { filter: { queue: "other" }, pageToken },
    { pageToken },
    { ...filterOf(name), view: TaskView.FULL, pageToken },
    { ...filterOf(name), pageToken: ofQueues },
    { ...filterOf(name), pageToken: "rubbish" },
    { ...filterOf(name), pageToken: "\u0000💥" },
  ];
  for (const request of others) {
    expect(await refusalOf(queue.listTasks(request))).toMatchObject({
      code: "INVALID_ARGUMENT",
      reason: "INVALID_PAGE_TOKEN",
      domain: "sitq",
      field: "page_token",
    });
  }
  expect((await queue.listTasks({ ...filterOf(name), pageSize: 2, pageToken })).tasks).toHaveLength(2);
});

it.each([
  ["page_size", { pageSize: -1 }],
  ["page_size", { pageSize: 1_001 }],
  ["view", { view: 3 as TaskView }],
  ["filter.states[1]", { filter: { states: [TaskState.FAILED, 99 as TaskState] } }],
  ["filter.states[0]", { filter: { states: [TaskState.UNSPECIFIED] } }],
  ["filter.states[0]", { filter: { states: [-1 as TaskState] } }],
  ["filter.queue", { filter: { queue: "a b" } }],
  ["filter.type", { filter: { type: "a b" } }],
  ["filter.correlation_id", { filter: { correlationId: "a".repeat(257) } }],
  ["filter.created_after", { filter: { createdAfter: { seconds: 0n, nanos: -1 } } }],
  ["filter.created_before", { filter: { createdBefore: { seconds: 1n << 62n, nanos: 0 } } }],
  ["filter.error_type", { filter: { errorType: "E".repeat(201) } }],
  ["filter.error_text", { filter: { errorText: "я".repeat(129) } }],
  ["filter.worker_id", { filter: { workerId: "a b" } }],
  ["filter.source_service", { filter: { sourceService: "a".repeat(101) } }],
  ["filter.min_attempt", { filter: { minAttempt: -1 } }],
  ["filter.max_attempt", { filter: { minAttempt: 3, maxAttempt: 2 } }],
  ["filter.min_priority", { filter: { minPriority: -1_001 } }],
  ["filter.max_priority", { filter: { maxPriority: 1_001 } }],
  ["filter.min_state_age", { filter: { minStateAge: span(-1) } }],
  ["order", { order: 3 as TaskOrder }],
] as const)("names the field of a listing that is not valid: %s", async (field, request) => {
  expect(await refusalOf(shared().queue.listTasks(request as never))).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_FIELD",
    field,
  });
});
