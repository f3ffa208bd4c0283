import type { IncomingHttpHeaders } from "node:http2";
import { create } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, it } from "vitest";
import { EnqueueResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkResponseSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import { SitqError } from "../../src/domain/errors.ts";
import { silentLog } from "../../src/domain/log.ts";
import { callErrorFrom } from "../../src/grpc/client/call-error.ts";
import { statusObjectOf } from "../../src/rpc/calls/status.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { failureOf, frame, openHttp2, rawCall, startRpcHarness } from "../rpc/rpc-harness.ts";

/** What a block of headers takes as HTTP/2 counts it (RFC 9113, 6.5.2). */
function blockBytes(headers: IncomingHttpHeaders): number {
  return Object.entries(headers).reduce((sum, [name, value]) => sum + name.length + String(value).length + 32, 0);
}

/** The block that grpc-js makes of a status when nothing was sent before. */
function blockOf(error: SitqError): number {
  const { code, details, metadata } = statusObjectOf(error, silentLog);
  const sent = metadata?.toHttp2Headers() ?? {};
  return blockBytes({
    ":status": "200",
    "content-type": "application/grpc+proto",
    date: new Date(0).toUTCString(),
    "grpc-status": String(code),
    "grpc-message": encodeURI(details),
    ...Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, String(value)])),
  });
}

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 3_000 }),
  fc.constantFrom("x", "я", "\u0000", "💥", "\ud83d", "%", "~").map((unit) => unit.repeat(3_000)),
);

it("keeps the block of trailers below 8 KiB, whatever the texts are", () => {
  fc.assert(
    fc.property(hostile, hostile, fc.dictionary(hostile, hostile, { maxKeys: 30 }), (text, field, metadata) => {
      const error = new SitqError("QUEUE_FULL", text, { field, metadata, retryAfterMs: 1_000 });
      expect(blockOf(error)).toBeLessThan(8_192);
      expect(callErrorFrom(Object.assign(new Error("x"), statusObjectOf(error, silentLog)))).toMatchObject({
        codeName: "RESOURCE_EXHAUSTED",
        reason: "QUEUE_FULL",
      });
    }),
    { numRuns: 300 },
  );
});

it("leaves alone what fits", () => {
  const details = { field: "task.queue", metadata: { limit: "100" }, retryAfterMs: 1_500 };
  const status = statusObjectOf(new SitqError("QUEUE_FULL", "Zu viele – 100 %.", details), silentLog);
  expect(status.details).toBe("Zu viele – 100 %.");
  expect(callErrorFrom(Object.assign(new Error("x"), status))).toMatchObject(details);
});

it("keeps the code and the reason of a refusal of a thousand Cyrillic letters, as a client gets it", async () => {
  const text = "я".repeat(1_100);
  const harness = await startRpcHarness({
    queue: {
      async getTask() {
        throw new SitqError("TASK_NOT_FOUND", `There is no task ${text}.`, { field: "task_id", metadata: { text } });
      },
    },
  });
  const { stream, status } = rawCall(openHttp2(harness.address), "/sitq.v1.QueueService/GetTask");
  const block = new Promise<IncomingHttpHeaders>((resolve) => stream.on("response", resolve));
  stream.end(frame(Buffer.from([])));
  expect(await status).toMatchObject({ codeName: "NOT_FOUND", reason: "TASK_NOT_FOUND", field: expect.any(String) });
  expect(blockBytes(await block)).toBeLessThan(8_192);
});

it("sends beside RetryInfo the trailer that retry policies obey", () => {
  const status = statusObjectOf(new SitqError("QUEUE_FULL", "full", { retryAfterMs: 1_000 }), silentLog);
  expect(status.metadata?.get("grpc-retry-pushback-ms")).toEqual(["1000"]);
  expect(statusObjectOf(new SitqError("STALE", "gone"), silentLog).metadata?.get("grpc-retry-pushback-ms")).toEqual([]);
});

it.each([true, false])(
  "resets a stream that it ends, a second behind the trailers; something was said before: %s",
  async (spoke) => {
    const clock = createFakeClock();
    const harness = await startRpcHarness({
      clock,
      worker: {
        async work(_requests, _context, out) {
          if (spoke) out.send(create(WorkResponseSchema));
          throw new SitqError("WORKER_REPLACED", "another one");
        },
      },
    });
    const { stream, status } = rawCall(openHttp2(harness.address), "/sitq.v1.WorkerService/Work");
    stream.write(frame(Buffer.from([])));
    const closed = new Promise<void>((resolve) => stream.on("close", resolve));
    expect(await status).toMatchObject({ codeName: "ABORTED", reason: "WORKER_REPLACED" });
    // This side has not ended its own half: only a reset closes the stream. It has a second for it.
    await clock.timers((pending) => pending > 0);
    clock.advance(999);
    expect(stream.closed).toBe(false);
    clock.advance(1);
    await closed;
    expect(stream.rstCode).toBe(0);
  },
);

const enqueue = "/sitq.v1.QueueService/Enqueue";
const answering = { queue: { enqueue: async () => create(EnqueueResponseSchema) } };

it("says of an unknown method and service what it is, with details like every refusal", async () => {
  const harness = await startRpcHarness();
  for (const path of ["/sitq.v1.QueueService/Nothing", "/no.Service/Nothing", "/", `/x/${"y".repeat(15_000)}`]) {
    const { stream, status } = rawCall(openHttp2(harness.address), path);
    stream.end(frame(Buffer.from([])));
    expect(await status).toMatchObject({ codeName: "UNIMPLEMENTED", reason: "UNKNOWN_METHOD" });
  }
});

it("says of a message that is too large how much is taken", async () => {
  const harness = await startRpcHarness({ ...answering, settings: { maxReceiveBytes: 200_000 } });
  const { stream, status } = rawCall(openHttp2(harness.address), enqueue);
  stream.write(frame(Buffer.alloc(200_001)));
  expect(await status).toMatchObject({
    codeName: "RESOURCE_EXHAUSTED",
    reason: "MESSAGE_TOO_LARGE",
    metadata: { max_bytes: "200000" },
  });
});

it("says of a compression that it does not know which it knows", async () => {
  const harness = await startRpcHarness(answering);
  const { stream, status } = rawCall(openHttp2(harness.address), enqueue, { "grpc-encoding": "zstd" });
  const block = new Promise<IncomingHttpHeaders>((resolve) => stream.on("response", resolve));
  stream.end(frame(Buffer.from("anything"), { flag: 1 }));
  expect(await status).toMatchObject({ codeName: "UNIMPLEMENTED", reason: "UNSUPPORTED_ENCODING" });
  expect((await block)["grpc-accept-encoding"]).toBe("identity,deflate,gzip");
});

it("says of a timeout that is none which header it is", async () => {
  const harness = await startRpcHarness(answering);
  const { stream, status } = rawCall(openHttp2(harness.address), enqueue, { "grpc-timeout": "soon" });
  stream.end(frame(Buffer.from([])));
  expect(await status).toMatchObject({ codeName: "INVALID_ARGUMENT", field: "grpc-timeout" });
});

it("tells it to a client of grpc-js too", async () => {
  const harness = await startRpcHarness({
    queue: {
      async getQueue() {
        throw new SitqError("QUEUE_FULL", "я".repeat(2_000), { retryAfterMs: 1_000 });
      },
    },
  });
  const { QueueService } = await import("../../gen/sitq/v1/queue_service_pb.js");
  expect(await failureOf(harness.client(QueueService).getQueue({}))).toMatchObject({
    codeName: "RESOURCE_EXHAUSTED",
    reason: "QUEUE_FULL",
    retryAfterMs: 1_000,
  });
});
