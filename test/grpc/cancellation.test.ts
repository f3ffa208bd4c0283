import { once } from "node:events";
import { create } from "@bufbuild/protobuf";
import { expect, it } from "vitest";
import { EnqueueResponseSchema, QueueService, WatchTasksResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { WorkerService, WorkResponseSchema } from "../../gen/sitq/v1/worker_service_pb.js";
import type { CallOptions } from "../../src/grpc/client/client.ts";
import type { CallContext } from "../../src/grpc/handlers.ts";
import { CallCancelled } from "../../src/grpc/server/open-call.ts";
import { collect, failureOf, frame, openHttp2, rawCall, startRpcHarness } from "../rpc/rpc-harness.ts";

/** A server whose handlers wait until their call is cancelled. */
async function startServerThatWaits() {
  const begun = Promise.withResolvers<CallContext>();
  const cancelled = Promise.withResolvers<unknown>();
  const wait = async (context: CallContext): Promise<never> => {
    const aborted = once(context.signal, "abort");
    begun.resolve(context);
    await aborted;
    cancelled.resolve(context.signal.reason);
    throw context.signal.reason;
  };
  const harness = await startRpcHarness({
    queue: { enqueue: (_request, context) => wait(context), watchTasks: (_request, context) => wait(context) },
    worker: { work: (_requests, context) => wait(context) },
  });
  const queue = harness.client(QueueService);
  const calls: Record<string, (options: CallOptions) => Promise<unknown>> = {
    enqueue: (options) => queue.enqueue({}, options),
    watchTasks: (options) => collect(queue.watchTasks({}, options)),
    work: (options) => collect(harness.client(WorkerService).work(options).responses),
  };
  return { harness, calls, begun: begun.promise, cancelled: cancelled.promise };
}

/** Waits until the rejection of a handler has been dealt with. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const kinds = ["enqueue", "watchTasks", "work"];

it.each(kinds)("tells the handler that its call was cancelled: %s", async (kind) => {
  const { harness, calls, begun, cancelled } = await startServerThatWaits();
  const abort = new AbortController();
  const failure = failureOf(calls[kind]?.({ signal: abort.signal }) ?? expect.unreachable());
  await begun;
  abort.abort();
  expect(await failure).toMatchObject({ codeName: "CANCELLED" });
  expect(await cancelled).toBeInstanceOf(CallCancelled);
  // Nothing went wrong, so nothing is logged.
  await settled();
  expect(harness.log).toEqual([]);
});

it.each(kinds)("tells the handler that its deadline has passed: %s", async (kind) => {
  const { harness, calls, cancelled } = await startServerThatWaits();
  // Long enough for the call to reach its handler on a busy machine: one that does not get there is not told.
  const error = await failureOf(calls[kind]?.({ timeoutMs: 1_000 }) ?? expect.unreachable());
  expect(error).toMatchObject({ codeName: "DEADLINE_EXCEEDED" });
  expect(await cancelled).toBeInstanceOf(CallCancelled);
  await settled();
  expect(harness.log).toEqual([]);
});

it.each(["/sitq.v1.QueueService/Enqueue", "/sitq.v1.QueueService/WatchTasks", "/sitq.v1.WorkerService/Work"])(
  "tells the handler that the connection is gone: %s",
  async (path) => {
    const { harness, begun, cancelled } = await startServerThatWaits();
    const session = openHttp2(harness.address);
    rawCall(session, path).stream.end(frame(Buffer.from([])));
    const context = await begun;
    session.destroy();
    expect(await cancelled).toBeInstanceOf(CallCancelled);
    expect(context.signal.aborted).toBe(true);
  },
);

it("makes no call with a signal that is aborted already", async () => {
  const { calls } = await startServerThatWaits();
  for (const kind of kinds) {
    const error = await failureOf(calls[kind]?.({ signal: AbortSignal.abort() }) ?? expect.unreachable());
    expect(error).toMatchObject({ codeName: "CANCELLED" });
  }
});

it("shows a signal that is aborted already to a handler that asks for it late", async () => {
  const begun = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<AbortSignal>();
  const harness = await startRpcHarness({
    worker: {
      async work(requests, context) {
        begun.resolve();
        try {
          for await (const _ of requests);
        } finally {
          seen.resolve(context.signal);
        }
      },
    },
  });
  const call = harness.client(WorkerService).work();
  const failure = failureOf(collect(call.responses));
  await begun.promise;
  call.cancel();
  await failure;
  const signal = await seen.promise;
  expect([signal.aborted, signal.reason]).toEqual([true, expect.any(CallCancelled)]);
});

it("does not take the end of a call for its cancellation", async () => {
  const contexts: CallContext[] = [];
  const harness = await startRpcHarness({
    queue: {
      async enqueue(_request, context) {
        contexts.push(context);
        expect(context.signal.aborted).toBe(false);
        return create(EnqueueResponseSchema);
      },
      async watchTasks(_request, context, out) {
        contexts.push(context);
        out.send(create(WatchTasksResponseSchema));
      },
    },
    worker: {
      async work(requests, context, out) {
        contexts.push(context);
        for await (const _ of requests) out.send(create(WorkResponseSchema));
      },
    },
  });
  const signals = () => contexts.map(({ signal }) => signal.aborted);
  await harness.client(QueueService).enqueue({});
  await collect(harness.client(QueueService).watchTasks({}));
  const call = harness.client(WorkerService).work();
  call.send({});
  call.end();
  await collect(call.responses);
  // The streams are gone, and with them what grpc-js emits at their end, when the connection has closed in order.
  harness.channel.close();
  await harness.server.stop(10_000);
  expect(signals()).toEqual([false, false, false]);
});

it("wakes a handler that waits for the next request or for room, when the call is cancelled", async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<unknown[]>();
  const harness = await startRpcHarness({
    worker: {
      async work(requests, _context, out) {
        const big = create(WorkResponseSchema, {
          message: { case: "welcome", value: { workerId: "x".repeat(100_000) } },
        });
        while (out.send(big));
        const drained = out.drained();
        begun.resolve();
        const reading = (async () => {
          for await (const _ of requests);
        })().catch((error: unknown) => error);
        ended.resolve([await reading, await drained, out.writable, out.send(big)]);
      },
    },
  });
  const call = rawCall(openHttp2(harness.address), "/sitq.v1.WorkerService/Work");
  call.stream.pause();
  await begun.promise;
  call.stream.close();
  expect(await ended.promise).toEqual([expect.any(CallCancelled), undefined, false, false]);
});

it("cancels the call when the caller leaves its loop", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, context, out) {
        context.signal.addEventListener("abort", () => resolve());
        out.send(create(WatchTasksResponseSchema));
        await cancelled;
      },
    },
  });
  for await (const _ of harness.client(QueueService).watchTasks({})) break;
  await cancelled;
});

it("lets the handler leave its loop and go on", async () => {
  const harness = await startRpcHarness({
    worker: {
      async work(requests, _context, out) {
        for await (const _ of requests) break;
        out.send(create(WorkResponseSchema));
      },
    },
  });
  const call = harness.client(WorkerService).work();
  for (let i = 0; i < 100; i++) call.send({});
  expect(await collect(call.responses)).toHaveLength(1);
});

it("logs a bug that shows only after the call was cancelled", async () => {
  const begun = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const harness = await startRpcHarness({
    queue: {
      async enqueue(_request, { signal }) {
        const aborted = once(signal, "abort");
        begun.resolve();
        await aborted;
        setImmediate(done.resolve);
        throw new Error("a bug");
      },
    },
  });
  const abort = new AbortController();
  const failure = failureOf(harness.client(QueueService).enqueue({}, { signal: abort.signal }));
  await begun.promise;
  abort.abort();
  await failure;
  await done.promise;
  expect(harness.log).toHaveLength(1);
});

it("leaves no listener behind on the caller's signal", async () => {
  const harness = await startRpcHarness({
    queue: { enqueue: async () => create(EnqueueResponseSchema), watchTasks: async () => undefined },
    worker: { work: async () => undefined },
  });
  const { signal } = new AbortController();
  let listeners = 0;
  const counted = new Proxy(signal, {
    get(target, property) {
      if (property === "addEventListener") listeners++;
      if (property === "removeEventListener") listeners--;
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  await harness.client(QueueService).enqueue({}, { signal: counted });
  await collect(harness.client(QueueService).watchTasks({}, { signal: counted }));
  await collect(harness.client(WorkerService).work({ signal: counted }).responses);
  expect(listeners).toBe(0);
});
