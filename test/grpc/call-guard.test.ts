import type { ClientHttp2Session, ClientHttp2Stream } from "node:http2";
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EnqueueResponseSchema, QueueService, WatchTasksResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService, WorkResponseSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import { createFakeClock, type FakeClock } from "../harness/fake-clock.ts";
import { collect, frame, openHttp2, rawCall, startRpcHarness } from "../rpc/rpc-harness.ts";

const timeoutMs = 5_000;

async function startServerWithClock() {
  const clock = createFakeClock();
  const seen: unknown[] = [];
  const harness = await startRpcHarness({
    clock,
    settings: { firstMessageTimeoutMs: timeoutMs },
    queue: {
      enqueue: async () => create(EnqueueResponseSchema),
      async watchTasks(_request, _context, out) {
        out.send(create(WatchTasksResponseSchema));
      },
    },
    worker: {
      async work(requests, { signal }, out) {
        try {
          for await (const _ of requests) out.send(create(WorkResponseSchema));
        } finally {
          seen.push(signal.aborted);
        }
      },
    },
  });
  return { clock, harness, seen };
}

const paths = ["QueueService/Enqueue", "QueueService/WatchTasks", "WorkerService/Work"];

/** Waits until the server has seen a call. */
const timerOf = (clock: FakeClock) => clock.timers((pending) => pending > 0);

it.each(paths)("ends a call that never says anything: %s", async (path) => {
  const { clock, harness, seen } = await startServerWithClock();
  const { stream, status } = rawCall(openHttp2(harness.address), `/sitq.v1.${path}`);
  await timerOf(clock);
  clock.advance(timeoutMs - 1);
  expect(stream.closed).toBe(false);
  clock.advance(1);
  expect(await status).toMatchObject({ codeName: "DEADLINE_EXCEEDED", reason: "FIRST_MESSAGE_TIMEOUT" });
  if (path === "WorkerService/Work") expect(seen).toEqual([true]);
  expect(harness.log).toEqual([]);
  stream.close();
  await clock.timers((pending) => pending === 0);
});

it.each(paths.slice(0, 2))("ends a call that says it but never ends its request: %s", async (path) => {
  const { clock, harness } = await startServerWithClock();
  const { stream, status } = rawCall(openHttp2(harness.address), `/sitq.v1.${path}`);
  stream.write(frame(Buffer.from([])));
  await timerOf(clock);
  clock.advance(timeoutMs);
  expect(await status).toMatchObject({ codeName: "DEADLINE_EXCEEDED", reason: "FIRST_MESSAGE_TIMEOUT" });
});

it.each(paths)("ends a call that sends half a message: %s", async (path) => {
  const { clock, harness } = await startServerWithClock();
  const { stream, status } = rawCall(openHttp2(harness.address), `/sitq.v1.${path}`);
  stream.write(frame(Buffer.from([0x0a]), { length: 1_000 }));
  await timerOf(clock);
  clock.advance(timeoutMs);
  expect(await status).toMatchObject({ reason: "FIRST_MESSAGE_TIMEOUT" });
});

it("leaves a stream alone that has said something, and no timer behind", async () => {
  const { clock, harness } = await startServerWithClock();
  const call = harness.client(WorkerService).work();
  const responses = call.responses[Symbol.asyncIterator]();
  call.send({});
  await responses.next();
  expect(clock.pendingTimers).toBe(0);
  clock.advance(timeoutMs * 10);
  call.send({});
  expect(await responses.next()).toMatchObject({ done: false });
  call.end();
  expect(await responses.next()).toMatchObject({ done: true });
});

it("leaves a handler all the time it needs once the request is there", async () => {
  const clock = createFakeClock();
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const harness = await startRpcHarness({
    clock,
    queue: {
      async enqueue() {
        begun.resolve();
        await finish.promise;
        return create(EnqueueResponseSchema, { created: true });
      },
    },
  });
  const call = harness.client(QueueService).enqueue({});
  await begun.promise;
  expect(clock.pendingTimers).toBe(0);
  clock.advance(3_600_000);
  finish.resolve();
  expect(await call).toMatchObject({ created: true });
});

it("leaves no timer behind after a call whose own deadline came first", async () => {
  const { clock, harness } = await startServerWithClock();
  const { stream, status } = rawCall(openHttp2(harness.address), "/sitq.v1.QueueService/Enqueue", {
    "grpc-timeout": "20m",
  });
  expect(await status).toMatchObject({ codeName: "DEADLINE_EXCEEDED", reason: null });
  stream.close();
  await clock.timers((pending) => pending === 0);
});

it("leaves no timer behind after calls that went as they should, or were cut off", async () => {
  const { clock, harness } = await startServerWithClock();
  await harness.client(QueueService).enqueue({});
  await collect(harness.client(QueueService).watchTasks({}));
  expect(clock.pendingTimers).toBe(0);
  const session = openHttp2(harness.address);
  rawCall(session, "/sitq.v1.QueueService/Enqueue");
  await timerOf(clock);
  session.destroy();
  await clock.timers((pending) => pending === 0);
});

/** Sends bytes, and waits until the server has read them: what a connection brings is read in order, a ping too. */
async function sendBytes(session: ClientHttp2Session, stream: ClientHttp2Stream, bytes: Uint8Array): Promise<void> {
  await new Promise((resolve) => stream.write(bytes, resolve));
  await new Promise((resolve) => session.ping(resolve));
}

it("waits for a message that keeps coming, however long it takes", async () => {
  const { clock, harness } = await startServerWithClock();
  const session = openHttp2(harness.address);
  const { stream, status } = rawCall(session, "/sitq.v1.QueueService/Enqueue");
  await sendBytes(session, stream, frame(Buffer.alloc(60_000), { length: 600_000 }));
  await timerOf(clock);
  for (let n = 0; n < 8; n++) {
    clock.advance(timeoutMs);
    await timerOf(clock);
    await sendBytes(session, stream, Buffer.alloc(60_000));
  }
  expect(stream.closed).toBe(false);
  stream.end(Buffer.alloc(60_000));
  expect(await status).toMatchObject({ codeName: "INVALID_ARGUMENT", reason: "MALFORMED_MESSAGE" });
  expect(clock.pendingTimers).toBe(0);
});

it("ends one that trickles", async () => {
  const { clock, harness } = await startServerWithClock();
  const session = openHttp2(harness.address);
  const { stream, status } = rawCall(session, "/sitq.v1.QueueService/Enqueue");
  await sendBytes(session, stream, frame(Buffer.alloc(60_000), { length: 600_000 }));
  await timerOf(clock);
  clock.advance(timeoutMs);
  await timerOf(clock);
  await sendBytes(session, stream, Buffer.alloc(1_000));
  clock.advance(timeoutMs);
  expect(await status).toMatchObject({ reason: "FIRST_MESSAGE_TIMEOUT" });
});

it("lets a call wait while the messages of others take up its connection", async () => {
  const { clock, harness } = await startServerWithClock();
  const session = openHttp2(harness.address);
  const silent = rawCall(session, "/sitq.v1.QueueService/Enqueue");
  const busy = rawCall(session, "/sitq.v1.QueueService/Enqueue");
  await sendBytes(session, busy.stream, frame(Buffer.alloc(60_000), { length: 600_000 }));
  await timerOf(clock);
  clock.advance(timeoutMs);
  await timerOf(clock);
  await new Promise((resolve) => session.ping(resolve));
  expect(silent.stream.closed).toBe(false);
  clock.advance(timeoutMs);
  for (const { status } of [silent, busy]) expect(await status).toMatchObject({ reason: "FIRST_MESSAGE_TIMEOUT" });
});

it("resets all streams that it ends at a time, however many there are", async () => {
  const { clock, harness } = await startServerWithClock();
  const session = openHttp2(harness.address);
  const calls = Array.from({ length: 100 }, () => rawCall(session, "/sitq.v1.QueueService/Enqueue"));
  await clock.timers((pending) => pending === calls.length);
  clock.advance(timeoutMs);
  await Promise.all(calls.map(({ status }) => status));
  const closed = calls.map(({ stream }) => new Promise((resolve) => stream.once("close", resolve)));
  await clock.timers((pending) => pending === calls.length);
  clock.advance(1_000);
  await Promise.all(closed);
});
