import { expect, it } from "vitest";
import {
  connect,
  createProducer,
  createWorker,
  handle,
  jsonTask,
  watchEvents,
  watchInstances,
} from "../../../src/client/index.ts";
import { startProxy } from "../../harness/proxy.ts";
import { startServer, type TestServer } from "../../harness/server.ts";

const echo = jsonTask<number, number>("echo", { queue: "q" });

/** A client, over a proxy that counts its connections. */
async function connectCounted(server: TestServer) {
  const proxy = await startProxy(server.address);
  const client = connect({ address: proxy.address });
  return {
    client,
    connections: () => proxy.connections,
    open: proxy.open,
    async [Symbol.asyncDispose]() {
      client.close();
      await proxy.stop();
    },
  };
}

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

it.each([
  { count: 75, heldConnections: 1 },
  { count: 300, heldConnections: 4 },
  { count: 1_000, heldConnections: 14 },
])(
  "awaits $count results in one client, and short calls never wait behind them",
  async ({ count, heldConnections }) => {
    await using server = await startServer();
    await using counted = await connectCounted(server);
    const { client } = counted;
    const producer = createProducer(client);
    const tasks = await Promise.all(numbers(count).map((n) => producer.enqueue(echo, n)));
    const results = Promise.all(tasks.map((task) => producer.awaitResult(task)));
    await counted.open(1 + heldConnections);
    await client.queue.getTask({ taskId: tasks[0]?.id ?? "" }, { timeoutMs: 10_000 });
    await producer.enqueue("other", "more");

    const worker = createWorker(client, { queues: ["q"], handlers: [handle(echo, (n) => n)] });
    await worker.start();
    expect(await results).toEqual(numbers(count));
    await worker.stop();
    await producer.close();
  },
);

it("opens one connection for a client that only enqueues and reads", async () => {
  await using server = await startServer();
  await using counted = await connectCounted(server);
  const { client, connections } = counted;
  const producer = createProducer(client);
  const tasks = await Promise.all(numbers(150).map((n) => producer.enqueue(echo, n)));
  await Promise.all(tasks.map(({ id }) => client.tasks.get(id)));
  expect(connections()).toBe(1);
  await producer.close();
});

it("answers short calls beside 150 watches of events and instances", async () => {
  await using server = await startServer();
  await using counted = await connectCounted(server);
  const { client, connections } = counted;
  const leave = new AbortController();
  const connected = numbers(100).map(async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    void watchEvents(client, { start: "now", signal: leave.signal, onConnect: resolve }).next();
    await promise;
  });
  const watches = numbers(50).map(() => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return { first: promise, watch: watchInstances(client, { onChange: () => resolve() }) };
  });
  await Promise.all([...connected, ...watches.map(({ first }) => first)]);
  await client.queue.listQueues({}, { timeoutMs: 10_000 });
  expect(connections()).toBe(3);
  leave.abort();
  for (const { watch } of watches) watch.close();
});

it("takes the place of a wait that was given up", async () => {
  await using server = await startServer();
  await using counted = await connectCounted(server);
  const { client, connections } = counted;
  const producer = createProducer(client);
  const { id } = await producer.enqueue(echo, 1);
  for (let round = 0; round < 3; round++) {
    const leave = new AbortController();
    const waits = numbers(150).map(() => producer.awaitResult(id, { signal: leave.signal }));
    await counted.open(3);
    leave.abort(new Error("enough"));
    const ends = await Promise.allSettled(waits);
    expect(new Set(ends.map((end) => end.status === "rejected" && end.reason.message))).toEqual(new Set(["enough"]));
  }
  expect(connections()).toBe(3);
  await producer.close();
});

it("ends waits and watches and leaves no connection when the client is closed", async () => {
  await using server = await startServer();
  await using counted = await connectCounted(server);
  const { client } = counted;
  const producer = createProducer(client);
  const { id } = await producer.enqueue(echo, 1);
  const { promise: heard, resolve } = Promise.withResolvers<void>();
  watchInstances(client, { onChange: () => resolve() });
  const watched = watchEvents(client, { start: "now" }).next();
  const waits = numbers(220).map(() => producer.awaitResult(id));
  const ends = Promise.allSettled([watched, ...waits]);
  await heard;
  await counted.open(4);
  await producer.close();
  client.close();
  const reasons = (await ends).map((end) => end.status === "rejected" && end.reason.reason);
  expect(new Set(reasons)).toEqual(new Set(["CLOSED"]));
  await counted.open(0);
  await expect(producer.awaitResult(id)).rejects.toMatchObject({ reason: "CLOSED" });
});
