import { create } from "@bufbuild/protobuf";
import { status as statusCode } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { WaitReason } from "../../../gen/sitq/v1/explanation_pb.js";
import {
  AwaitTaskResponseSchema,
  DuplicatePolicy,
  type EnqueueBatchRequest,
  EnqueueBatchResponseSchema,
  type EnqueueRequest,
  type EnqueueResult,
  EnqueueResultSchema,
  ExplainTaskResponseSchema,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskErrorSchema, TaskSchema, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CallError, createProducer, jsonTask, newTask, TaskFailedError, toPayload } from "../../../src/client/index.ts";
import { makeStatus } from "../../../src/grpc/status-details.ts";
import { type SomeHandlers, startFakeServer } from "../fake-server.ts";
import { recordLog } from "../log-recorder.ts";

const unavailable = () => new CallError("away", { code: statusCode.UNAVAILABLE });

/** A server that stores tasks in a map by request id, as the real one does. */
async function startStore(
  before: (call: number, batch: EnqueueBatchRequest) => void | Promise<void> = () => undefined,
) {
  const stored = new Map<string, string>();
  const batches: EnqueueRequest[][] = [];

  function store({ requestId }: EnqueueRequest): EnqueueResult {
    const created = !stored.has(requestId);
    if (created) stored.set(requestId, `id${stored.size}`);
    const id = stored.get(requestId) ?? "";
    return create(EnqueueResultSchema, { created, task: create(TaskSchema, { id, requestId }) });
  }

  const handlers: SomeHandlers = {
    async enqueueBatch(batch) {
      const results = batch.requests.map(store);
      await before(batches.push(batch.requests), batch);
      return create(EnqueueBatchResponseSchema, { results });
    },
  };
  const server = await startFakeServer(handlers);
  return { server, stored, batches, producer: createProducer(server.client) };
}

const double = jsonTask<{ n: number }, number>("double", { queue: "numbers" });

test("sends all that was said of a task", async () => {
  const { producer, batches } = await startStore();
  const scheduleTime = new Date(1_800_000_000_000);
  await producer.enqueue("q", "t", [1], {
    scheduleTime,
    expireTime: scheduleTime,
    priority: -3,
    headers: { traceparent: "00-1" },
    correlationId: "c",
    deduplicationKey: "k",
    duplicatePolicy: "refuse",
    maxAttempts: 7,
    retryPolicy: { initialBackoffMs: 1_500, maxBackoffMs: 3_000, multiplier: 3, jitter: 0 },
    attemptTimeoutMs: 2_000,
    requestId: "mine",
  });
  await producer.enqueue(double, { n: 1 }, { delayMs: 10, timeToLiveMs: 20 });
  const seconds = { seconds: 1_800_000_000n, nanos: 0 };
  expect(batches.flat()).toMatchObject([
    {
      requestId: "mine",
      duplicatePolicy: DuplicatePolicy.REFUSE,
      task: {
        queue: "q",
        type: "t",
        payload: toPayload([1]),
        sourceService: "test",
        scheduleTime: seconds,
        expireTime: seconds,
        priority: -3,
        headers: { traceparent: "00-1" },
        correlationId: "c",
        deduplicationKey: "k",
        maxAttempts: 7,
        retryPolicy: {
          initialBackoff: { seconds: 1n, nanos: 500_000_000 },
          maxBackoff: { seconds: 3n },
          multiplier: 3,
          jitter: 0,
        },
        attemptTimeout: { seconds: 2n },
      },
    },
    {
      requestId: expect.stringMatching(/./),
      duplicatePolicy: DuplicatePolicy.RETURN_EXISTING,
      task: {
        queue: "numbers",
        type: "double",
        payload: toPayload({ n: 1 }),
        delay: { nanos: 10_000_000 },
        timeToLive: { nanos: 20_000_000 },
      },
    },
  ]);
});

test("answers where the task is, and by which id it can be repeated", async () => {
  const { producer } = await startStore();
  const first = await producer.enqueue(double, { n: 1 }, { requestId: "mine" });
  expect(first).toMatchObject({ id: "id0", queue: "numbers", type: "double", created: true, requestId: "mine" });
  expect(await producer.enqueue(double, { n: 1 }, { requestId: "mine" })).toMatchObject({ id: "id0", created: false });
  expect(await producer.enqueue("others", double, { n: 1 })).toMatchObject({ id: "id1", queue: "others" });
});

test("what is enqueued in one turn is one call, and each gets its own answer", async () => {
  const { producer, batches } = await startStore();
  const tasks = await Promise.all(Array.from({ length: 100 }, (_, n) => producer.enqueue(double, { n })));
  expect(batches).toHaveLength(1);
  expect(tasks.map(({ id }) => id)).toEqual(Array.from({ length: 100 }, (_, n) => `id${n}`));
});

test("a refused item is that call's CallError, and nobody else's", async () => {
  const server = await startFakeServer({
    async enqueueBatch({ requests }) {
      const results = requests.map(({ task }, index) => {
        if (task?.queue === "good") return { task: { id: "x" }, created: true };
        const details = { reason: "QUEUE_FULL", field: `requests[${index}].task.queue`, retryAfterMs: 500 };
        return { error: makeStatus(statusCode.RESOURCE_EXHAUSTED, "full", details) };
      });
      return create(EnqueueBatchResponseSchema, { results });
    },
  });
  const producer = createProducer(server.client);
  const answers = await Promise.allSettled([producer.enqueue("good", "t"), producer.enqueue("bad", "t")]);
  expect(answers).toMatchObject([
    { status: "fulfilled", value: { id: "x" } },
    { status: "rejected", reason: { code: statusCode.RESOURCE_EXHAUSTED, reason: "QUEUE_FULL", retryAfterMs: 500 } },
  ]);
  expect(await producer.enqueueAll([newTask("good", "t"), newTask("bad", "t")])).toMatchObject([
    { task: { id: "x" }, error: null },
    { task: null, error: { reason: "QUEUE_FULL" } },
  ]);
});

test("a repeat after a lost answer makes no second task, and counts as the first", async () => {
  const { producer, batches, stored } = await startStore((call) => {
    // It is stored by now.
    if (call < 3) throw unavailable();
  });
  const task = await producer.enqueue(double, { n: 1 });
  expect(task).toMatchObject({ id: "id0", created: true });
  expect(batches.map((requests) => requests.map(({ requestId }) => requestId))).toEqual([
    [task.requestId],
    [task.requestId],
    [task.requestId],
  ]);
  expect(stored.size).toBe(1);
});

test("with the caller's request id `created` is the server's word, which may speak of somebody else's task", async () => {
  const { producer } = await startStore((call) => {
    if (call === 1) throw unavailable();
  });
  expect(await producer.enqueue(double, { n: 1 }, { requestId: "mine" })).toMatchObject({ created: false });
});

test("a task that a deduplication key brought up is not the producer's, repeat or not", async () => {
  let calls = 0;
  const server = await startFakeServer({
    async enqueueBatch() {
      calls++;
      if (calls === 1) throw unavailable();
      const task = create(TaskSchema, { id: "theirs", requestId: "theirs" });
      return create(EnqueueBatchResponseSchema, { results: [{ task, created: false }] });
    },
  });
  const producer = createProducer(server.client);
  const task = await producer.enqueue(double, { n: 1 }, { deduplicationKey: "k" });
  expect(task).toMatchObject({ id: "theirs", created: false });
  expect(calls).toBe(2);
});

test("an answer that does not come in time is a reason to repeat, and so is an error that passes", async () => {
  let calls = 0;
  const server = await startFakeServer({
    async enqueueBatch(_batch, { signal }) {
      calls++;
      if (calls === 1) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      if (calls === 2) throw new CallError("busy", { code: statusCode.UNAVAILABLE, reason: "STORE_FAILED" });
      return create(EnqueueBatchResponseSchema, { results: [{ task: { id: "x" }, created: true }] });
    },
  });
  const producer = createProducer(server.client, { callTimeoutMs: 50 });
  expect(await producer.enqueue(double, { n: 1 })).toMatchObject({ id: "x" });
  expect(calls).toBe(3);
});

test("waits as long as the server asks for before it repeats", async () => {
  const times: number[] = [];
  const { producer } = await startStore((call) => {
    times.push(performance.now());
    if (call === 1) {
      throw new CallError("draining", { code: statusCode.UNAVAILABLE, reason: "DRAINING", retryAfterMs: 200 });
    }
  });
  await producer.enqueue(double, { n: 1 });
  const [first = 0, second = 0] = times;
  expect(second - first).toBeGreaterThan(195);
});

test("repeats for as long as it is told, and then rejects with the last failure", async () => {
  const { server, batches } = await startStore(() => {
    throw unavailable();
  });
  await expect(createProducer(server.client, { retryTimeoutMs: 0 }).enqueue(double, { n: 1 })).rejects.toMatchObject({
    code: statusCode.UNAVAILABLE,
    message: "away",
  });
  expect(batches).toHaveLength(1);
  await expect(createProducer(server.client, { retryTimeoutMs: 300 }).enqueue(double, { n: 1 })).rejects.toThrow(
    "away",
  );
  expect(batches.length).toBeGreaterThan(2);
});

test.each([
  statusCode.INVALID_ARGUMENT,
  statusCode.INTERNAL,
  statusCode.PERMISSION_DENIED,
  statusCode.RESOURCE_EXHAUSTED,
])("does not repeat after code %i", async (code) => {
  const { producer, batches } = await startStore(() => {
    throw new CallError("no", { code, reason: "NO" });
  });
  await expect(producer.enqueue(double, { n: 1 })).rejects.toMatchObject({ code, reason: "NO" });
  expect(batches).toHaveLength(1);
});

test("refuses what cannot be sent with the field's name, and sends the rest", async () => {
  const { producer } = await startStore();
  const answers = await Promise.allSettled([
    producer.enqueue("q", "t", { n: 1n }),
    producer.enqueue("q", "t", 1, { priority: 1e12 }),
    producer.enqueue("q", "t", 1, { scheduleTime: new Date(Number.NaN) }),
    producer.enqueue("q", "t", 1, { delayMs: Number.NaN }),
    producer.enqueue(jsonTask("homeless"), undefined),
    producer.enqueue("q", "t", 1),
  ]);
  const invalid = { code: statusCode.INVALID_ARGUMENT, reason: "INVALID_FIELD" };
  expect(answers.map((answer) => (answer.status === "rejected" ? answer.reason : "sent"))).toMatchObject([
    { ...invalid, field: "task.payload" },
    { ...invalid, field: "task" },
    { ...invalid, field: "task.schedule_time" },
    { ...invalid, field: "task.delay" },
    { ...invalid, field: "task.queue" },
    "sent",
  ]);
});

test("an aborted enqueue rejects with the signal's reason; what was not sent by then stays unsent", async () => {
  const gate = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  const { producer, batches } = await startStore(() => {
    arrived.resolve();
    return gate.promise;
  });
  const controller = new AbortController();
  const { signal } = controller;
  const reason = new Error("never mind");
  const unsent = expect(producer.enqueue(double, { n: 1 }, { signal })).rejects.toBe(reason);
  const other = producer.enqueue(double, { n: 2 });
  controller.abort(reason);
  await unsent;
  await expect(producer.enqueue(double, { n: 3 }, { signal })).rejects.toBe(reason);
  const late = new AbortController();
  const sent = producer.enqueue(double, { n: 4 }, { signal: late.signal });
  await arrived.promise;
  late.abort(reason);
  await expect(sent).rejects.toBe(reason);
  gate.resolve();
  await other;
  expect(batches.flat().map(({ task }) => task?.payload)).toEqual([toPayload({ n: 2 }), toPayload({ n: 4 })]);
});

test("enqueueAll is one call by itself, and refuses what does not fit into one", async () => {
  const { producer, batches } = await startStore();
  const tasks = Array.from({ length: 3 }, (_, n) => newTask(double, { n }));
  const [single, all] = await Promise.all([producer.enqueue(double, { n: 9 }), producer.enqueueAll(tasks)]);
  expect(single.created).toBe(true);
  expect(all.map(({ task }) => task?.created)).toEqual([true, true, true]);
  expect(batches.map(({ length }) => length).toSorted()).toEqual([1, 3]);
  // Made once, enqueued again: other tasks.
  const again = await producer.enqueueAll(tasks);
  expect(again.every(({ task }) => task?.created)).toBe(true);

  expect(await producer.enqueueAll([])).toEqual([]);
  const tooMany = Array.from({ length: 1_001 }, () => newTask(double, { n: 0 }));
  await expect(producer.enqueueAll(tooMany)).rejects.toMatchObject({ reason: "INVALID_FIELD", field: "requests" });
  const tooLarge = Array.from({ length: 4 }, () => newTask("q", "t", new Uint8Array(1_000_000)));
  await expect(producer.enqueueAll(tooLarge)).rejects.toMatchObject({ field: "requests" });
  expect(batches).toHaveLength(3);
});

test("close takes nothing more and waits for what is under way", async () => {
  const gate = Promise.withResolvers<void>();
  const { producer } = await startStore(() => gate.promise);
  const settled: string[] = [];
  const enqueued = producer.enqueue(double, { n: 1 }).then(() => settled.push("enqueue"));
  const all = producer.enqueueAll([newTask(double, { n: 2 })]).then(() => settled.push("enqueueAll"));
  const closed = producer.close().then(() => settled.push("close"));
  await expect(producer.enqueue(double, { n: 3 })).rejects.toMatchObject({ reason: "CLOSED" });
  gate.resolve();
  await Promise.all([enqueued, all, closed]);
  expect(settled.at(-1)).toBe("close");
  await producer.close();
});

/** A server on which a task stands as the test says, answer by answer. */
async function startAwaiting(...states: readonly (TaskState | Error)[]) {
  const waits: number[] = [];
  const asked = Promise.withResolvers<void>();
  const server = await startFakeServer({
    async awaitTask({ taskId, timeout }) {
      asked.resolve();
      const state = states[waits.length] ?? states.at(-1);
      waits.push(Number(timeout?.seconds) * 1_000 + Number(timeout?.nanos) / 1e6);
      if (state instanceof Error) throw state;
      const result = toPayload(84);
      const facts = { queue: "q", type: "pack", attempt: 3, workerId: "w" };
      const lastError = create(TaskErrorSchema, { message: "no stock", type: "NO_STOCK" });
      return create(AwaitTaskResponseSchema, { task: { ...facts, id: taskId, state: state ?? 0, result, lastError } });
    },
    explainTask: async () =>
      create(ExplainTaskResponseSchema, { explanation: { message: 'the worker "w" runs its attempt 3' } }),
  });
  return { producer: createProducer(server.client, { retryTimeoutMs: 2_000 }), waits, asked: asked.promise };
}

test("a result is waited for over as many calls as it takes, and through an absence of the server", async () => {
  const { producer, waits } = await startAwaiting(
    TaskState.PENDING,
    unavailable(),
    TaskState.RUNNING,
    TaskState.COMPLETED,
  );
  expect(await producer.awaitResult("x")).toBe(84);
  expect(waits).toEqual([30_000, 30_000, 30_000, 30_000]);
  expect(await producer.awaitResult("x", { definition: double })).toBe(84);
});

test("a wait says once why no worker takes the task, and its timeout says so too", async () => {
  let answers = 0;
  let explanation = { reason: WaitReason.NO_WORKER, message: 'no worker is on the queue "mial"' };
  const { client } = await startFakeServer({
    async awaitTask({ taskId }) {
      const state = ++answers < 4 ? TaskState.PENDING : TaskState.COMPLETED;
      return create(AwaitTaskResponseSchema, { task: { id: taskId, queue: "mial", type: "send", state } });
    },
    explainTask: async () => create(ExplainTaskResponseSchema, { explanation }),
  });
  const { log, lines } = recordLog();
  const producer = createProducer({ ...client, log });
  await producer.awaitResult("x");
  expect(lines).toEqual(['warn: the task x waits: no worker is on the queue "mial"']);
  answers = 0;
  await expect(producer.awaitResult("x", { timeoutMs: 0 })).rejects.toMatchObject({
    reason: "TASK_NOT_FINISHED",
    message: 'The task x was not finished within 0 ms: no worker is on the queue "mial".',
  });
  answers = 0;
  explanation = { reason: WaitReason.PAUSED, message: 'the queue "mial" is paused' };
  await expect(producer.awaitResult("x", { timeoutMs: 0 })).rejects.toThrow('the queue "mial" is paused');
});

test.each([
  [TaskState.FAILED, "FAILED", "failed after 3 attempts"],
  [TaskState.CANCELLED, "CANCELLED", "was cancelled"],
])("a task in state %i has no result, and its error says which and why", async (state, word, words) => {
  const { producer } = await startAwaiting(state);
  const error: unknown = await producer.awaitResult("x").catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TaskFailedError);
  expect(error).toMatchObject({ taskId: "x", state: word, type: "NO_STOCK", taskType: "pack" });
  expect((error as Error).message).toBe(`The task x (pack) ${words}: NO_STOCK: no stock`);
});

test("waiting ends with the timeout, the signal, or a refusal", async () => {
  const running = await startAwaiting(TaskState.RUNNING);
  await expect(running.producer.awaitResult("x", { timeoutMs: 50 })).rejects.toMatchObject({
    code: statusCode.DEADLINE_EXCEEDED,
    reason: "TASK_NOT_FINISHED",
    message: 'The task x was not finished within 50 ms: the worker "w" runs its attempt 3, after NO_STOCK: no stock.',
  });
  const reason = new Error("never mind");
  const signal = AbortSignal.abort(reason);
  await expect(running.producer.awaitResult("x", { signal })).rejects.toBe(reason);
  const controller = new AbortController();
  const away = await startAwaiting(unavailable());
  const waiting = expect(away.producer.awaitResult("x", { signal: controller.signal })).rejects.toBe(reason);
  await away.asked;
  controller.abort(reason);
  await waiting;
  const unknown = await startAwaiting(new CallError("no such task", { code: statusCode.NOT_FOUND }));
  await expect(unknown.producer.awaitResult("x")).rejects.toMatchObject({ code: statusCode.NOT_FOUND });
});

test("repeats what an overloaded server refused, no sooner than it asks, and loses nothing", async () => {
  const times: number[] = [];
  const { producer, stored } = await startStore((call) => {
    times.push(performance.now());
    if (call <= 3)
      throw new CallError("busy", { code: statusCode.RESOURCE_EXHAUSTED, reason: "OVERLOADED", retryAfterMs: 50 });
  });
  const tasks = await Promise.all(Array.from({ length: 20 }, (_, n) => producer.enqueue("q", "t", n)));
  expect(new Set(tasks.map(({ id }) => id)).size).toBe(20);
  expect(stored.size).toBe(20);
  expect(times).toHaveLength(4);
  for (const [index, time] of times.slice(1).entries()) expect(time - (times[index] ?? 0)).toBeGreaterThanOrEqual(49);
});

test("sends tasks that did not get through together in halves, in enqueueAll too, and stores each once", async () => {
  const { producer, stored, batches } = await startStore((_call, batch) => {
    if (batch.requests.length > 2)
      throw new CallError("slow", { code: statusCode.DEADLINE_EXCEEDED, reason: "FIRST_MESSAGE_TIMEOUT" });
  });
  const answers = await producer.enqueueAll(Array.from({ length: 8 }, (_, n) => newTask("q", "t", n)));
  expect(answers.map(({ error }) => error)).toEqual(Array.from({ length: 8 }, () => null));
  expect(stored.size).toBe(8);
  expect(batches.map(({ length }) => length)).toEqual([8, 4, 2, 2, 4, 2, 2]);
});

test("splits a batch that is too large for the server, and none that is smaller than what every server takes", async () => {
  const tooLarge = new CallError("larger than max", { code: statusCode.RESOURCE_EXHAUSTED });
  const { producer, batches } = await startStore((_call, batch) => {
    if (batch.requests.length > 2) throw tooLarge;
  });
  const large = Array.from({ length: 4 }, () => newTask("q", "t", "x".repeat(100_000)));
  expect((await producer.enqueueAll(large)).map(({ error }) => error)).toEqual([null, null, null, null]);
  expect(batches.map(({ length }) => length)).toEqual([4, 2, 2]);

  const small = Array.from({ length: 4 }, (_, n) => newTask("q", "t", n));
  await expect(producer.enqueueAll(small)).rejects.toMatchObject({ codeName: "RESOURCE_EXHAUSTED" });
  expect(batches.map(({ length }) => length)).toEqual([4, 2, 2, 4]);
});
