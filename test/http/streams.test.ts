/** Server streams over Connect and gRPC-Web, and what is refused of streams. */

import { create, type DescMethod, type MessageInitShape } from "@bufbuild/protobuf";
import { Code, ConnectError, createClient, type Transport } from "@connectrpc/connect";
import { expect, onTestFinished, test } from "vitest";
import { ErrorInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { AdminService } from "../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService, WatchTasksResponseSchema } from "../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../gen/sitq/v1/workflow_service_pb.js";
import { overloaded } from "../../src/domain/refusals/server.ts";
import { queueNotFound } from "../../src/domain/refusals/tasks.ts";
import type { Outbound } from "../../src/grpc/handlers.ts";
import { startServer } from "../harness/server.ts";
import { type RpcHarness, startRpcHarness } from "../rpc/rpc-harness.ts";
import { transportsTo } from "./doors.ts";

const names = Object.keys(transportsTo("127.0.0.1:1"));
type WatchAnswer = MessageInitShape<typeof WatchTasksResponseSchema>;

function clientOf(address: string, name: string) {
  const transport: Transport = transportsTo(address)[name] ?? expect.unreachable(name);
  return createClient(QueueService, transport);
}

/** Reads a stream to its end. */
async function outcomeOf(stream: AsyncIterable<unknown>): Promise<readonly [messages: number, error: unknown]> {
  let messages = 0;
  try {
    for await (const _ of stream) messages++;
  } catch (error) {
    return [messages, error];
  }
  return [messages, null];
}

function reasonsOf(error: unknown): (string | undefined)[] {
  return ConnectError.from(error)
    .findDetails(ErrorInfoSchema)
    .map(({ reason }) => reason);
}

/** The message of a change of which only the id is set. */
const taskNumber = (n: number): WatchAnswer => ({ changes: [{ taskId: `task-${n}` }] });

test.each(names)("messages come as they are sent, to the end: %s", async (name) => {
  const harness = await startRpcHarness({
    queue: {
      async watchTasks({ filter }, _context, out) {
        expect(filter?.queue).toBe("mail");
        for (let n = 0; n < 300; n++) if (!out.send(taskNumber(n))) await out.drained();
      },
    },
  });
  const seen: (string | undefined)[] = [];
  for await (const { changes } of clientOf(harness.address, name).watchTasks({ filter: { queue: "mail" } })) {
    seen.push(changes[0]?.taskId);
  }
  expect(seen).toEqual(Array.from({ length: 300 }, (_, n) => `task-${n}`));
});

test.each(names)("a failure comes behind the messages, with its details: %s", async (name) => {
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, _context, out) {
        out.send(taskNumber(1));
        throw queueNotFound("mail");
      },
    },
  });
  const [messages, error] = await outcomeOf(clientOf(harness.address, name).watchTasks({}));
  expect([messages, ConnectError.from(error).code, reasonsOf(error)]).toEqual([1, Code.NotFound, ["QUEUE_NOT_FOUND"]]);
});

test.each(names)("a client that goes away cancels the handler: %s", async (name) => {
  const { promise: ended, resolve: end } = Promise.withResolvers<unknown>();
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, { signal }, out) {
        out.send(taskNumber(1));
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        end(signal.reason);
        throw signal.reason;
      },
    },
  });
  const calls = new AbortController();
  for await (const _ of clientOf(harness.address, name).watchTasks({}, { signal: calls.signal })) break;
  calls.abort();
  expect(await ended).toMatchObject({ name: "CallCancelled" });
  expect(harness.log).toEqual([]);
});

test.each(names)("a call ends at the time that its headers state: %s", async (name) => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  // By the option `timeoutMs` the client would end it too.
  const headers = { "connect-timeout-ms": "100", "grpc-timeout": "100m" };
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, { signal }) {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        end();
      },
    },
  });
  const [, error] = await outcomeOf(clientOf(harness.address, name).watchTasks({}, { headers }));
  expect(ConnectError.from(error).code).toBe(Code.DeadlineExceeded);
  await ended;
});

test("a client that does not read holds its handler back", async () => {
  const { promise: began, resolve: begin } = Promise.withResolvers<Outbound<WatchAnswer>>();
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, { signal }, out) {
        // Far more than the sockets hold.
        const large = create(WatchTasksResponseSchema, { changes: [{ taskId: "x".repeat(1_000_000) }] });
        for (let n = 0; n < 64 && out.writable; n++) if (!out.send(large)) await Promise.race([out.drained(), soon()]);
        begin(out);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
      },
    },
  });
  const calls = new AbortController();
  onTestFinished(() => calls.abort());
  await fetch(`http://${harness.address}/sitq.v1.QueueService/WatchTasks`, {
    method: "POST",
    headers: { "content-type": "application/connect+json" },
    body: Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from("{}")]),
    signal: calls.signal,
  });
  expect((await began).writable).toBe(false);
});

test("a client that reads nothing of an answer loses its connection, and one whose stream is silent does not", async () => {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  const { promise: sent, resolve: send } = Promise.withResolvers<Outbound<WatchAnswer>>();
  const harness = await startRpcHarness({
    settings: { keepaliveTimeMs: 50, keepaliveTimeoutMs: 50 },
    queue: {
      async watchTasks({ filter }, { signal }, out) {
        if (filter?.queue === "silent") send(out);
        // Far more than the sockets hold.
        else for (let n = 0; n < 64; n++) out.send({ changes: [{ taskId: "x".repeat(1_000_000) }] });
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        if (filter?.queue !== "silent") end();
      },
    },
  });
  const calls = new AbortController();
  onTestFinished(() => calls.abort());
  const open = (queue: string) =>
    fetch(`http://${harness.address}/sitq.v1.QueueService/WatchTasks`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ filter: { queue } }),
      signal: calls.signal,
    });
  const silent = open("silent");
  const out = await sent;
  await open("mail");
  await ended;
  out.send(taskNumber(1));
  const { value } = (await (await silent).body?.getReader().read()) ?? {};
  expect(Buffer.from(value ?? []).toString()).toContain("task-1");
});

/** Long enough for a socket that is read. */
function soon(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 200));
}

test("a watch ends when the server drains, as by gRPC", async () => {
  await using server = await startServer();
  for (const name of names) {
    const watch = clientOf(server.address, name)
      .watchTasks({ filter: { queue: "mail" } })
      [Symbol.asyncIterator]();
    await watch.next();
    const rest = watch.next().then(() => ["none"], reasonsOf);
    await server.restart();
    expect([name, await rest]).toEqual([name, ["DRAINING"]]);
  }
});

test("streams in both directions are refused, in the form of each protocol", async () => {
  const harness = await startRpcHarness();
  for (const transport of Object.values(transportsTo(harness.address))) {
    const { work } = WorkerService.method;
    // As a client of a stream in one direction sends it: only some transports send one in both.
    const served = { ...work, methodKind: "server_streaming" } as const;
    const { message } = await transport.stream(served, undefined, undefined, undefined, once());
    const [, error] = await outcomeOf(message);
    expect(ConnectError.from(error)).toMatchObject({ code: Code.Unimplemented });
    expect(reasonsOf(error)).toEqual(["UNSUPPORTED_OVER_HTTP"]);
  }
  await refusedWith(harness, "WorkerService/Work", "application/json", 501);
  await refusedWith(harness, "QueueService/WatchTasks", "application/proto", 415);
  await refusedWith(harness, "QueueService/GetQueue", "application/connect+json", 415);
  await refusedWith(harness, "QueueService/GetQueue", "application/grpc", 415);
  await refusedWith(harness, "QueueService/GetQueue", "text/plain", 415);
});

async function* once() {
  yield create(WorkerService.method.work.input);
}

/** Sends a request in a form that its method does not take. */
async function refusedWith({ address }: RpcHarness, method: string, type: string, status: number): Promise<void> {
  const headers = { "content-type": type };
  const response = await fetch(`http://${address}/sitq.v1.${method}`, { method: "POST", headers, body: "{}" });
  expect([response.status, await response.json()]).toMatchObject([
    status,
    { code: "unimplemented", details: [{ debug: { reason: "UNSUPPORTED_OVER_HTTP" } }] },
  ]);
}

/** Calls a method that streams by a plain request with JSON. */
async function lines({ address }: RpcHarness): Promise<{ status: number; type: string | null; body: string }> {
  const response = await fetch(`http://${address}/sitq.v1.QueueService/WatchTasks`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  return { status: response.status, type: response.headers.get("content-type"), body: await response.text() };
}

test("a plain request with JSON gets a stream in lines", async () => {
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, _context, out) {
        out.send(taskNumber(1));
        out.send(taskNumber(2));
      },
    },
  });
  expect(await lines(harness)).toEqual({
    status: 200,
    type: "application/x-ndjson",
    body: '{"changes":[{"taskId":"task-1"}]}\n{"changes":[{"taskId":"task-2"}]}\n',
  });
});

test("a stream in lines that fails says so in the last, or by its status where there is none", async () => {
  let messages = 1;
  const harness = await startRpcHarness({
    queue: {
      async watchTasks(_request, _context, out) {
        for (let n = 0; n < messages; n++) out.send(taskNumber(n));
        throw overloaded;
      },
    },
  });
  const later = await lines(harness);
  const [first, last = ""] = later.body.split("\n");
  expect([later.status, first]).toEqual([200, '{"changes":[{"taskId":"task-0"}]}']);
  expect(JSON.parse(last)).toMatchObject({
    error: { code: "resource_exhausted", details: [{ debug: { reason: "OVERLOADED" } }, {}] },
  });
  messages = 0;
  const { status, type, body } = await lines(harness);
  expect([status, type, JSON.parse(body)]).toMatchObject([429, "application/json", { code: "resource_exhausted" }]);
});

test("no message of a stream has a field that a refusal in the last line could be taken for", () => {
  const streams = [AdminService, EventService, MonitorService, QueueService, RegistryService, WorkflowService]
    .flatMap((service): readonly DescMethod[] => service.methods)
    .filter(({ methodKind }) => methodKind === "server_streaming");
  expect(streams.length).toBeGreaterThan(4);
  expect(streams.filter(({ output }) => output.fields.some(({ jsonName }) => jsonName === "error"))).toEqual([]);
});
