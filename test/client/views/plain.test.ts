import { create } from "@bufbuild/protobuf";
import { describe, expect, expectTypeOf, it } from "vitest";
import { BalancingStrategySchema, QueueSchema } from "../../../gen/sitq/v1/queue_pb.js";
import { DuplicatePolicySchema, TaskViewSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { TaskSchema, TaskState, TaskStateSchema } from "../../../gen/sitq/v1/task_pb.js";
import {
  awaitWorkflow,
  type BalancingStrategy,
  CallError,
  connect,
  createProducer,
  createPublisher,
  createWorker,
  type DeliveryRecord,
  type DuplicatePolicy,
  type EnumOption,
  type EventRecord,
  eventStart,
  newTask,
  pickInstance,
  type QueueRecord,
  type SitqClient,
  type SubscriptionRecord,
  startWorkflow,
  type TaskRecord,
  TerminalError,
  type WorkerRecord,
  type WorkflowRecord,
  workflow,
} from "../../../src/client/index.ts";
import { enumText, enumValue } from "../../../src/client/options/enum-texts.ts";
import { fromPlain } from "../../../src/client/views/from-plain.ts";
import { toPlain } from "../../../src/client/views/plain.ts";
import { freshQueue, shareServer } from "../../harness/shared-server.ts";

const server = shareServer();

/** A client that ends with the block. */
function connected(): SitqClient & Disposable {
  const client = connect({ address: server().address, service: "tests", log: "silent" });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe("a task", () => {
  it("is read with texts, numbers, Dates, milliseconds and what its payloads hold", async () => {
    using client = connected();
    const queue = freshQueue();
    const producer = createProducer(client);
    const worker = createWorker(client, {
      queues: [queue],
      workerId: `w-${queue}`,
      handlers: {
        double: (n) => ({ doubled: 2 * Number(n) }),
        fail: () => {
          throw new TypeError("no");
        },
      },
    });
    await worker.start();
    const done = await producer.enqueue(queue, "double", 21, {
      headers: { a: "b" },
      attemptTimeoutMs: 1_500,
      correlationId: "c",
      retryPolicy: { initialBackoffMs: 250 },
    });
    await producer.awaitResult(done);
    const task = await client.tasks.get(done.id);
    expect(task).toMatchObject({
      id: done.id,
      queue,
      type: "double",
      payload: 21,
      headers: { a: "b" },
      state: "COMPLETED",
      attempt: 1,
      attemptTimeoutMs: 1_500,
      correlationId: "c",
      sourceService: "tests",
      result: { doubled: 42 },
      lastError: null,
      expireTime: null,
      workerId: `w-${queue}`,
      attempts: [{ attempt: 1, outcome: "COMPLETED", startTime: expect.any(Date), error: null }],
      createTime: expect.any(Date),
    });
    expect(task.retryPolicy).toMatchObject({ initialBackoffMs: 250 });
    expect(JSON.parse(JSON.stringify(task))).toMatchObject({ state: "COMPLETED", result: { doubled: 42 } });

    const failed = await producer.enqueue(queue, "fail", {}, { maxAttempts: 1 });
    await producer.awaitResult(failed).catch(() => undefined);
    expect(await client.tasks.get(failed.id)).toMatchObject({
      state: "FAILED",
      lastError: { type: "TypeError", message: "no" },
    });
    await worker.stop();
    await producer.close();

    expectTypeOf(task.createTime).toEqualTypeOf<Date | null>();
    expectTypeOf(task.attemptTimeoutMs).toEqualTypeOf<number | null>();
    expectTypeOf(task.payload).toEqualTypeOf<unknown>();
    expectTypeOf(task.headers).toEqualTypeOf<Readonly<Record<string, string>>>();
    expectTypeOf(task.state).toEqualTypeOf<
      "UNSPECIFIED" | "BLOCKED" | "SCHEDULED" | "PENDING" | "RUNNING" | "COMPLETED" | "FAILED" | "CANCELLED"
    >();
    expectTypeOf<NonNullable<TaskRecord["lastError"]>["message"]>().toEqualTypeOf<string>();
    expectTypeOf<TaskRecord["attempts"][number]["startTime"]>().toEqualTypeOf<Date | null>();
  });

  it("is listed by a filter of texts and Dates, page by page", async () => {
    using client = connected();
    const queue = freshQueue();
    const producer = createProducer(client);
    await producer.enqueueAll(Array.from({ length: 7 }, (_, n) => newTask(queue, "t", { n })));
    await producer.enqueue(queue, "t", {}, { delayMs: 60_000 });
    const pending = await all(client.tasks.list({ queue, states: ["PENDING"], pageSize: 2, full: true }));
    expect(pending.map(({ payload }) => payload)).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => ({ n })));
    expect(await all(client.tasks.list({ queue, states: ["scheduled", TaskState.FAILED] }))).toMatchObject([
      { state: "SCHEDULED", payload: undefined },
    ]);
    expect(await all(client.tasks.list({ queue, createdBefore: new Date(0) }))).toEqual([]);
    const oldest = await all(
      client.tasks.list({ queue, maxPriority: 0, order: "oldest_first", pageSize: 3, full: true }),
    );
    expect(oldest.slice(0, 7).map(({ payload }) => payload)).toEqual([0, 1, 2, 3, 4, 5, 6].map((n) => ({ n })));
    expect(await all(client.tasks.list({ queue, minStateAgeMs: 3_600_000 }))).toEqual([]);
    await producer.close();
  });

  it("is changed with all that match, which are counted first, and its failure is counted", async () => {
    using client = connected();
    const producer = createProducer(client);
    const queue = freshQueue();
    const handler = () => {
      throw new TerminalError("421 Greylisted", { type: "SmtpError" });
    };
    const worker = createWorker(client, { queues: [queue], handlers: { send: handler } });
    const sent = await Promise.all([1, 2, 3].map((n) => producer.enqueue(queue, "send", { n })));
    await worker.start();
    await Promise.all(sent.map(({ id: taskId }) => client.queue.awaitTask({ taskId })));
    await worker.stop();
    const { id } = await producer.enqueue(queue, "other", {});
    expect(await all(client.tasks.failures({ queue, type: "send" }))).toMatchObject([
      {
        queue,
        taskType: "send",
        errorType: "SmtpError",
        taskCount: 3,
        firstTime: expect.any(Date),
        sampleMessage: "421 Greylisted",
      },
    ]);
    expect(await client.tasks.retryAll({ queue, errorType: "SmtpError" }, { dryRun: true })).toMatchObject({
      taskCount: 3,
      errorTypes: [{ errorType: "SmtpError", taskCount: 3 }],
    });
    expect(await client.tasks.retryAll({ queue, errorType: "other" })).toMatchObject({
      taskCount: 0,
      sampleTaskIds: [],
    });
    expect(await client.tasks.deleteAll({ queue, states: ["FAILED"] })).toMatchObject({ taskCount: 3, skipped: [] });
    const cancelled = await client.tasks.cancelAll({ queue, maxAttempt: 0 }, { reason: "sold out" });
    expect(cancelled).toMatchObject({ taskCount: 1, sampleTaskIds: [id] });
    expect((await client.tasks.get(id)).lastError?.message).toBe("sold out");
    await expect(client.tasks.cancelAll({ queue, states: ["FAILED"] })).rejects.toMatchObject({
      field: "filter.states[0]",
    });
    await producer.close();
  });

  it("is cancelled with a reason, and put back", async () => {
    using client = connected();
    const producer = createProducer(client);
    const { id } = await producer.enqueue(freshQueue(), "t", {});
    expect(await client.tasks.cancel(id, { reason: "sold out" })).toMatchObject({
      id,
      state: "CANCELLED",
      finishTime: expect.any(Date),
      lastError: { message: "sold out" },
    });
    expect(await client.tasks.retry(id)).toMatchObject({ id, state: "PENDING", attempt: 0 });
    await expect(client.tasks.retry(id)).rejects.toMatchObject({ reason: "TASK_NOT_RETRYABLE" });
    await producer.close();
  });

  it("is explained by its id or its handle", async () => {
    using client = connected();
    const queue = freshQueue();
    const producer = createProducer(client);
    const task = await producer.enqueue(queue, "t", {});
    const explanation = {
      reason: "NO_WORKER",
      message: `no worker is on the queue "${queue}"`,
      sinceTime: expect.any(Date),
      taskIds: [],
      stepIds: [],
      position: 1,
      rate: 0,
      expectedStartTime: null,
    };
    expect(await client.tasks.explain(task)).toEqual(explanation);
    expect(await client.tasks.explain(task.id)).toEqual(explanation);
    await producer.close();
  });

  it("that is not there is NOT_FOUND", async () => {
    using client = connected();
    await expect(client.tasks.get("none")).rejects.toMatchObject({ reason: "TASK_NOT_FOUND" });
  });

  it("is not listed by a filter that is none", async () => {
    using client = connected();
    const refusal = (field: string, text: string) =>
      expect.objectContaining({ field, reason: "INVALID_FIELD", message: expect.stringContaining(text) });
    expect(() => client.tasks.list({ states: ["DONE" as "FAILED"] })).toThrow(
      refusal(
        "filter.states[0]",
        '"DONE" is none of blocked, scheduled, pending, running, completed, failed, cancelled',
      ),
    );
    expect(() => client.tasks.list({ state: "FAILED" } as never)).toThrow(
      refusal("filter.state", "is none of queue, type"),
    );
    expect(() => client.tasks.list({ createdAfter: new Date(Number.NaN) })).toThrow(
      refusal("filter.created_after", ""),
    );
  });

  it("is the same to its handler, which can write it as JSON", async () => {
    using client = connected();
    const queue = freshQueue();
    const producer = createProducer(client);
    const { promise: seen, resolve } = Promise.withResolvers<{ json: string; id: string }>();
    const worker = createWorker(client, {
      queues: [queue],
      handlers: { t: (_, { task }) => resolve({ id: task.id, json: JSON.stringify(task) }) },
    });
    await worker.start();
    await producer.enqueue(queue, "t", {}, { correlationId: "c", attemptTimeoutMs: 5_000 });
    const { id, json } = await seen;
    const read = JSON.parse(JSON.stringify(await client.tasks.get(id)));
    const { event, workflow: none, results, ...shared } = JSON.parse(json);
    expect({ event, none, results }).toEqual({ event: null, none: null, results: {} });
    expect(read).toMatchObject(shared);
    expect(Object.keys(shared)).toContain("attemptTimeoutMs");
    await worker.stop();
    await producer.close();
  });
});

describe("a queue", () => {
  it("is read with numbers, and set with texts", async () => {
    using client = connected();
    const name = freshQueue();
    const settings = {
      strategy: "round_robin",
      maxDepth: 5_000,
      paused: true,
      retention: { failedMs: 60_000 },
    } as const;
    expect(await client.queues.update(name, settings)).toMatchObject({
      name,
      strategy: "ROUND_ROBIN",
      maxDepth: 5_000,
      paused: true,
      retention: { failedMs: 60_000 },
    });
    // What is false or 0 is set too, and what is not named stays.
    const { settingChanges } = await client.queues.update(name, { paused: false }, { reason: "it is back" });
    expect(settingChanges[0]).toEqual({
      field: "paused",
      changeTime: expect.any(Date),
      principal: "",
      reason: "it is back",
      previousValue: expect.any(String),
    });
    const queue = await client.queues.get(name);
    expect(queue).toMatchObject({ paused: false, maxDepth: 5_000, statistics: { pending: 0, workers: 0 } });
    expect(JSON.stringify(queue)).toContain('"pending":0');
    expect((await all(client.queues.list({ pageSize: 1 }))).map((each) => each.name)).toContain(name);
    await expect(client.queues.update(name, { strategy: "least-load" as "random" })).rejects.toMatchObject({
      field: "queue.strategy",
      message: expect.stringContaining("is none of least_loaded, round_robin, random, weighted, sticky"),
    });
    await expect(client.queues.update(name, { pause: true } as never)).rejects.toMatchObject({ field: "queue.pause" });

    expectTypeOf<NonNullable<QueueRecord["statistics"]>["pending"]>().toEqualTypeOf<number>();
    expectTypeOf<QueueRecord["maxDepth"]>().toEqualTypeOf<number>();
  });
});

describe("an event", () => {
  it("is read with its delivery report, and listed", async () => {
    using client = connected();
    const queue = freshQueue();
    await client.event.createSubscription({
      subscription: { name: queue, filter: { types: [`${queue}.*`] }, attemptTimeout: { seconds: 3n } },
      start: eventStart("now"),
    });
    const publisher = createPublisher(client);
    const worker = createWorker(client, { queues: [queue], handlers: {}, fallback: () => "thanks" });
    await worker.start();
    const { id } = await publisher.publish(`${queue}.created`, { order: 7 }, { attributes: { zone: "b" } });
    await expect
      .poll(() => client.events.get(id))
      .toMatchObject({
        deliveredTo: 1,
        event: { id, data: { order: 7 }, attributes: { zone: "b" }, publishTime: expect.any(Date) },
        deliveries: [{ subscription: queue, state: "COMPLETED", result: "thanks", lastError: null }],
      });
    expect(JSON.stringify(await client.events.get(id))).toContain('"COMPLETED"');
    expect(await all(client.events.list({ types: [`${queue}.**`] }))).toMatchObject([{ id, time: expect.any(Date) }]);
    expect((await all(client.subscriptions.list())).find(({ name }) => name === queue)).toMatchObject({
      state: "LIVE",
      attemptTimeoutMs: 3_000,
      filter: { types: [`${queue}.*`] },
    });
    expect(await all(client.workers.list({ queue }))).toMatchObject([
      {
        id: worker.id,
        state: "CONNECTED",
        capacity: 10,
        connectTime: expect.any(Date),
        statistics: { completed: 1, failed: 0, lost: 0, medianDurationMs: expect.any(Number) },
        oldestTaskId: "",
      },
    ]);
    await worker.stop();
    await publisher.close();

    expectTypeOf<EventRecord["attributes"]["x"]>().not.toBeNever();
    expectTypeOf<DeliveryRecord["state"]>().toEqualTypeOf<TaskRecord["state"]>();
    expectTypeOf<SubscriptionRecord["state"]>().not.toBeNever();
    type State = "UNSPECIFIED" | "CONNECTED" | "DRAINING" | "DISCONNECTED" | "LOST" | "CLAIMING";
    expectTypeOf<WorkerRecord["state"]>().toEqualTypeOf<State>();
  });
});

it("a workflow is read with its steps and their results, and listed", async () => {
  using client = connected();
  const service = freshQueue();
  const worker = createWorker(client, { queues: [service], handlers: { add: () => 3 } });
  await worker.start();
  const started = await startWorkflow(client, workflow(service).step("sum", "add", {}, { service, timeoutMs: 5_000 }));
  await awaitWorkflow(client, started);
  const read = await client.workflows.get(started.id);
  expect(read).toMatchObject({
    state: "COMPLETED",
    compensationState: "UNSPECIFIED",
    durationMs: expect.any(Number),
    steps: [{ stepId: "sum", state: "COMPLETED", result: 3, timeoutMs: 5_000, maxRetries: expect.anything() }],
  });
  expect(JSON.stringify(read)).toContain('"result":3');
  expect(await all(client.workflows.list({ name: service, states: ["completed"] }))).toMatchObject([
    { id: started.id },
  ]);
  await worker.stop();
  expectTypeOf<WorkflowRecord["steps"][number]["maxRetries"]>().toEqualTypeOf<number | null>();
  expectTypeOf<WorkflowRecord["compensationState"]>().not.toBeNever();
});

it("a workflow is cancelled, and goes on", async () => {
  using client = connected();
  const service = freshQueue();
  const { id } = await startWorkflow(client, workflow(service).step("a", "t", {}, { service }));
  const cancelled = await client.workflows.cancel(id, { reason: "sold out", compensate: true });
  expect(cancelled).toMatchObject({ id, state: "CANCELLED", finishTime: expect.any(Date) });
  await expect(client.workflows.cancel("none")).rejects.toMatchObject({ reason: "WORKFLOW_NOT_FOUND" });
  expect(await client.workflows.retry(id)).toMatchObject({ id, finishTime: null });
});

describe("a value of an enum", () => {
  const enums = [BalancingStrategySchema, DuplicatePolicySchema, TaskStateSchema, TaskViewSchema];

  it.each(enums.flatMap((desc) => desc.values.map(({ number }) => [desc.typeName, desc, number] as const)))(
    "%s %#: goes there and back as a text, in capitals or not",
    (_, desc, number) => {
      const text = enumText(desc, number);
      if (number === 0) expect(text).toBe("UNSPECIFIED");
      else for (const option of [text, text.toLowerCase(), number]) expect(enumValue(desc, "f", option)).toBe(number);
    },
  );

  it("that a newer server has made is its number", () => expect(enumText(TaskStateSchema, 99)).toBe("99"));

  it.each([["nonsense"], ["unspecified"], [99], [null], [{}], ["toString"]])(
    "that is %j is refused with those that there are",
    (option) => {
      expect(() => enumValue(BalancingStrategySchema, "strategy", option)).toThrow(
        `strategy: ${JSON.stringify(option)} is none of least_loaded, round_robin, random, weighted, sticky`,
      );
    },
  );

  it("is refused where a task is enqueued and an instance picked", async () => {
    using client = connected();
    const producer = createProducer(client);
    const options = { deduplicationKey: "k", duplicatePolicy: "drop" as "refuse" };
    await expect(producer.enqueue("q", "t", {}, options)).rejects.toMatchObject({
      field: "duplicate_policy",
      message: 'duplicate_policy: "drop" is none of return_existing, replace, refuse',
    });
    await expect(pickInstance(client, { service: "s", strategy: "best" as "random" })).rejects.toBeInstanceOf(
      CallError,
    );
    await producer.close();
  });

  it("is typed by its texts", () => {
    expectTypeOf<"least_loaded">().toExtend<EnumOption<BalancingStrategy>>();
    expectTypeOf<"WEIGHTED">().toExtend<EnumOption<BalancingStrategy>>();
    expectTypeOf<"best">().not.toExtend<EnumOption<BalancingStrategy>>();
    expectTypeOf<"return_existing">().toExtend<EnumOption<DuplicatePolicy>>();
  });
});

it("options become the message that says the same", () => {
  const queue = {
    name: "q",
    maxDepth: 9,
    strategy: "sticky",
    retryPolicy: { maxBackoffMs: 2_500, jitter: 0 },
  } as const;
  const message = fromPlain(QueueSchema, "queue", queue);
  expect(message).toMatchObject({
    maxDepth: 9n,
    strategy: 5,
    retryPolicy: { maxBackoff: { seconds: 2n, nanos: 500_000_000 } },
  });
  expect(toPlain(QueueSchema, message)).toMatchObject({ ...queue, strategy: "STICKY" });
});

it("what is not set is null, and nothing of Protobuf's is left", () => {
  const task = toPlain(TaskSchema, create(TaskSchema, { headers: JSON.parse('{"__proto__": "x"}') }));
  expect(task).toMatchObject({ createTime: null, delayMs: null, lastError: null, state: "UNSPECIFIED", attempts: [] });
  expect(Object.keys(task).filter((name) => name.startsWith("$"))).toEqual([]);
  expect(Object.entries(task.headers)).toEqual([["__proto__", "x"]]);
});
