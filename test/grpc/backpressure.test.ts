import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { WatchTasksResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { OutboundStream } from "../../src/grpc/outbound-stream.ts";
import { collect, frame, openHttp2, rawCall, startRpcHarness } from "../rpc/rpc-harness.ts";

const bytesPerMessage = 10_000;
const message = create(WatchTasksResponseSchema, { changes: [{ taskId: "x".repeat(bytesPerMessage) }] });

it("stops a handler whose client does not read, and lets it go on once the client reads", async () => {
  const full = Promise.withResolvers<number>();
  const drains: string[] = [];
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, _context, out) {
        out.onDrain(() => drains.push("listener"));
        let sent = 1;
        while (out.send(message)) sent++;
        expect(out.writable).toBe(false);
        full.resolve(sent);
        await out.drained();
        drains.push("promise");
        expect(out.writable).toBe(true);
      },
    },
  });
  const { stream, status } = rawCall(openHttp2(harness.address), "/sitq.v1.QueueService/WatchTasks");
  stream.pause();
  stream.end(frame(Buffer.from([])));
  // A bound of bytes, not of messages: 262,144 in the buffer, and what the connection has taken meanwhile.
  expect(await full.promise).toBeGreaterThanOrEqual(26);
  expect(await full.promise).toBeLessThan(60);
  expect(drains).toEqual([]);
  stream.resume();
  expect(await status).toMatchObject({ codeName: "OK" });
  expect(drains.toSorted()).toEqual(["listener", "promise"]);
});

it("holds no more than its bound for a client that never reads, however long the handler goes on", async () => {
  const full = Promise.withResolvers<void>();
  let sent = 0;
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, { signal }, out) {
        for (; !signal.aborted; sent++) {
          if (out.send(message)) continue;
          full.resolve();
          await out.drained();
        }
      },
    },
  });
  const { stream } = rawCall(openHttp2(harness.address), "/sitq.v1.QueueService/WatchTasks");
  stream.pause();
  stream.end(frame(Buffer.from([])));
  await full.promise;
  // What the connection itself holds goes out now; then nothing moves any more.
  for (let i = 0; i < 50; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(sent * bytesPerMessage).toBeLessThan(1_000_000);
  stream.close();
});

it("stops a client whose server does not read, and lets it go on once the server reads", async () => {
  const read = Promise.withResolvers<void>();
  let received = 0;
  const harness = await startRpcHarness({
    worker: {
      async work(requests) {
        await read.promise;
        for await (const _ of requests) received++;
      },
    },
  });
  const call = harness.client(WorkerService).work();
  const request = { message: { case: "hello", value: { workerId: "x".repeat(bytesPerMessage) } } } as const;
  let sent = 0;
  let room = true;
  // Each round gives the connection time to take what it can: the bound is reached only by what nobody reads.
  for (let round = 0; round < 200 && room; round++) {
    for (let i = 0; i < 10 && room; i++) {
      room = call.send(request);
      sent++;
    }
    if (room) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(room).toBe(false);
  expect(sent * bytesPerMessage).toBeLessThan(1_000_000);
  read.resolve();
  await call.drained();
  expect(call.send(request)).toBe(true);
  call.end();
  await collect(call.responses);
  expect(received).toBe(sent + 1);
});

it("does not read ahead of a slow handler without bound", async () => {
  const harness = await startRpcHarness({
    worker: {
      async work(_requests, { signal }) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    },
  });
  const { stream } = rawCall(openHttp2(harness.address), "/sitq.v1.WorkerService/Work");
  const bytes = frame(Buffer.concat([Buffer.from([0x12, 0xe0, 0xa7, 0x12]), Buffer.alloc(300_000)]));
  let taken = 0;
  for (let i = 0; i < 50; i++) stream.write(bytes, () => taken++);
  for (let i = 0; i < 200; i++) await new Promise((resolve) => setImmediate(resolve));
  expect(taken).toBeLessThan(25);
  stream.close();
});

/** A stream that keeps what is written until it is told otherwise. */
function heldSink() {
  const held: (() => void)[] = [];
  return {
    held,
    write(_bytes: Buffer, written: () => void) {
      held.push(written);
      return true;
    },
  };
}

it("counts as drained when half of it is gone, once each time", async () => {
  const sink = heldSink();
  const out = new OutboundStream<Buffer>(sink, (bytes) => bytes);
  let drains = 0;
  out.onDrain(() => drains++);
  const half = Buffer.alloc(131_072);
  expect([out.send(half), out.send(half)]).toEqual([true, false]);
  const drained = out.drained();
  sink.held.shift()?.();
  // The messages cost a little beside their bytes.
  expect(drains).toBe(0);
  sink.held.shift()?.();
  await drained;
  expect([drains, out.writable]).toEqual([1, true]);
  await out.drained();
  expect(drains).toBe(1);
});

it("is full of very many empty messages too", () => {
  const out = new OutboundStream<Buffer>(heldSink(), (bytes) => bytes);
  let sent = 1;
  while (out.send(Buffer.alloc(0))) sent++;
  expect(sent).toBe(4_096);
});
