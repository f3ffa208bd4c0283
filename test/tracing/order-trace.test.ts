/** One order's trace: through five services in three processes and the server, as a collector gets it. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type StartedServer, startServer } from "../harness/server-process.ts";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from "./otlp-receiver.ts";

let dir: TempDir;
let collector: OtlpReceiver;
let server: StartedServer;
const processes: ChildProcess[] = [];

beforeAll(async () => {
  dir = await createTempDir();
  collector = await startOtlpReceiver();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: "10" };
  server = await startServer({ db: dir.file("sitq.db"), env });
  for (const [name, services] of [
    ["front", "inventory,audit"],
    ["back", "payment,shipping"],
    ["office", "notification,mail"],
  ] as const) {
    const program = spawn(process.execPath, ["test/tracing/service-process.ts", name, services], {
      env: { ...process.env, ...env, SITQ_ADDRESS: server.address },
      stdio: ["pipe", "pipe", "inherit"],
    });
    processes.push(program);
    await once(program.stdout, "data");
  }
});
afterAll(async () => {
  for (const program of processes) {
    program.stdin?.end();
    if (program.exitCode === null) await once(program, "exit");
  }
  await server?.kill();
  await collector?.[Symbol.asyncDispose]();
  await dir?.remove();
});

/** Places an order, and answers the spans of its trace once there are so many. */
async function traceOf(order: string, count: number): Promise<ReceivedSpan[]> {
  processes[0]?.stdin?.write(`${order}\n`);
  const ofOrder = (spans: readonly ReceivedSpan[]) => {
    const root = spans.find(({ name }) => name === `POST /orders ${order}`);
    return spans.filter(({ traceId }) => traceId === root?.traceId);
  };
  await collector.until((spans) => ofOrder(spans).length >= count, `${count} spans of the order`);
  return ofOrder(collector.spans);
}

/** Spans as lines, sorted: the process, kind and name, and the names of the span above it and of those that it links to. */
function linesOf(spans: readonly ReceivedSpan[]): string[] {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  const nameOf = (id: string) => (id === "" ? "nothing" : (names.get(id) ?? "unknown"));
  return spans
    .map(({ service, kind, name, parentId, links }) => {
      const linked = links.length === 0 ? "" : `, links to ${links.map(nameOf).join(" and ")}`;
      return `${service}: ${kind} ${name} below ${nameOf(parentId)}${linked}`;
    })
    .toSorted();
}

/** The lines of one task, step or delivery. */
function taskLines(process: string, queue: string, creation: string, ...stepsBefore: string[]): string[] {
  const linked = [creation, ...stepsBefore.map((step) => `process ${step}`)].join(" and ");
  return [
    `${process}: CLIENT settle ${queue} below process ${queue}, links to ${creation}`,
    `${process}: CONSUMER process ${queue} below ${creation}, links to ${linked}`,
    `sitq: INTERNAL wait ${queue} below ${creation}`,
  ];
}

test("the trace of an order holds what each service and the server did for it", async () => {
  const order = "POST /orders lamp";
  const expected = [
    `front: INTERNAL ${order} below nothing`,
    `front: PRODUCER send place-order below ${order}`,
    "sitq: SERVER sitq.v1.WorkflowService/StartWorkflow below send place-order",
    ...taskLines("front", "inventory", "send place-order"),
    ...taskLines("back", "payment", "send place-order", "inventory"),
    ...taskLines("back", "shipping", "send place-order", "payment"),
    "back: PRODUCER send order.shipped below process shipping",
    "sitq: SERVER sitq.v1.EventService/PublishBatch below send order.shipped",
    ...taskLines("front", "audit", "send order.shipped"),
    ...taskLines("office", "notification", "send order.shipped"),
    // Its second attempt.
    ...taskLines("office", "notification", "send order.shipped").slice(0, 2),
    "office: PRODUCER create mail below process notification",
    "office: PRODUCER create mail below process notification",
    "office: CLIENT send mail below process notification, links to create mail and create mail",
    ...[1, 2].flatMap(() => [
      "sitq: INTERNAL store mail below create mail",
      ...taskLines("office", "mail", "create mail"),
    ]),
  ].toSorted();
  const spans = await traceOf("lamp", expected.length);
  expect(linesOf(spans)).toEqual(expected);

  const attempts = spans.filter(({ name }) => name === "process notification");
  const facts = attempts.map(({ attributes, status }) => [
    attributes["sitq.task.attempt"],
    attributes["error.type"],
    status,
  ]);
  expect(facts.toSorted()).toEqual([
    [1, "Error", "ERROR"],
    [2, undefined, ""],
  ]);
  const rpc = spans.find(({ name }) => name.endsWith("StartWorkflow"));
  expect(rpc).toMatchObject({
    scope: { name: "sitq", schemaUrl: "https://opentelemetry.io/schemas/1.44.0" },
    attributes: {
      "rpc.system.name": "grpc",
      "rpc.method": "sitq.v1.WorkflowService/StartWorkflow",
      "rpc.status_code": "OK",
      "network.peer.address": "127.0.0.1",
    },
  });
  expect(rpc?.resource).toMatchObject({ "service.name": "sitq", "service.version": expect.any(String) });
  const wait = spans.find(({ name }) => name === "wait inventory");
  expect(wait?.attributes).toMatchObject({
    "messaging.system": "sitq",
    "messaging.destination.name": "inventory",
    "messaging.message.conversation_id": "lamp",
    "sitq.task.type": "reserve",
  });
  expect(spans.every(({ durationMs }) => durationMs >= 0 && durationMs < 60_000)).toBe(true);
});

test("the trace of an order that is not paid holds the compensation", async () => {
  const order = "POST /orders unpaid";
  const expected = [
    `front: INTERNAL ${order} below nothing`,
    `front: PRODUCER send place-order below ${order}`,
    "sitq: SERVER sitq.v1.WorkflowService/StartWorkflow below send place-order",
    ...taskLines("front", "inventory", "send place-order"),
    ...taskLines("back", "payment", "send place-order", "inventory"),
    // The compensation: after the step that it undoes.
    ...taskLines("front", "inventory", "send place-order", "inventory"),
  ].toSorted();
  const spans = await traceOf("unpaid", expected.length);
  expect(linesOf(spans)).toEqual(expected);
  const failed = spans.find(({ name }) => name === "process payment");
  expect(failed).toMatchObject({ status: "ERROR", attributes: { "error.type": "CARD_DECLINED" } });
  const undoing = spans.find(({ attributes }) => attributes["sitq.workflow.compensation"] === true);
  expect(undoing?.attributes).toMatchObject({ "sitq.workflow.step": "reserve", "sitq.task.type": "release" });
});

test("a call over HTTP is part of its caller's trace", async () => {
  const traceId = "0af7651916cd43dd8448eb211c80319c";
  const headers = { "content-type": "application/json", traceparent: `00-${traceId}-b7ad6b7169203331-01` };
  const url = `http://${server.address}/sitq.v1.QueueService/GetTask`;
  const { status } = await fetch(url, { method: "POST", headers, body: '{"taskId": "070ggk0aw02"}' });
  expect(status).toBe(404);
  const ofTrace = (spans: readonly ReceivedSpan[]) => spans.filter((span) => span.traceId === traceId);
  await collector.until((spans) => ofTrace(spans).length === 1, "the span of the call");
  expect(ofTrace(collector.spans)).toMatchObject([
    {
      name: "sitq.v1.QueueService/GetTask",
      kind: "SERVER",
      parentId: "b7ad6b7169203331",
      status: "",
      attributes: {
        "rpc.system.name": "connectrpc",
        "rpc.status_code": "not_found",
        "network.peer.address": "127.0.0.1",
      },
    },
  ]);
});
