import { describe, expect, it } from "vitest";
import { RetryPolicySchema, TaskErrorSchema, TaskState } from "../../gen/sitq/v1/task_pb.js";
import {
  type AttemptAborted,
  CallError,
  connect,
  createProducer,
  createPublisher,
  createWorker,
  defineTask,
  handle,
  jsonTask,
  newTask,
  type ProducerOptions,
  RetryLaterError,
  TaskFailedError,
  TerminalError,
  type WorkerOptions,
} from "../../src/client/index.ts";
import { startServer, type TestServer } from "../harness/server.ts";

/** A client of a server, with what it made; all of it ends with the block. */
function createClientHarness(server: TestServer, options: ProducerOptions = {}) {
  const client = connect({ address: server.address, service: "test" });
  const producer = createProducer(client, options);
  const workers: ReturnType<typeof createWorker>[] = [];
  return {
    client,
    producer,
    async work(handlers: WorkerOptions["handlers"], more: Partial<WorkerOptions> = {}) {
      const worker = createWorker(client, { queues: ["q"], handlers, ...more });
      workers.push(worker);
      await worker.start();
      return worker;
    },
    async [Symbol.asyncDispose]() {
      for (const worker of workers) await worker.stop({ graceMs: 0 });
      await producer.close();
      client.close();
    },
  };
}

const double = jsonTask<{ n: number }, { doubled: number }>("double", { queue: "q" });

describe("payloads", () => {
  it("carries JSON, bytes and typed messages there and back", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const typed = defineTask("typed", RetryPolicySchema, TaskErrorSchema, { queue: "q" });
    await harness.work([
      handle(double, ({ n }) => ({ doubled: 2 * n })),
      handle(typed, ({ multiplier }) => ({ message: `times ${multiplier}` })),
      handle("bytes", (payload) => (payload instanceof Uint8Array ? payload.toReversed() : "not bytes")),
      handle("nothing", (payload) => payload === undefined),
    ]);
    const { producer } = harness;
    expect(await producer.awaitResult(await producer.enqueue(double, { n: 21 }))).toEqual({ doubled: 42 });
    expect(await producer.awaitResult(await producer.enqueue(typed, { multiplier: 3 }))).toMatchObject({
      message: "times 3",
    });
    const bytes = await producer.awaitResult(await producer.enqueue("q", "bytes", Uint8Array.of(1, 2, 3)));
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect([...(bytes as Uint8Array)]).toEqual([3, 2, 1]);
    expect(await producer.awaitResult(await producer.enqueue("q", "nothing"))).toBe(true);
  });

  it("fails a task for good whose payload is not what its definition says", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const typed = defineTask("typed", RetryPolicySchema, TaskErrorSchema, { queue: "q" });
    await harness.work([handle(typed, () => ({}))]);
    const task = await harness.producer.enqueue("q", "typed", Uint8Array.of(1));
    const error = await harness.producer.awaitResult(task).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(TaskFailedError);
    expect(error).toMatchObject({ state: "FAILED", type: "PAYLOAD_MISMATCH" });
  });
});

describe("outcomes", () => {
  it("tries again after an error, and completes", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    await harness.work({
      flaky(_payload, { task }) {
        if (task.attempt === 1) throw new RetryLaterError("not yet", 1);
        return task.attempt;
      },
    });
    const task = await harness.producer.enqueue("q", "flaky");
    expect(await harness.producer.awaitResult(task)).toBe(2);
    const { task: stored } = await server.queue.getTask({ taskId: task.id });
    expect(stored?.attempts.map(({ error }) => error?.message)).toEqual(["not yet", undefined]);
  });

  it("does not try again after a TerminalError", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    await harness.work({
      hopeless() {
        throw new TerminalError("never", { type: "NO_SUCH_CUSTOMER" });
      },
    });
    const task = await harness.producer.enqueue("q", "hopeless", null, { maxAttempts: 5 });
    await expect(harness.producer.awaitResult(task)).rejects.toMatchObject({
      state: "FAILED",
      type: "NO_SUCH_CUSTOMER",
      message: `The task ${task.id} (hopeless) failed after 1 attempt: NO_SUCH_CUSTOMER: never`,
    });
    expect((await server.queue.getTask({ taskId: task.id })).task?.attempt).toBe(1);
  });

  it("tells a running handler of a cancel, and shows its progress", async () => {
    // No heartbeat comes within the test: the cancel is sent by itself.
    await using server = await startServer({ config: { heartbeatIntervalMs: 200_000, leaseDurationMs: 600_000 } });
    await using harness = createClientHarness(server);
    const stopped = Promise.withResolvers<unknown>();
    await harness.work({
      async long(_payload, { signal, progress }) {
        progress(0.25, "quarter");
        await new Promise<void>((resolve) => {
          signal.addEventListener("abort", () => resolve());
        });
        stopped.resolve(signal.reason);
      },
    });
    const task = await harness.producer.enqueue("q", "long");
    await expect
      .poll(async () => (await server.queue.getTask({ taskId: task.id })).task?.progress?.fraction, { timeout: 5_000 })
      .toBe(0.25);
    await server.queue.cancelTask({ taskId: task.id, reason: "no longer wanted" });
    const reason = (await stopped.promise) as AttemptAborted;
    expect(reason).toMatchObject({ why: "CANCELLED", message: "no longer wanted" });
    await expect(harness.producer.awaitResult(task)).rejects.toMatchObject({ state: "CANCELLED" });
  });
});

describe("the producer", () => {
  it("makes one call of what is enqueued at once, and answers each by itself", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const calls = harness.client.queue.enqueueBatch;
    let batches = 0;
    Object.assign(harness.client.queue, {
      enqueueBatch: (...args: Parameters<typeof calls>) => {
        batches++;
        return calls(...args);
      },
    });
    const answers = await Promise.allSettled([
      ...Array.from({ length: 500 }, (_, n) => harness.producer.enqueue(double, { n })),
      harness.producer.enqueue("not a name", "double"),
    ]);
    expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(500);
    expect(answers.at(-1)).toMatchObject({
      status: "rejected",
      reason: { reason: "INVALID_FIELD", codeName: "INVALID_ARGUMENT" },
    });
    expect(batches).toBeLessThan(10);
    const { queue } = await server.queue.getQueue({ name: "q" });
    expect(queue?.statistics?.pending).toBe(500n);
  });

  it("stores what belongs together at once", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const answers = await harness.producer.enqueueAll(
      [1, 2, 3].map((n) => newTask(double, { n }, { correlationId: "order-1" })),
    );
    expect(answers.map(({ error }) => error)).toEqual([null, null, null]);
    const { tasks } = await server.queue.listTasks({ filter: { correlationId: "order-1" } });
    expect(tasks).toHaveLength(3);
  });

  it("makes one task though the first answer was lost", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const { enqueueStream } = harness.client;
    const send = enqueueStream.send.bind(enqueueStream);
    let lost = 0;
    enqueueStream.send = async (batch) => {
      const answer = await send(batch);
      if (lost++ === 0) await harness.client.queue.getTask({ taskId: "x" }, { timeoutMs: 0 });
      return answer;
    };
    const task = await harness.producer.enqueue(double, { n: 1 });
    expect(lost).toBeGreaterThan(1);
    expect(task.created).toBe(true);
    const { tasks } = await server.queue.listTasks({});
    expect(tasks.map(({ id }) => id)).toEqual([task.id]);
  });
});

describe("a restart of the server", () => {
  it("leaves the worker its task, which it settles over its next stream", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const begun = Promise.withResolvers<void>();
    const goOn = Promise.withResolvers<void>();
    const connected: (() => void)[] = [];
    await harness.work(
      {
        async slow(_payload, { task, signal }) {
          begun.resolve();
          await goOn.promise;
          return { attempt: task.attempt, aborted: signal.aborted };
        },
      },
      { events: { onConnect: () => connected.shift()?.() } },
    );
    const task = await harness.producer.enqueue("q", "slow");
    await begun.promise;
    const reconnected = new Promise<void>((resolve) => {
      connected.push(resolve);
    });
    await server.restart();
    await reconnected;
    goOn.resolve();
    expect(await harness.producer.awaitResult(task)).toEqual({ attempt: 1, aborted: false });
    expect((await server.queue.getTask({ taskId: task.id })).task?.state).toBe(TaskState.COMPLETED);
  });
});

describe("a refusal of one of several that shared a batch", () => {
  it("names its own field as the call for it alone would, and quotes the value", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const calls = ["ok", "fine", "bad queue", "good"].map((queue) => harness.producer.enqueue(queue, "t"));
    const settled = await Promise.allSettled(calls);
    expect(settled.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "rejected", "fulfilled"]);
    await expect(calls[2]).rejects.toMatchObject({
      reason: "INVALID_FIELD",
      field: "task.queue",
      message: expect.stringMatching(/^task\.queue "bad queue": may hold /),
    });
    const [, answer] = await harness.producer.enqueueAll([newTask("ok", "t"), newTask("bad queue", "t")]);
    expect(answer?.error).toMatchObject({ field: "task.queue" });
  });

  it("names none where none is at fault", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    await harness.producer.enqueue("q", "t", { n: 1 }, { deduplicationKey: "k" });
    const twice = harness.producer.enqueue("q", "t", { n: 1 }, { requestId: "r" });
    const other = harness.producer.enqueue("q", "t", { n: 2 }, { requestId: "r" });
    await twice;
    await expect(other).rejects.toMatchObject({ reason: "REQUEST_ID_REUSED", field: "request_id" });
  });

  it("is the same of events", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const publisher = createPublisher(harness.client);
    const calls = ["order.created", "order created"].map((type) => publisher.publish(type, {}));
    await calls[0];
    await expect(calls[1]).rejects.toMatchObject({
      field: "event.type",
      message: expect.stringMatching(/^event\.type "order created": may hold /),
    });
    await publisher.close();
  });
});

describe("several tasks at once", () => {
  it("are stored all or none with atomic, and otherwise each for itself", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server);
    const { producer } = harness;
    const pending = async () => (await harness.client.queues.get("q")).statistics?.pending ?? 0;
    const tasks = [newTask("q", "a"), newTask("bad queue", "b"), newTask("q", "c")];

    await producer.enqueue("q", "first");
    expect(await producer.enqueueAll(tasks, { atomic: true })).toMatchObject([
      { task: null, error: { reason: "BATCH_REFUSED", field: null } },
      { task: null, error: { reason: "INVALID_FIELD", field: "task.queue" } },
      { task: null, error: { reason: "BATCH_REFUSED" } },
    ]);
    expect(await pending()).toBe(1);
    const good = [newTask("q", "a"), newTask("q", "c")];
    const stored = await producer.enqueueAll(good, { atomic: true });
    expect(stored).toMatchObject(Array(2).fill({ task: { created: true }, error: null }));
    expect(await pending()).toBe(3);

    expect(await producer.enqueueAll(tasks)).toMatchObject([{ error: null }, { task: null }, { error: null }]);
    expect(await pending()).toBe(5);
    expect(await producer.enqueueAll([], { atomic: true })).toEqual([]);
  });

  it("are repeated together when the answer to an atomic batch is lost, and stored once", async () => {
    await using server = await startServer();
    await using harness = createClientHarness(server, { callTimeoutMs: 2_000 });
    const { client, producer } = harness;
    const { enqueueStream } = client;
    const send = enqueueStream.send.bind(enqueueStream);
    let calls = 0;
    enqueueStream.send = async (batch) => {
      const answer = await send(batch);
      if (++calls === 1) throw new CallError("lost", { code: 14 });
      return answer;
    };
    const answers = await producer.enqueueAll([newTask("q", "a"), newTask("q", "b")], { atomic: true });
    expect(answers).toMatchObject(Array(2).fill({ task: { created: true }, error: null }));
    expect(calls).toBe(2);
    expect((await client.queues.get("q")).statistics?.pending).toBe(2);
  });
});
