import { create } from "@bufbuild/protobuf";
import { type StatusObject, status as statusCode } from "@grpc/grpc-js";
import { expect, it } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { EnqueueResponseSchema, QueueService, WatchTasksResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService, WorkResponseSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import { SitqError } from "../../src/domain/errors.ts";
import { CallError } from "../../src/grpc/client/call-error.ts";
import { implementation } from "../../src/grpc/server/serve.ts";
import { collect, failureOf, frame, handlersOf, openHttp2, rawCall, startRpcHarness } from "../rpc/rpc-harness.ts";

const canary = "canary-3f9a";

/** One call of each kind. */
const kinds = ["enqueue", "watchTasks", "work"] as const;

async function startServerThatFailsWith(error: unknown) {
  const fail = async () => {
    throw error;
  };
  const harness = await startRpcHarness({ queue: { enqueue: fail, watchTasks: fail }, worker: { work: fail } });
  const queue = harness.client(QueueService);
  const calls: Record<(typeof kinds)[number], () => Promise<unknown>> = {
    enqueue: () => queue.enqueue({}),
    watchTasks: () => collect(queue.watchTasks({})),
    work: () => collect(harness.client(WorkerService).work().responses),
  };
  return { harness, calls };
}

it.each(kinds)("tells the caller of a refusal all that it says: %s", async (kind) => {
  const details = { field: "task.queue", metadata: { limit: "100" }, retryAfterMs: 1_500 };
  const { calls, harness } = await startServerThatFailsWith(new SitqError("QUEUE_FULL", "Too many – 100 %.", details));
  const error = await failureOf(calls[kind]());
  expect(error).toBeInstanceOf(CallError);
  expect(error).toMatchObject({
    code: statusCode.RESOURCE_EXHAUSTED,
    codeName: "RESOURCE_EXHAUSTED",
    message: "Too many – 100 %.",
    reason: "QUEUE_FULL",
    ...details,
  });
  expect(harness.log).toEqual([]);
});

it.each(kinds)("tells nobody but the log of what nobody foresaw: %s", async (kind) => {
  const cause = new Error(canary);
  const { calls, harness } = await startServerThatFailsWith(
    Object.assign(new Error(canary, { cause }), { code: statusCode.NOT_FOUND, details: canary }),
  );
  const error = await failureOf(calls[kind]());
  const id = error.metadata.error_id;
  expect(error).toMatchObject({ codeName: "INTERNAL", reason: "INTERNAL" });
  expect(error.message).toBe(`Internal error. The server's log has the details under id ${id}.`);
  expect(JSON.stringify([error, error.message, String(error.cause), error.stack])).not.toContain(canary);
  expect(harness.log).toEqual([
    {
      facts: { error: expect.objectContaining({ cause }), errorId: id, method: expect.any(String) },
      message: expect.any(String),
    },
  ]);
});

it.each([undefined, null, canary, 7, { code: 5, details: canary }])(
  "survives a handler that throws %j",
  async (thrown) => {
    const { calls, harness } = await startServerThatFailsWith(thrown);
    for (const kind of kinds) {
      const error = await failureOf(calls[kind]());
      expect(error).toMatchObject({ codeName: "INTERNAL", reason: "INTERNAL" });
      expect(error.message).not.toContain(canary);
    }
    expect(harness.log).toHaveLength(3);
  },
);

it("survives a handler that throws before its first await", async () => {
  const harness = await startRpcHarness({
    queue: {
      enqueue() {
        throw new SitqError("DRAINING", "not now");
      },
    },
  });
  expect(await failureOf(harness.client(QueueService).enqueue({}))).toMatchObject({ reason: "DRAINING" });
});

it("answers with a status although making it fails", async () => {
  const handlers = handlersOf(QueueService, {});
  const onError = (): StatusObject => {
    throw new Error(canary);
  };
  const { getTask } = implementation(QueueService, handlers, { onError });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const call = { request: {}, once: () => undefined, off: () => undefined };
  // Only the wrapper itself is looked at: any call will do.
  Reflect.apply(getTask ?? expect.unreachable(), undefined, [call, resolve]);
  expect(await promise).toMatchObject({ code: statusCode.INTERNAL, details: "Internal error." });
});

it("sends what a stream said before it failed", async () => {
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, _context, out) {
        for (const taskId of ["a", "b", "c"]) out.send(create(WatchTasksResponseSchema, { changes: [{ taskId }] }));
        throw new SitqError("WATCH_TOO_SLOW", "too slow");
      },
    },
  });
  const seen: unknown[] = [];
  const watch = async () => {
    for await (const { changes } of harness.client(QueueService).watchTasks({})) {
      seen.push(changes[0]?.taskId);
      // Over the same connection: the status has arrived before the second message is asked for.
      await harness.client(Health).check({});
    }
  };
  expect(await failureOf(watch())).toMatchObject({ reason: "WATCH_TOO_SLOW" });
  expect(seen).toEqual(["a", "b", "c"]);
});

it("logs an answer that cannot be encoded like any other bug", async () => {
  const harness = await startRpcHarness({
    queue: {
      enqueue: async () => create(EnqueueResponseSchema, { task: { priority: 2 ** 40 } }),
      async watchTasks(_request, _context, out) {
        out.send(create(WatchTasksResponseSchema, { changes: [{ attempt: 2 ** 40 }] }));
      },
    },
  });
  const client = harness.client(QueueService);
  expect(await failureOf(client.enqueue({}))).toMatchObject({ reason: "INTERNAL" });
  expect(await failureOf(collect(client.watchTasks({})))).toMatchObject({ reason: "INTERNAL" });
  expect(harness.log).toHaveLength(2);
});

it("refuses a request that cannot be encoded before it is sent", async () => {
  const harness = await startRpcHarness();
  const error = await failureOf(harness.client(QueueService).enqueue({ task: { priority: 2 ** 40 } }));
  expect(error).toMatchObject({ codeName: "INVALID_ARGUMENT", reason: "MALFORMED_MESSAGE" });
  expect(() =>
    harness
      .client(WorkerService)
      .work()
      .send({ message: { case: "capacity", value: { n: 0.5 } } }),
  ).toThrow(CallError);
});

it("sends a text with half a character in it, instead of ending the process", async () => {
  const { calls } = await startServerThatFailsWith(new SitqError("INVALID_FIELD", "cut \ud83d", { field: "\udca9" }));
  for (const kind of kinds) {
    expect(await failureOf(calls[kind]())).toMatchObject({ message: "cut \ufffd", field: "\ufffd" });
  }
});

const malformed: readonly (readonly [string, Buffer])[] = [
  ["random bytes", Buffer.from("rubbish, and nothing else")],
  ["a length beyond the end", Buffer.from([0x0a, 0x7f, 0x01])],
  ["a field number of 0", Buffer.from([0x02, 0x00])],
  ["an endless varint", Buffer.alloc(20, 0xff)],
  ["a wrong wire type", Buffer.from([0x0d, 1, 2, 3])],
  ["a group that is not closed", Buffer.from([0x7b])],
];

it.each(malformed)("refuses a malformed message: %s", async (_name, bytes) => {
  const harness = await startRpcHarness({
    queue: { enqueue: async () => create(EnqueueResponseSchema) },
    worker: {
      async work(requests, _context, out) {
        for await (const _ of requests) out.send(create(WorkResponseSchema));
      },
    },
  });
  const session = openHttp2(harness.address);
  for (const path of ["QueueService/Enqueue", "QueueService/WatchTasks", "WorkerService/Work"]) {
    const { stream, status } = rawCall(session, `/sitq.v1.${path}`);
    stream.end(frame(bytes));
    expect(await status, path).toMatchObject({ codeName: "INVALID_ARGUMENT", reason: "MALFORMED_MESSAGE" });
  }
  expect(harness.log).toEqual([]);
  // Others notice nothing.
  await harness.client(QueueService).enqueue({});
});

it("ends a stream at a malformed message, after those before it", async () => {
  let seen = 0;
  const harness = await startRpcHarness({
    worker: {
      async work(requests) {
        for await (const _ of requests) seen++;
      },
    },
  });
  const { stream, status } = rawCall(openHttp2(harness.address), "/sitq.v1.WorkerService/Work");
  stream.write(frame(Buffer.from([])));
  stream.write(frame(Buffer.from([])));
  stream.write(frame(Buffer.from("rubbish")));
  expect(await status).toMatchObject({ reason: "MALFORMED_MESSAGE" });
  expect(seen).toBe(2);
});

it("refuses messages above the bound, both ways, and none at it", async () => {
  const maxReceiveBytes = 131_072;
  const harness = await startRpcHarness({
    queue: {
      enqueue: async () => create(EnqueueResponseSchema),
      async watchTasks(_request, _context, out) {
        out.send(create(WatchTasksResponseSchema, { changes: [{ taskId: "x".repeat(5_000_000) }] }));
      },
    },
    settings: { maxReceiveBytes },
  });
  const client = harness.client(QueueService);
  // A tag and a length of three bytes go before it.
  const fits = "x".repeat(maxReceiveBytes - 4);
  await client.enqueue({ requestId: fits });
  expect(await failureOf(client.enqueue({ requestId: `${fits}x` }))).toMatchObject({ codeName: "RESOURCE_EXHAUSTED" });
  expect(await failureOf(collect(client.watchTasks({})))).toMatchObject({ codeName: "RESOURCE_EXHAUSTED" });
  await client.enqueue({});
});

it("says what it does not know in the words of gRPC", async () => {
  const harness = await startRpcHarness();
  const { stream, status } = rawCall(openHttp2(harness.address), "/sitq.v1.QueueService/Explode");
  stream.end(frame(Buffer.from([])));
  expect(await status).toMatchObject({ codeName: "UNIMPLEMENTED" });
});

it("fails with UNAVAILABLE where there is no server", async () => {
  const harness = await startRpcHarness({ queue: { enqueue: async () => create(EnqueueResponseSchema) } });
  const client = harness.client(QueueService);
  await harness.server.stop(0);
  const error = await failureOf(client.enqueue({}));
  expect(error).toMatchObject({ codeName: "UNAVAILABLE", reason: null, field: null, metadata: {}, retryAfterMs: null });
});
