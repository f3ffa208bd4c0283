import { create } from "@bufbuild/protobuf";
import { Metadata } from "@grpc/grpc-js";
import { expect, expectTypeOf, it } from "vitest";
import {
  type EnqueueResponse,
  EnqueueResponseSchema,
  QueueService,
  WatchTasksResponseSchema,
} from "../../gen/sitq/v1/queue_service_pb.js";
import {
  WorkerService,
  type WorkRequest,
  type WorkResponse,
  WorkResponseSchema,
} from "../../gen/sitq/v1/worker_service_pb.js";
import { createClient } from "../../src/grpc/client/client.ts";
import type { CallContext } from "../../src/grpc/handlers.ts";
import { collect, openChannel, startRpcHarness } from "../rpc/rpc-harness.ts";

it("carries a unary call there and back", async () => {
  const harness = await startRpcHarness({
    queue: { enqueue: async ({ task }) => create(EnqueueResponseSchema, { task, created: true }) },
  });
  const answer = await harness
    .client(QueueService)
    .enqueue({ task: { queue: "orders", type: "ship" }, requestId: "r" });
  expectTypeOf(answer).toEqualTypeOf<EnqueueResponse>();
  expect(answer).toMatchObject({ created: true, task: { queue: "orders", type: "ship" } });
});

it("answers every one of many calls at once with its own answer", async () => {
  const harness = await startRpcHarness({
    queue: { enqueue: async ({ requestId }) => create(EnqueueResponseSchema, { task: { id: requestId } }) },
  });
  const client = harness.client(QueueService);
  const ids = Array.from({ length: 500 }, (_, i) => `request-${i}`);
  const answers = await Promise.all(ids.map((requestId) => client.enqueue({ requestId })));
  expect(answers.map(({ task }) => task?.id)).toEqual(ids);
});

it("carries a server stream in order, and ends it", async () => {
  const harness = await startRpcHarness({
    queue: {
      async watchTasks({ taskIds }, _context, out) {
        for (const taskId of taskIds) {
          if (!out.send(create(WatchTasksResponseSchema, { changes: [{ taskId }] }))) await out.drained();
        }
      },
    },
  });
  const taskIds = Array.from({ length: 3_000 }, (_, i) => `task-${i}`);
  const responses = await collect(harness.client(QueueService).watchTasks({ taskIds }));
  expect(responses.map(({ changes }) => changes[0]?.taskId)).toEqual(taskIds);
});

it("carries both halves of a bidirectional stream, and ends it when the client has sent its last", async () => {
  const seen: WorkRequest[] = [];
  const harness = await startRpcHarness({
    worker: {
      async work(requests, _context, out) {
        for await (const request of requests) {
          seen.push(request);
          if (request.message.case !== "hello") continue;
          const { workerId } = request.message.value;
          out.send(create(WorkResponseSchema, { message: { case: "welcome", value: { workerId } } }));
        }
        out.send(create(WorkResponseSchema, { message: { case: "drain", value: {} } }));
      },
    },
  });
  const call = harness.client(WorkerService).work();
  call.send({ message: { case: "hello", value: { workerId: "w", queues: ["orders"] } } });
  for (let n = 1; n <= 1_000; n++) call.send({ message: { case: "capacity", value: { n } } });
  call.end();
  const responses = await collect(call.responses);
  expectTypeOf(responses).toEqualTypeOf<WorkResponse[]>();
  expect(responses.map(({ message }) => message.case)).toEqual(["welcome", "drain"]);
  expect(seen.slice(1).map(({ message }) => message.case === "capacity" && message.value.n)).toEqual(
    Array.from({ length: 1_000 }, (_, i) => i + 1),
  );
});

it("answers a stream while it is open", async () => {
  const harness = await startRpcHarness({
    worker: {
      async work(requests, _context, out) {
        for await (const { message } of requests) {
          if (message.case === "hello") {
            const { workerId } = message.value;
            out.send(create(WorkResponseSchema, { message: { case: "welcome", value: { workerId } } }));
          }
        }
      },
    },
  });
  const call = harness.client(WorkerService).work();
  const responses = call.responses[Symbol.asyncIterator]();
  for (const workerId of ["a", "b"]) {
    call.send({ message: { case: "hello", value: { workerId } } });
    const { value } = await responses.next();
    expect(value?.message).toMatchObject({ case: "welcome", value: { workerId } });
  }
  call.end();
  expect(await responses.next()).toEqual({ done: true, value: undefined });
  expect(await responses.next()).toEqual({ done: true, value: undefined });
});

it("ends the stream when its handler returns, whatever the client does", async () => {
  const harness = await startRpcHarness({ worker: { work: async () => undefined } });
  const call = harness.client(WorkerService).work();
  expect(await collect(call.responses)).toEqual([]);
  expect(call.send({ message: { case: "heartbeat", value: {} } })).toBe(false);
});

it("tells the handler who calls and with what metadata", async () => {
  let seen: { peer: string; tenant: unknown } | undefined;
  const harness = await startRpcHarness({
    queue: {
      async enqueue(_request, context: CallContext) {
        seen = { peer: context.peer, tenant: context.metadata.get("tenant") };
        return create(EnqueueResponseSchema);
      },
    },
  });
  const metadata = new Metadata();
  metadata.set("tenant", "blue");
  await harness.client(QueueService).enqueue({}, { metadata });
  expect(seen).toEqual({ peer: expect.stringMatching(/^127\.0\.0\.1:\d+$/), tenant: ["blue"] });
});

it("serves several clients over one channel, and several channels", async () => {
  const harness = await startRpcHarness({
    queue: { enqueue: async () => create(EnqueueResponseSchema) },
    worker: { work: async () => undefined },
  });
  const other = createClient(QueueService, openChannel(harness.address));
  await Promise.all([
    harness.client(QueueService).enqueue({}),
    collect(harness.client(WorkerService).work().responses),
    other.enqueue({}),
  ]);
});
