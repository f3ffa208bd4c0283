/** Every unary method by every door: the answers and refusals are those of gRPC. */

import { readdirSync } from "node:fs";
import type { DescMethod, DescMethodUnary, JsonObject } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { Health } from "../../gen/grpc/health/v1/health_pb.js";
import { AccessService } from "../../gen/sitq/v1/access_service_pb.js";
import { AdminService } from "../../gen/sitq/v1/admin_service_pb.js";
import { EventService } from "../../gen/sitq/v1/event_service_pb.js";
import { MonitorService } from "../../gen/sitq/v1/monitor_service_pb.js";
import { QueueService } from "../../gen/sitq/v1/queue_service_pb.js";
import { RegistryService } from "../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../gen/sitq/v1/worker_service_pb.js";
import { WorkflowService } from "../../gen/sitq/v1/workflow_service_pb.js";
import { type SecuredServer, startSecured } from "../access/secured-server.ts";
import { type Door, grpcDoor, jsonDoor, type Outcome, transportDoor, transportsTo } from "./doors.ts";

const services = [
  AccessService,
  AdminService,
  EventService,
  MonitorService,
  QueueService,
  RegistryService,
  WorkerService,
  WorkflowService,
  Health,
];
const methods = services
  .flatMap((service): readonly DescMethod[] => service.methods)
  .filter((method): method is DescMethodUnary => method.methodKind === "unary");

/** What was called, and what came of it. */
type Transcript = readonly (readonly [method: string, outcome: Outcome])[];

/** Calls every method: most of them to a good end, and all others with nothing set. */
async function transcriptOf(door: Door): Promise<Transcript> {
  const transcript: [string, Outcome][] = [];
  async function call(name: string, request: JsonObject): Promise<JsonObject> {
    const method = methods.find((each) => `${each.parent.name}/${each.name}` === name);
    const outcome = await door(method ?? expect.unreachable(name), request);
    transcript.push([name, outcome]);
    return "answer" in outcome ? outcome.answer : {};
  }

  const { task } = await call("QueueService/Enqueue", {
    task: {
      queue: "mail",
      type: "send",
      payload: { json: JSON.parse('{"to": "ada", "n": [1, null, true, {"deep": "ü"}], "__proto__": {"toString": 1}}') },
      headers: { a: "b" },
    },
    requestId: "one",
  });
  const { id: taskId } = task as JsonObject & { id: string };
  const { results } = await call("QueueService/EnqueueBatch", {
    requests: [
      { task: { queue: "mail", type: "bytes", payload: { binary: "AAEC" } } },
      {
        task: {
          queue: "mail",
          type: "any",
          payload: { message: { "@type": "type.googleapis.com/shop.Order", value: "CgE3" } },
          priority: 5,
          delay: "3600s",
        },
      },
      { task: { queue: "bad queue", type: "x" } },
    ],
  });
  await call("QueueService/GetTask", { taskId });
  for (const { task: other } of (results as { task?: { id: string } }[]).slice(0, 2)) {
    await call("QueueService/GetTask", { taskId: other?.id ?? expect.unreachable("it was refused") });
  }
  await call("QueueService/ListTasks", { filter: { queue: "mail" }, pageSize: 2 });
  await call("QueueService/UpdateQueue", {
    queue: { name: "mail", maxRunning: 3, retention: { completed: "7200s" } },
    updateMask: "maxRunning",
  });
  await call("QueueService/GetQueue", { name: "mail" });
  await call("QueueService/ListQueues", {});
  const lease = { workerId: "me", taskId, attempt: 1 };
  await call("WorkerService/ClaimTasks", { workerId: "me", queues: ["mail"], maxTasks: 1 });
  await call("WorkerService/ExtendLease", { ...lease });
  await call("WorkerService/CompleteTask", { ...lease, result: { json: "sent" } });
  await call("QueueService/AwaitTask", { taskId, timeout: "5s" });
  await call("QueueService/CancelTask", { taskId });
  await call("QueueService/RetryTask", { taskId });
  await call("QueueService/DeleteTask", { taskId });
  await call("QueueService/PurgeQueue", { name: "mail" });
  await call("WorkerService/ListWorkers", {});
  await call("EventService/CreateSubscription", {
    subscription: { name: "billing", filter: { types: ["order.*"] } },
    start: { now: true },
  });
  await call("EventService/Publish", {
    event: {
      id: "order-7",
      type: "order.created",
      sourceService: "shop",
      data: { json: { order: 7 } },
      attributes: { level: 3 },
    },
  });
  await call("EventService/PublishBatch", {
    requests: [{ event: { id: "order-8", type: "order.created", sourceService: "shop" } }],
  });
  await call("EventService/GetEvent", { eventId: "order-7" });
  await call("EventService/ListEvents", {});
  await call("EventService/GetSubscription", { name: "billing" });
  await call("EventService/ListSubscriptions", {});
  await call("EventService/DeleteSubscription", { name: "billing" });
  await call("WorkflowService/StartWorkflow", {
    name: "place-order",
    input: { json: { sku: "lamp" } },
    steps: [{ stepId: "reserve", serviceName: "stock", action: "reserve" }],
    requestId: "order-7",
  });
  await call("WorkflowService/ListWorkflows", {});
  await call("RegistryService/RegisterInstance", {
    serviceName: "stock",
    instanceId: "stock-1",
    address: "127.0.0.1:7000",
    metadata: { zone: "a" },
  });
  await call("RegistryService/DiscoverInstances", { serviceName: "stock" });
  await call("RegistryService/GetLoadStatistics", { serviceName: "stock" });
  await call("RegistryService/UpdateService", {
    service: { name: "stock", strategy: "BALANCING_STRATEGY_ROUND_ROBIN" },
  });
  await call("RegistryService/GetService", { name: "stock" });
  await call("RegistryService/ListServices", {});
  await call("AccessService/CreatePrincipal", {
    principal: { name: "shop", grants: [{ role: "ROLE_PRODUCER", queues: ["mail"] }] },
  });
  await call("AccessService/GetPrincipal", { name: "shop" });
  await call("AccessService/ListPrincipals", {});
  await call("AccessService/GetIdentity", {});
  await call("AdminService/GetServerInfo", {});
  await call("Health/Check", {});

  const called = new Set(transcript.map(([name]) => name));
  for (const { name, parent } of methods) {
    if (!called.has(`${parent.name}/${name}`)) await call(`${parent.name}/${name}`, {});
  }
  return transcript;
}

/** What differs between two servers. */
const variable = [
  [/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, '"TIME"'],
  [/"\d+(\.\d+)?s"/g, '"SPAN"'],
  // Of the last minutes, as time goes on.
  [/"(\w+Rate)":[\d.e-]+/g, '"$1":"RATE"'],
  // It follows the rates.
  [/"orderKey":\d+/g, '"orderKey":"KEY"'],
  [/"(enqueued|finished|failed)":\[[\d,]*\]/g, '"$1":"HISTORY"'],
  [/"nextPageToken":"[^"]+"/g, '"nextPageToken":"TOKEN"'],
  [/"address":"127\.0\.0\.1:\d+","answering"/g, '"address":"ADDRESS","answering"'],
  [/"peer":"127\.0\.0\.1:\d+"/g, '"peer":"PEER"'],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g, "ID"],
  [/"tokenId":"[^"]+"/g, '"tokenId":"ID"'],
  [/\btoken [0-9a-hjkmnp-tv-z]{12}\b/g, "token ID"],
  // Ids of tasks and the like: in these years they begin with a digit.
  [/\b\d[0-9a-hjkmnp-tv-z]{10}\b/g, "ID"],
] as const;

function normalised(transcript: Transcript): string[] {
  return transcript.map(([name, outcome]) =>
    variable.reduce(
      (text, [pattern, word]) => text.replace(pattern, word),
      `${name} ${JSON.stringify(sorted(outcome))}`,
    ),
  );
}

/** The same with the members of objects in one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}

const doors: Readonly<Record<string, (server: SecuredServer, token: string) => Door>> = {
  "plain requests with JSON": ({ server }, token) => jsonDoor(server.address, token),
  ...Object.fromEntries(
    Object.keys(transportsTo("127.0.0.1:1")).map((name) => [
      name,
      ({ server }: SecuredServer, token: string) =>
        transportDoor(transportsTo(server.address)[name] ?? expect.unreachable(name), token, name.includes("JSON")),
    ]),
  ),
};

async function runOn(open: (server: SecuredServer, token: string) => Door): Promise<Transcript> {
  await using secured = await startSecured();
  const token = secured.rootToken;
  return await transcriptOf(open(secured, token));
}

test("every service of the contract is called", () => {
  const files = readdirSync("gen/sitq/v1").filter((name) => name.endsWith("_service_pb.js"));
  // Health is not of the contract.
  expect(services).toHaveLength(files.length + 1);
});

test("every unary method answers by every door as it does by gRPC", async () => {
  const byGrpc = await runOn(({ server }, token) => grpcDoor(server.channel, token));
  const good = byGrpc.filter(([, outcome]) => "answer" in outcome);
  expect(good.length).toBeGreaterThan(30);
  const message = { "@type": "type.googleapis.com/shop.Order", value: "CgE3" };
  expect(byGrpc).toContainEqual([
    "QueueService/GetTask",
    { answer: { task: expect.objectContaining({ payload: { message } }) } },
  ]);
  expect(new Set(byGrpc.map(([name]) => name)).size).toBe(methods.length);
  const expected = normalised(byGrpc);
  for (const [name, open] of Object.entries(doors)) {
    expect([name, normalised(await runOn(open))]).toEqual([name, expected]);
  }
});
