import { expect, it } from "vitest";
import { AttemptOutcome, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import {
  type AttemptAborted,
  connect,
  createProducer,
  createWorker,
  type WorkerOptions,
} from "../../../src/client/index.ts";
import { startProxy } from "../../harness/proxy.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { createMailbox } from "../mailbox.ts";

/** A worker of a real server, and a producer; all of it ends with the block. */
async function startWorkerHarness(server: TestServer, address: string, options: Partial<WorkerOptions>) {
  const client = connect({ address });
  const direct = connect({ address: server.address });
  const producer = createProducer(direct);
  const connects = createMailbox<string>("connect");
  const worker = createWorker(client, {
    queues: ["q"],
    workerId: "w",
    handlers: {},
    events: { onConnect: (id) => connects.put(id) },
    ...options,
  });
  await worker.start();
  await connects.next();
  const read = async (taskId: string) => {
    const { task } = await server.queue.getTask({ taskId });
    return task ?? expect.unreachable("the task is gone");
  };
  return {
    worker,
    producer,
    connects,
    read,
    async [Symbol.asyncDispose]() {
      await worker.stop({ graceMs: 0 });
      await producer.close();
      client.close();
      direct.close();
    },
  };
}

const quick = { heartbeatIntervalMs: 100, leaseDurationMs: 2_000 };

it("comes back over a new connection when the old one goes silent without closing, and settles what it holds, once", async () => {
  await using server = await startServer({ config: quick });
  await using proxy = await startProxy(server.address);
  const begun = createMailbox<number>("begun attempt");
  const goOn = Promise.withResolvers<void>();
  await using harness = await startWorkerHarness(server, proxy.address, {
    handlers: {
      async slow(_payload, { task, signal }) {
        begun.put(task.attempt);
        await goOn.promise;
        return signal.aborted;
      },
    },
  });
  const task = await harness.producer.enqueue("q", "slow");
  await begun.next();
  const frozenMs = performance.now();
  proxy.freeze();
  await harness.connects.next();
  expect(performance.now() - frozenMs).toBeLessThan(quick.leaseDurationMs);
  goOn.resolve();
  expect(await harness.producer.awaitResult(task)).toBe(false);
  expect((await harness.read(task.id)).attempts.map(({ outcome }) => outcome)).toEqual([AttemptOutcome.COMPLETED]);
  expect(begun.all).toEqual([1]);
});

it("an outcome that was lost with its connection is told again, and the task does not run again", async () => {
  await using server = await startServer({ config: quick });
  await using proxy = await startProxy(server.address);
  let runs = 0;
  await using harness = await startWorkerHarness(server, proxy.address, {
    handlers: {
      job() {
        runs++;
        // The outcome reaches nobody over this connection.
        proxy.freeze();
        return runs;
      },
    },
  });
  const task = await harness.producer.enqueue("q", "job");
  expect(await harness.producer.awaitResult(task)).toBe(1);
  expect(runs).toBe(1);
  expect(harness.connects.all).toHaveLength(2);
  const { attempt, attempts, state } = await harness.read(task.id);
  expect({ attempt, state, attempts: attempts.length }).toEqual({
    attempt: 1,
    state: TaskState.COMPLETED,
    attempts: 1,
  });
});

it("tells the handler when its attempt takes too long, and the task is tried again", async () => {
  await using server = await startServer();
  const reasons = createMailbox<AttemptAborted>("reason");
  await using harness = await startWorkerHarness(server, server.address, {
    handlers: {
      async slow(_payload, { task, signal }) {
        if (task.attempt === 2) return "in time";
        expect(task.attemptTimeoutMs).toBe(50);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        reasons.put(signal.reason);
        return "too late";
      },
    },
  });
  const options = { attemptTimeoutMs: 50, retryPolicy: { initialBackoffMs: 0 } };
  const task = await harness.producer.enqueue("q", "slow", null, options);
  expect(await harness.producer.awaitResult(task)).toBe("in time");
  expect(await reasons.next()).toMatchObject({ why: "ATTEMPT_TIMEOUT" });
  expect((await harness.read(task.id)).attempts.map(({ outcome }) => outcome)).toEqual([
    AttemptOutcome.TIMED_OUT,
    AttemptOutcome.COMPLETED,
  ]);
});

it("stays drained when an operator says so, and takes up work again after the server has come back", async () => {
  await using server = await startServer();
  await using harness = await startWorkerHarness(server, server.address, { handlers: { job: () => "done" } });
  await server.worker.drainWorker({ workerId: "w" });
  // Nothing of the worker tells of it.
  await expect.poll(() => harness.worker.state).toBe("draining");
  const task = await harness.producer.enqueue("q", "job");
  await expect(harness.producer.awaitResult(task, { timeoutMs: 300 })).rejects.toMatchObject({
    reason: "TASK_NOT_FINISHED",
  });
  expect(harness.connects.all).toHaveLength(1);
  await server.restart();
  expect(await harness.producer.awaitResult(task)).toBe("done");
});

it("gives back what it holds when it stops, and another worker goes on with the same attempt number", async () => {
  await using server = await startServer();
  const begun = createMailbox<number>("begun attempt");
  await using harness = await startWorkerHarness(server, server.address, {
    handlers: {
      async slow(_payload, { task, signal }) {
        begun.put(task.attempt);
        await new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
      },
    },
  });
  const task = await harness.producer.enqueue("q", "slow");
  await begun.next();
  await harness.worker.stop({ graceMs: 0 });
  expect(await harness.read(task.id)).toMatchObject({ state: TaskState.PENDING, attempt: 0 });
  await using other = await startWorkerHarness(server, server.address, {
    workerId: "other",
    handlers: { slow: (_payload, context) => context.task.attempt },
  });
  expect(await other.producer.awaitResult(task)).toBe(1);
});

it("a result that the server takes no more fails the task for good, and says why", async () => {
  await using server = await startServer({ config: { maxPayloadBytes: 2_048 } });
  await using harness = await startWorkerHarness(server, server.address, {
    handlers: { large: () => "x".repeat(4_096) },
  });
  const task = await harness.producer.enqueue("q", "large");
  await expect(harness.producer.awaitResult(task)).rejects.toMatchObject({
    state: "FAILED",
    type: "PAYLOAD_TOO_LARGE",
  });
  expect((await harness.read(task.id)).attempt).toBe(1);
});

it("works and enqueues where the server takes only small messages", async () => {
  await using server = await startServer({ config: { maxPayloadBytes: 65_536, maxReceiveBytes: 131_072 } });
  const gate = Promise.withResolvers<void>();
  const begun = createMailbox<string>("begun task");
  await using harness = await startWorkerHarness(server, server.address, {
    handlers: {
      async large(_payload, { task }) {
        begun.put(task.id);
        await gate.promise;
        return "x".repeat(50_000);
      },
    },
  });
  const payload = "y".repeat(50_000);
  const tasks = await Promise.all(Array.from({ length: 8 }, () => harness.producer.enqueue("q", "large", payload)));
  for (const _ of tasks) await begun.next();
  gate.resolve();
  for (const task of tasks) expect(await harness.producer.awaitResult(task)).toHaveLength(50_000);
});

it("has every outcome settled though some of the results are larger than the server takes", async () => {
  await using server = await startServer({ config: { maxReceiveBytes: 131_072, maxPayloadBytes: 65_536 } });
  const began = createMailbox<number>("began");
  const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
  await using harness = await startWorkerHarness(server, server.address, {
    handlers: {
      make: async (size) => {
        began.put(Number(size));
        await mayEnd;
        return new Uint8Array(Number(size));
      },
    },
  });
  const sizes = [40_000, 60_000, 200_000, 3_500_000, 50_000, 10];
  const tasks = await Promise.all(sizes.map((size) => harness.producer.enqueue("q", "make", size)));
  for (const _ of sizes) await began.next();
  end();
  await harness.worker.stop();
  const ends = await Promise.all(tasks.map(async ({ id }) => harness.read(id)));
  expect(ends.map(({ state, attempt, lastError }) => [TaskState[state], attempt, lastError?.type])).toEqual([
    ["COMPLETED", 1, undefined],
    ["COMPLETED", 1, undefined],
    ["FAILED", 1, "MESSAGE_TOO_LARGE"],
    ["FAILED", 1, "PAYLOAD_TOO_LARGE"],
    ["COMPLETED", 1, undefined],
    ["COMPLETED", 1, undefined],
  ]);
});
