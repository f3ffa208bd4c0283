import { expect, onTestFinished, test } from "vitest";
import { connect, createProducer, createWorker, TerminalError } from "../../../src/client/index.ts";
import { type ServerOverrides, startServer } from "../../harness/server.ts";

async function startProducer(config: ServerOverrides["config"] = {}) {
  const server = await startServer({ config });
  const client = connect({ address: server.address });
  const producer = createProducer(client);
  onTestFinished(async () => {
    await producer.close();
    client.close();
    await server.stop();
  });
  return { client, producer };
}

test("processes one chosen task by its id, and answers the result", async () => {
  const { client, producer } = await startProducer();
  const [, second] = [await producer.enqueue("q", "double", 2), await producer.enqueue("q", "double", 21)];
  const handlers = { double: (payload: unknown) => Number(payload) * 2 };
  const worker = createWorker(client, { queues: [], handlers, workerId: "w" });
  const { result, workerId, attempt, tookMs } = await worker.process(second.id);
  expect({ result, workerId, attempt }).toEqual({ result: 42, workerId: "w", attempt: 1 });
  expect(tookMs).toBeGreaterThanOrEqual(0);

  const completed = await producer.awaitCompleted(second);
  expect(completed).toMatchObject({ taskId: second.id, result: 42, workerId: "w", attempt: 1 });
  expect(completed.tookMs).toBeGreaterThanOrEqual(0);
  expect(await producer.awaitResult(second)).toBe(42);
});

test("says why a task cannot be processed", async () => {
  const { client, producer } = await startProducer();
  const worker = createWorker(client, { queues: [], handlers: { known: () => "done" } });
  const done = await producer.enqueue("q", "known");
  await worker.process(done.id);
  const unknown = await producer.enqueue("q", "unknown");
  const later = await producer.enqueue("q", "known", null, { delayMs: 60_000 });
  const paused = await producer.enqueue("still", "known");
  await client.queue.updateQueue({ queue: { name: "still", paused: true } });
  const why = async (id: string) => worker.process(id).catch((error: Error) => error);
  const refusal = { reason: "TASK_NOT_CLAIMABLE", codeName: "FAILED_PRECONDITION" };
  expect(await why(done.id)).toMatchObject({ ...refusal, message: expect.stringContaining("it is COMPLETED") });
  expect(await why(later.id)).toMatchObject({ ...refusal, message: expect.stringContaining("it is SCHEDULED") });
  expect(await why(unknown.id)).toMatchObject({
    ...refusal,
    message: expect.stringContaining("no handler for unknown"),
  });
  expect(await why(paused.id)).toMatchObject({ ...refusal, message: expect.stringContaining("paused") });
  expect(await why("0000000000")).toMatchObject({ reason: "TASK_NOT_FOUND" });
});

test.each([
  ["more than fits into a message", {}, 5_000_000, "PAYLOAD_TOO_LARGE"],
  [
    "more than the server takes in a message",
    { maxReceiveBytes: 131_072, maxPayloadBytes: 65_536 },
    200_000,
    "MESSAGE_TOO_LARGE",
  ],
])("fails a chosen task for good whose result is %s", async (_, config, length, type) => {
  const { client, producer } = await startProducer(config);
  const ends: string[] = [];
  const worker = createWorker(client, {
    queues: [],
    handlers: { blow: () => new Uint8Array(length) },
    events: { onTaskEnd: (_task, outcome) => void ends.push(outcome) },
  });
  const task = await producer.enqueue("q", "blow");
  expect(await worker.process(task.id).catch((error: Error) => error)).toMatchObject({ reason: type });
  expect(await client.tasks.get(task.id)).toMatchObject({ state: "FAILED", attempt: 1, lastError: { type } });
  expect(ends).toEqual(["failed"]);
});

test("ends as abandoned when its outcome cannot be stored", async () => {
  const { client, producer } = await startProducer();
  const ends: string[] = [];
  const worker = createWorker(client, {
    queues: [],
    handlers: { cut: () => client.close() },
    events: { onTaskEnd: (_task, outcome) => void ends.push(outcome) },
  });
  const task = await producer.enqueue("q", "cut");
  await expect(worker.process(task.id)).rejects.toMatchObject({ reason: "CLOSED" });
  expect(ends).toEqual(["abandoned"]);
});

test("stores the failure of a chosen task before it throws what the handler threw", async () => {
  const { client, producer } = await startProducer();
  const failure = new TerminalError("broken", { type: "BROKEN" });
  const handlers = {
    fail: () => {
      throw failure;
    },
  };
  const worker = createWorker(client, { queues: [], handlers });
  const task = await producer.enqueue("q", "fail");
  await expect(worker.process(task.id)).rejects.toBe(failure);
  await expect(producer.awaitResult(task)).rejects.toMatchObject({ state: "FAILED" });
});

test("tells a handler whose task is cancelled meanwhile", async () => {
  const { client, producer } = await startProducer();
  const task = await producer.enqueue("q", "long");
  const begun = Promise.withResolvers<void>();
  const worker = createWorker(client, {
    queues: [],
    handlers: {
      long: async (_payload, { signal, progress }) => {
        begun.resolve();
        await client.queue.cancelTask({ taskId: task.id });
        progress(0.5);
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      },
    },
  });
  const processed = worker.process(task.id);
  await begun.promise;
  await expect(processed).rejects.toMatchObject({ reason: "STALE" });
});

test("distributes a task to a service by a strategy or to a worker, and says which ran it and how long it took", async () => {
  const { client, producer } = await startProducer();
  const handlers = { double: (payload: unknown) => Number(payload) * 2 };
  const workers = ["a", "b"].map((workerId) => createWorker(client, { queues: ["math"], handlers, workerId }));
  await Promise.all(workers.map((worker) => worker.start()));
  onTestFinished(() => Promise.all(workers.map((worker) => worker.stop())).then(() => undefined));
  const ran: string[] = [];
  for (let n = 0; n < 4; n++) {
    const { result, workerId, tookMs } = await producer.distribute("math", "double", n, { strategy: "round_robin" });
    expect(result).toBe(n * 2);
    expect(tookMs).toBeGreaterThanOrEqual(0);
    ran.push(workerId);
  }
  expect(ran.toSorted()).toEqual(["a", "a", "b", "b"]);
  for (const workerId of ["b", "a", "a"]) {
    expect(await producer.distribute("math", "double", 1, { workerId })).toMatchObject({ result: 2, workerId });
  }
});
