import { status as statusCode } from "@grpc/grpc-js";
import { expect, test } from "vitest";
import { clientLogOf } from "../../../src/client/connection/client-log.ts";
import { createOutages } from "../../../src/client/connection/outages.ts";
import { CallError } from "../../../src/client/index.ts";
import { WorkerConnection } from "../../../src/client/worker/worker-connection.ts";
import { startFakeServer, taskOf } from "../fake-server.ts";
import { createMailbox } from "../mailbox.ts";
import { startWorker, unavailable, waitingHandlers } from "./worker-harness.ts";

test("says something in every heartbeat interval", async () => {
  const server = await startFakeServer();
  startWorker(server);
  const stream = await server.streams.next();
  stream.welcome({ heartbeatMs: 500 });
  await stream.beats.next();
  stream.say({ case: "heartbeat", value: {} });
  await stream.beats.next();
  stream.say({ case: "heartbeat", value: {} });
  await stream.beats.next();
  expect(server.streams.all).toHaveLength(1);
});

test("cuts a stream on which the server has gone silent, and connects again", async () => {
  const server = await startFakeServer();
  const ends = createMailbox<CallError | null>("disconnect");
  const connects = createMailbox<string>("connect");
  const events = { onConnect: connects.put, onDisconnect: ends.put };
  const { worker } = startWorker(server, { events });
  const stream = await server.streams.next();
  const beganMs = performance.now();
  stream.welcome({ heartbeatMs: 50 });
  expect(await stream.over).toBe("cut");
  expect(performance.now() - beganMs).toBeGreaterThan(90);
  expect(await ends.next()).toMatchObject({ reason: "SERVER_SILENT" });
  await connects.next();
  await server.nextStream();
  await connects.next();
  expect(worker.state).toBe("connected");
});

test("connects again for ever, with growing delays that are random below their bound", async () => {
  const delays: number[] = [];
  const bounds: number[] = [];
  const enough = Promise.withResolvers<void>();
  // It is never started over the network: each call fails at once, and each delay is ended by hand.
  const connection = new WorkerConnection({
    connect: () => ({
      service: { work: () => refusedCall() } as never,
      hasFreshOther: () => false,
      failed: () => undefined,
      close: () => undefined,
    }),
    protocol: {
      hello: () => ({}) as never,
      next: () => null,
      hasMuch: () => false,
      onMessage: () => undefined,
    },
    tries: createOutages("h:1", clientLogOf("silent")).follow("w"),
    onConnect: () => undefined,
    onDrain: () => undefined,
    random: () => {
      bounds.push(delays.length);
      return 0.999;
    },
    onDisconnect(_error, delayMs) {
      if (delayMs !== null) delays.push(delayMs);
      if (delays.length === 10) enough.resolve();
      setImmediate(() => connection.hurry());
    },
  });
  connection.start().catch(() => undefined);
  await enough.promise;
  await connection.close();
  expect(delays.slice(0, 10)).toEqual([100, 200, 400, 799, 1_598, 2_997, 2_997, 2_997, 2_997, 2_997]);
});

function refusedCall() {
  return {
    send: () => true,
    drained: () => Promise.resolve(),
    end: () => undefined,
    cancel: () => undefined,
    responses: {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new CallError("refused", { code: statusCode.UNAVAILABLE })),
      }),
    },
  };
}

test("waits as long as the server asks for", async () => {
  const server = await startFakeServer();
  const delays = createMailbox<number | null>("delay");
  startWorker(server, { events: { onDisconnect: (_error, delayMs) => delays.put(delayMs) } });
  const stream = await server.nextStream();
  stream.end(new CallError("stopping", { code: statusCode.UNAVAILABLE, reason: "DRAINING", retryAfterMs: 250 }));
  expect(await delays.next()).toBeGreaterThanOrEqual(250);
  await server.nextStream();
});

test("stays on a drained stream, finishes what runs, and reconnects when the server ends it", async () => {
  const server = await startFakeServer();
  const { handler, begun, finish } = waitingHandlers();
  const connects = createMailbox<string>("connect");
  const { worker } = startWorker(server, { fallback: handler, events: { onConnect: connects.put } });
  const first = await server.nextStream();
  await connects.next();
  first.tasks(taskOf("a"));
  await begun.next();
  first.say({ case: "drain", value: {} });
  // What comes behind the word shows that it was heard.
  first.tasks(taskOf("late"));
  await begun.next();
  expect(worker.state).toBe("draining");
  for (const id of ["a", "late"]) {
    finish(`${id}/1`);
    first.settle(await first.nextOutcomes());
  }
  // Heard after that, so nothing is in flight, and still it is the one stream.
  first.tasks(taskOf("b"));
  await begun.next();
  expect(server.streams.all).toHaveLength(1);
  first.end(unavailable());
  const second = await server.nextStream();
  expect(second.hello.held).toMatchObject([{ taskId: "b" }]);
  await connects.next();
  expect(worker.state).toBe("connected");
});

test.each([
  statusCode.INVALID_ARGUMENT,
  statusCode.UNIMPLEMENTED,
  statusCode.UNAUTHENTICATED,
  statusCode.PERMISSION_DENIED,
])("start rejects when the server refuses the first hello with code %i", async (code) => {
  const server = await startFakeServer();
  const { worker, started } = startWorker(server);
  const refused = expect(started).rejects.toMatchObject({ code, message: "queues[0] is odd" });
  (await server.streams.next()).end(new CallError("queues[0] is odd", { code }));
  await refused;
  expect(worker.state).toBe("stopped");
  expect(server.streams.all).toHaveLength(1);
});

test("start goes on while the server is not there, and a later refusal ends nothing", async () => {
  const server = await startFakeServer();
  const connects = createMailbox<string>("connect");
  const { worker, started } = startWorker(server, { events: { onConnect: connects.put } });
  (await server.streams.next()).end(unavailable());
  const stream = await server.nextStream();
  await started;
  await connects.next();
  stream.end(new CallError("rubbish", { code: statusCode.INVALID_ARGUMENT }));
  await server.nextStream();
  await connects.next();
  expect(worker.state).toBe("connected");
});

test("smaller messages follow when the server takes none so large", async () => {
  const server = await startFakeServer();
  startWorker(server, { fallback: () => new Uint8Array(1_000_000) });
  const first = await server.nextStream();
  first.tasks(taskOf("a"), taskOf("b"));
  expect(await first.nextOutcomes()).toHaveLength(2);
  first.end(new CallError("Received message larger than max", { code: statusCode.RESOURCE_EXHAUSTED }));
  const second = await server.nextStream();
  expect(await second.nextOutcomes()).toHaveLength(1);
  expect(await second.nextOutcomes()).toHaveLength(1);
});

test("stops for good when another process has its worker id, and tells its handlers", async () => {
  const server = await startFakeServer();
  const handlers = waitingHandlers();
  const { worker } = startWorker(server, { fallback: handlers.handler });
  const stream = await server.nextStream();
  stream.tasks(taskOf("t1"));
  const key = await handlers.begun.next();
  const { incarnation } = stream.hello;
  expect(incarnation).not.toBe("");
  stream.end(new CallError("gone", { code: statusCode.ABORTED, reason: "STREAM_REPLACED" }));
  const next = await server.nextStream();
  expect(next.hello.incarnation).toBe(incarnation);
  next.end(new CallError("taken", { code: statusCode.ABORTED, reason: "WORKER_REPLACED" }));
  expect(await worker.ended).toMatchObject({ reason: "WORKER_REPLACED" });
  expect(worker.state).toBe("stopped");
  expect(handlers.signal(key).reason).toMatchObject({ why: "WORKER_REPLACED" });
  handlers.finish(key);
  await worker.stop();
  expect(server.streams.all).toHaveLength(2);
});
