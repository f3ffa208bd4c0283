import { create, equals, type MessageInitShape } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { expect, it } from "vitest";
import { PayloadSchema } from "../../../gen/sitq/v1/payload_pb.js";
import { DuplicatePolicy, TaskView } from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { bytes, enqueue, json, ms, present, read, readQueue, span, type TaskInit } from "../../harness/calls/tasks.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalInStatus, refusalOf } from "../../harness/refusal.ts";
import { startServer } from "../../harness/server.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const shared = shareServer();
/** A task with nothing but what it must have, in a queue of its own. */
const minimal = () => ({ queue: freshQueue(), type: "ship" });

it("answers an enqueue with the task as it is stored, without what the caller has already", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const { task, created } = await server.queue.enqueue({
    task: {
      queue: "orders",
      type: "ship",
      payload: json({ sku: 7 }),
      headers: { traceparent: "00-1" },
      priority: 9,
      maxAttempts: 3,
      correlationId: "order-1",
      sourceService: "shop",
      deduplicationKey: "order-1/ship",
      delay: span(1_000),
      timeToLive: span(60_000),
    },
    requestId: "r1",
  });
  expect(created).toBe(true);
  expect(task).toMatchObject({
    queue: "orders",
    type: "ship",
    headers: {},
    priority: 9,
    state: TaskState.SCHEDULED,
    attempt: 0,
    maxAttempts: 3,
    correlationId: "order-1",
    sourceService: "shop",
    deduplicationKey: "order-1/ship",
    requestId: "r1",
    attempts: [],
    workerId: "",
  });
  expect(task?.id).toMatch(/^\w{11}$/);
  expect(task?.payload).toBeUndefined();
  expect([task?.createTime, task?.scheduleTime, task?.expireTime].map(ms)).toEqual([
    clock.now(),
    clock.now() + 1_000,
    clock.now() + 60_000,
  ]);
});

const message = create(AnySchema, { typeUrl: "x/y.Z", value: new Uint8Array([1]) });
it.each([
  ["JSON", json({ a: [1, "two", null, true, { b: {} }] })],
  ["bytes", bytes(300)],
  ["a message", { kind: { case: "message" as const, value: message } }],
])("keeps a payload of %s as it came", async (_name, payload) => {
  const stored = await read(shared(), await enqueue(shared(), { payload }));
  expect(equals(PayloadSchema, present(stored.payload), create(PayloadSchema, payload))).toBe(true);
});

it("fills in the defaults of the queue, and ignores what is the server's to say", async () => {
  const server = shared();
  const task = minimal();
  const policy = { initialBackoff: span(5_000), jitter: 0 };
  await server.queue.updateQueue({
    queue: { name: task.queue, maxAttempts: 7, retryPolicy: policy },
    allowMissing: true,
  });
  const forged: TaskInit = { id: "mine", state: TaskState.COMPLETED, attempt: 4, workerId: "me", requestId: "r9" };
  const stored = await read(server, await enqueue(server, { ...task, ...forged, retryPolicy: { multiplier: 3 } }));
  expect(stored).toMatchObject({ state: TaskState.PENDING, attempt: 0, workerId: "", requestId: "", maxAttempts: 7 });
  expect(stored.id).not.toBe("mine");
  expect(stored.retryPolicy).toMatchObject({ ...policy, maxBackoff: span(600_000), multiplier: 3 });
});

it("makes a queue with its first task", async () => {
  const server = shared();
  const task = minimal();
  expect(await refusalOf(server.queue.getQueue({ name: task.queue }))).toMatchObject({ reason: "QUEUE_NOT_FOUND" });
  await enqueue(server, task);
  expect((await readQueue(server, task.queue)).statistics).toMatchObject({ pending: 1n, running: 0n, workers: 0 });
});

const content = { payload: json({ a: 1, b: { c: 2, d: 3 } }), headers: { x: "1", y: "2" } };
it.each([
  ["word for word", content],
  ["with the members of JSON objects in another order", { ...content, payload: json({ b: { d: 3, c: 2 }, a: 1 }) }],
  ["with the headers in another order", { ...content, headers: { y: "2", x: "1" } }],
])("answers the same task to the same request_id %s", async (_how, again) => {
  const server = shared();
  const task = minimal();
  const first = await server.queue.enqueue({ task: { ...task, ...content }, requestId: task.queue });
  const second = await server.queue.enqueue({ task: { ...task, ...again }, requestId: task.queue });
  expect([first.created, second.created]).toEqual([true, false]);
  expect(second.task).toMatchObject({ id: first.task?.id, state: TaskState.PENDING, headers: {} });
  expect(second.task?.payload).toBeUndefined();
  expect((await readQueue(server, task.queue)).statistics?.pending).toBe(1n);
});

it("answers the finished task to a request_id that comes again after the end", async () => {
  const server = shared();
  const task = minimal();
  const request = { task, requestId: task.queue };
  const first = await server.queue.enqueue(request);
  const worker = await connectWorker(server, { queues: [task.queue] });
  await worker.end(await worker.take(1), { case: "completed", value: { result: json("done") } });
  const again = await server.queue.enqueue(request);
  expect(again).toMatchObject({ created: false, task: { id: first.task?.id, state: TaskState.COMPLETED } });
  expect(again.task?.result).toBeUndefined();
});

it.each<[string, TaskInit]>([
  ["payload", { payload: json({ a: 2 }) }],
  ["queue", { queue: "elsewhere" }],
  ["type", { type: "bill" }],
  ["priority", { priority: 1 }],
  ["headers", { headers: { x: "1" } }],
  ["correlation id", { correlationId: "c" }],
  ["delay", { delay: span(1_000) }],
  ["retry policy", { retryPolicy: { multiplier: 2 } }],
])("refuses a request_id that comes again with another %s", async (_what, other) => {
  const server = shared();
  const task = minimal();
  const first = await server.queue.enqueue({ task, requestId: task.queue });
  const again = server.queue.enqueue({ task: { ...task, ...other }, requestId: task.queue });
  expect(await refusalOf(again)).toMatchObject({
    code: "ALREADY_EXISTS",
    reason: "REQUEST_ID_REUSED",
    domain: "sitq",
    field: "request_id",
    metadata: { task_id: first.task?.id },
  });
  expect((await readQueue(server, task.queue)).statistics?.pending).toBe(1n);
});

it("makes one task of twenty repeats that arrive together", async () => {
  const task = { ...minimal(), payload: json([1]) };
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => shared().queue.enqueue({ task, requestId: task.queue })),
  );
  expect(new Set(answers.map((answer) => answer.task?.id)).size).toBe(1);
  expect(answers.filter(({ created }) => created)).toHaveLength(1);
});

it("returns the unfinished task with the same deduplication_key by default", async () => {
  const server = shared();
  const task = { ...minimal(), deduplicationKey: "k" };
  const first = await enqueue(server, task);
  const second = await server.queue.enqueue({ task: { ...task, priority: 5 } });
  expect(second).toMatchObject({ created: false, task: { id: first.id, priority: 0 } });
  const elsewhere = await server.queue.enqueue({ task: { ...task, queue: freshQueue() } });
  expect(elsewhere.created).toBe(true);
});

it("refuses a duplicate where the policy says so", async () => {
  const task = { ...minimal(), deduplicationKey: "k" };
  const first = await enqueue(shared(), task);
  const second = shared().queue.enqueue({ task, duplicatePolicy: DuplicatePolicy.REFUSE });
  expect(await refusalOf(second)).toMatchObject({
    code: "ALREADY_EXISTS",
    reason: "DUPLICATE_TASK",
    field: "task.deduplication_key",
    metadata: { task_id: first.id },
  });
});

it("replaces a duplicate that waits, and refuses where it runs", async () => {
  const server = shared();
  const task = { ...minimal(), deduplicationKey: "k" };
  const first = await enqueue(server, task);
  const request = { task, duplicatePolicy: DuplicatePolicy.REPLACE };
  const second = await server.queue.enqueue(request);
  expect(second.created).toBe(true);
  expect(await read(server, first)).toMatchObject({ state: TaskState.CANCELLED, lastError: { type: "REPLACED" } });

  const worker = await connectWorker(server, { queues: [task.queue] });
  expect(await worker.take(1)).toMatchObject([{ id: second.task?.id }]);
  expect(await refusalOf(server.queue.enqueue(request))).toMatchObject({ reason: "DUPLICATE_TASK" });
});

it("takes a deduplication_key again once its task is finished", async () => {
  const server = shared();
  const task = { ...minimal(), deduplicationKey: "k" };
  await server.queue.cancelTask({ taskId: (await enqueue(server, task)).id });
  expect((await server.queue.enqueue({ task })).created).toBe(true);
});

it("answers every item of a batch in order, and says of each refused one where it is wrong", async () => {
  const task = minimal();
  const requestId = task.queue;
  const twice = { ...task, deduplicationKey: "k" };
  const { results } = await shared().queue.enqueueBatch({
    requests: [
      { task: { ...task, correlationId: "0" } },
      { task: twice },
      { task: twice, duplicatePolicy: DuplicatePolicy.REFUSE },
      { task: { ...task, queue: "no spaces" } },
      {},
      { task, requestId },
      { task, requestId },
      { task: { ...task, type: "bill" }, requestId },
      { task: { ...task, retryPolicy: { jitter: 2 } } },
      { task, duplicatePolicy: 17 as DuplicatePolicy },
      { task: { ...task, correlationId: "10" } },
    ],
  });
  const told = results.map(({ error, created, task: stored }) => {
    if (error === undefined) return { created, correlationId: stored?.correlationId };
    const { code, reason, domain, field } = refusalInStatus(error);
    return [code, reason, domain, field];
  });
  const invalid = ["INVALID_ARGUMENT", "INVALID_FIELD", "sitq"];
  expect(told).toEqual([
    { created: true, correlationId: "0" },
    { created: true, correlationId: "" },
    ["ALREADY_EXISTS", "DUPLICATE_TASK", "sitq", "requests[2].task.deduplication_key"],
    [...invalid, "requests[3].task.queue"],
    [...invalid, "requests[4].task"],
    { created: true, correlationId: "" },
    { created: false, correlationId: "" },
    ["ALREADY_EXISTS", "REQUEST_ID_REUSED", "sitq", "requests[7].request_id"],
    [...invalid, "requests[8].task.retry_policy.jitter"],
    [...invalid, "requests[9].duplicate_policy"],
    { created: true, correlationId: "10" },
  ]);
  expect(results.every((each) => (each.task === undefined) === (each.error !== undefined))).toBe(true);
  expect((await readQueue(shared(), task.queue)).statistics?.pending).toBe(4n);
});

it("takes 1 to 1000 items in a batch", async () => {
  const { queue } = shared();
  const task = minimal();
  const requests = (length: number) => Array.from({ length }, () => ({ task }));
  for (const n of [0, 1_001]) {
    expect(await refusalOf(queue.enqueueBatch({ requests: requests(n) }))).toMatchObject({
      code: "INVALID_ARGUMENT",
      field: "requests",
    });
  }
  expect((await queue.enqueueBatch({ requests: requests(1_000) })).results).toHaveLength(1_000);
  expect((await readQueue(shared(), task.queue)).statistics?.pending).toBe(1_000n);
});

it.each<[field: string, task: TaskInit | undefined]>([
  ["task", undefined],
  ["task.queue", { queue: "" }],
  ["task.queue", { queue: "a".repeat(101) }],
  ["task.queue", { queue: "-a" }],
  ["task.queue", { queue: "a/b" }],
  ["task.type", { type: "" }],
  ["task.type", { type: "a b" }],
  ["task.type", { type: "a".repeat(201) }],
  ["task.priority", { priority: 1_001 }],
  ["task.priority", { priority: -1_001 }],
  ["task.max_attempts", { maxAttempts: -1 }],
  ["task.max_attempts", { maxAttempts: 1_001 }],
  ["task.attempt_timeout", { attemptTimeout: span(0) }],
  ["task.attempt_timeout", { attemptTimeout: span(7 * 86_400_000 + 1) }],
  ["task.attempt_timeout", { attemptTimeout: { seconds: 1n, nanos: -1 } }],
  ["task.delay", { delay: { seconds: -1n, nanos: 0 } }],
  ["task.delay", { delay: span(0), scheduleTime: span(0) }],
  ["task.time_to_live", { timeToLive: span(0) }],
  ["task.time_to_live", { timeToLive: span(1), expireTime: span(0) }],
  ["task.schedule_time", { scheduleTime: { seconds: 253_402_300_800n, nanos: 0 } }],
  ["task.schedule_time", { scheduleTime: { seconds: 253_402_300_799n, nanos: 0 } }],
  ["task.expire_time", { expireTime: { seconds: 1n, nanos: 1_000_000_000 } }],
  ["task.correlation_id", { correlationId: "é".repeat(129) }],
  ["task.source_service", { sourceService: "a".repeat(101) }],
  ["task.deduplication_key", { deduplicationKey: "a".repeat(257) }],
  ["task.headers", { headers: { "": "x" } }],
  ["task.headers", { headers: { ["k".repeat(129)]: "x" } }],
  ["task.headers", { headers: { k: "x".repeat(16_384) } }],
  ["task.headers", { headers: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, ""])) }],
  ["task.retry_policy.initial_backoff", { retryPolicy: { initialBackoff: span(86_400_001) } }],
  ["task.retry_policy.max_backoff", { retryPolicy: { initialBackoff: span(2_000), maxBackoff: span(1_000) } }],
  ["task.retry_policy.multiplier", { retryPolicy: { multiplier: 0.5 } }],
  ["task.retry_policy.multiplier", { retryPolicy: { multiplier: Number.NaN } }],
  ["task.retry_policy.jitter", { retryPolicy: { jitter: -0.1 } }],
  ["task.payload.json", { payload: json(nestedLists(31)) }],
  ["task.payload.json", { payload: jsonNumber(Number.NaN) }],
  ["task.payload.json", { payload: jsonNumber(Number.POSITIVE_INFINITY) }],
])("names the field of a task that is not valid: %s", async (field, task) => {
  const request = task === undefined ? {} : { task: { queue: "never", type: "ship", ...task } };
  expect(await refusalOf(shared().queue.enqueue(request))).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "INVALID_FIELD",
    domain: "sitq",
    field,
  });
});

it("takes JSON that is 30 levels deep", async () => {
  const payload = json(nestedLists(30));
  const stored = await read(shared(), await enqueue(shared(), { ...minimal(), payload }));
  expect(stored.payload).toMatchObject(payload);
});

it.each([["a".repeat(129)], ["a\nb"], ["é"]])("refuses a request_id that is not one: %j", async (requestId) => {
  expect(await refusalOf(shared().queue.enqueue({ task: minimal(), requestId }))).toMatchObject({
    field: "request_id",
  });
});

it("refuses a payload above the bound and takes one at it", async () => {
  await using server = await startServer({ config: { maxPayloadBytes: 2_048 } });
  // A byte of tag and two of length come on top of the content.
  expect(await refusalOf(enqueue(server, { payload: bytes(2_046) }))).toMatchObject({
    code: "INVALID_ARGUMENT",
    reason: "PAYLOAD_TOO_LARGE",
    field: "task.payload",
    metadata: { max_bytes: "2048" },
  });
  await enqueue(server, { payload: bytes(2_045) });
  expect((await server.queue.listTasks({ view: TaskView.FULL })).tasks).toHaveLength(1);
});

function nestedLists(levels: number): ReturnType<typeof JSON.parse> {
  return JSON.parse("[".repeat(levels) + "]".repeat(levels));
}

function jsonNumber(value: number): MessageInitShape<typeof PayloadSchema> {
  return { kind: { case: "json", value: { kind: { case: "numberValue", value } } } };
}

it("stores all tasks of an atomic batch or none, and answers for each", async () => {
  const { queue } = shared();
  const name = freshQueue();
  const request = (more: object, requestId = "") => ({ task: { queue: name, type: "t", ...more }, requestId });
  const reasonsOf = async (...requests: ReturnType<typeof request>[]) => {
    const { results } = await queue.enqueueBatch({ requests, atomic: true });
    return results.map(({ task, error }) => (task ? "stored" : refusalInStatus(present(error))));
  };
  const other = { code: "ABORTED", reason: "BATCH_REFUSED" };
  expect(await reasonsOf(request({}), request({ queue: "bad queue" }), request({ type: "" }))).toMatchObject([
    { ...other, field: "requests[0]" },
    { reason: "INVALID_FIELD", field: "requests[1].task.queue" },
    { reason: "INVALID_FIELD", field: "requests[2].task.type" },
  ]);
  expect(await reasonsOf(request({}, "r"), request({ priority: 1 }, "r"))).toMatchObject([
    other,
    { reason: "INVALID_FIELD", field: "requests[1].request_id" },
  ]);
  const key = { deduplicationKey: "k" };
  expect(await reasonsOf(request(key), request({ ...key, queue: `${name}-2` }), request(key))).toMatchObject([
    other,
    other,
    { reason: "INVALID_FIELD", field: "requests[2].task.deduplication_key" },
  ]);
  // The store has a say too: here a request id that made another task.
  await queue.enqueue(request({}, `${name}-taken`));
  expect(await reasonsOf(request({}), request({ priority: 1 }, `${name}-taken`))).toMatchObject([
    other,
    { reason: "REQUEST_ID_REUSED" },
  ]);
  expect((await readQueue(shared(), name)).statistics).toMatchObject({ pending: 1n });
  expect(await reasonsOf(request({}), request({}, `${name}-taken`), request({ priority: 1 }))).toEqual(
    Array(3).fill("stored"),
  );
  expect((await readQueue(shared(), name)).statistics).toMatchObject({ pending: 3n });
});
