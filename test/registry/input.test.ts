import type { MessageInitShape } from "@bufbuild/protobuf";
import { describe, expect, it } from "vitest";
import type { RegisterInstanceRequestSchema } from "../../gen/sitq/v1/registry_service_pb.js";
import { connectWorker, type HelloInit } from "../harness/calls/scripted-worker.ts";
import { span } from "../harness/calls/tasks.ts";
import { refusalOf } from "../harness/refusal.ts";
import { freshQueue, shareServer } from "../harness/shared-server.ts";
import { register, states } from "./registry-harness.ts";

const shared = shareServer();
const ofLength = (length: number) => "x".repeat(length);
const entries = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, ""]));

const badAddresses = [
  "",
  "inventory",
  "inventory:",
  ":80",
  "inventory:0",
  "inventory:65536",
  "inventory:http",
  "inventory:-1",
  "a b:80",
  "::1:80",
  "[::1]",
  "[::1]:",
  "[inventory]:80",
  "[::g]:80",
  "http://inventory:80",
  "inventory:80/health",
  "300.1.1.1:80",
  "inventory:80\n",
  "user@host:80",
  "unix:/tmp/socket",
  `${ofLength(252)}:8080`,
];

describe("register", () => {
  it.each([
    "inventory:1",
    "inventory-1.zone.example:65535",
    "10.0.0.1:80",
    "[::1]:80",
    "[fe80::1]:80",
    "my_service_1:80",
  ])("takes the address %s", async (address) => {
    const serviceName = freshQueue();
    expect((await register(shared(), { serviceName, address })).address).toBe(address);
  });

  const bad: readonly (readonly [string, MessageInitShape<typeof RegisterInstanceRequestSchema>])[] = [
    ...badAddresses.map((address) => ["address", { address }] as const),
    ["service_name", { serviceName: "" }],
    ["service_name", { serviceName: "a b" }],
    ["service_name", { serviceName: ofLength(101) }],
    ["instance_id", { instanceId: "" }],
    ["instance_id", { instanceId: "a/b" }],
    ["instance_id", { instanceId: ofLength(101) }],
    ["capacity", { capacity: -1 }],
    ["capacity", { capacity: 1_000_001 }],
    ["weight", { weight: -1 }],
    ["weight", { weight: 1_000_001 }],
    ["current_load", { currentLoad: -1 }],
    ["current_load", { currentLoad: 1_000_001 }],
    ["ttl", { ttl: span(999) }],
    ["ttl", { ttl: span(3_600_001) }],
    ["metadata", { metadata: entries(65) }],
    ["metadata", { metadata: { key: ofLength(16_385) } }],
    ["metadata", { metadata: { "": "v" } }],
  ];
  it.each(bad)("refuses what is not valid, names %s, and changes nothing", async (field, changes) => {
    const serviceName = freshQueue();
    const refusal = await refusalOf(register(shared(), { serviceName, ...changes }));
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field });
    expect(await states(shared(), serviceName)).toEqual([]);
  });

  it("leaves an instance that is there as it was when it refuses new facts", async () => {
    const serviceName = freshQueue();
    const instance = await register(shared(), { serviceName, address: "inventory:80" });
    const refusal = await refusalOf(register(shared(), { serviceName, address: "nowhere", capacity: 7 }));
    expect(refusal).toMatchObject({ code: "INVALID_ARGUMENT", reason: "INVALID_FIELD", field: "address" });
    expect((await shared().registry.discoverInstances({ serviceName })).instances).toEqual([instance]);
  });

  it("takes what is at its bounds", async () => {
    const serviceName = `${freshQueue()}-`.padEnd(100, "x");
    const most = 1_000_000;
    const instance = { instanceId: `a:${ofLength(98)}`, capacity: most, weight: most, currentLoad: most };
    await register(shared(), { serviceName, ...instance, ttl: span(3_600_000), metadata: entries(64) });
    expect(await states(shared(), serviceName)).toEqual([`${instance.instanceId}:HEALTHY`]);
  });
});

describe("the other calls", () => {
  const a = { serviceName: "s", instanceId: "a" };

  it.each([
    ["heartbeat", "service_name", () => shared().registry.heartbeat({ ...a, serviceName: "" })],
    ["heartbeat", "instance_id", () => shared().registry.heartbeat({ ...a, instanceId: "?" })],
    ["heartbeat", "current_load", () => shared().registry.heartbeat({ ...a, currentLoad: -1 })],
    ["deregister", "service_name", () => shared().registry.deregisterInstance({ ...a, serviceName: "" })],
    ["deregister", "instance_id", () => shared().registry.deregisterInstance({ ...a, instanceId: "" })],
    ["discover", "service_name", () => shared().registry.discoverInstances({ serviceName: "?" })],
    ["discover", "page_size", () => shared().registry.discoverInstances({ pageSize: 1_001 })],
    ["discover", "page_token", () => shared().registry.discoverInstances({ pageToken: "x" })],
    ["discover", "metadata", () => shared().registry.discoverInstances({ metadata: entries(21) })],
    ["pick", "service_name", () => shared().registry.pickInstance({})],
    ["pick", "metadata", () => shared().registry.pickInstance({ serviceName: "s", metadata: entries(21) })],
    [
      "pick",
      "reservation_duration",
      () => shared().registry.pickInstance({ serviceName: "s", reservationDuration: span(3_600_001) }),
    ],
    ["release", "reservation_id", () => shared().registry.releaseInstance({})],
    ["check", "service_name", () => shared().registry.checkHealth({ serviceName: "?" })],
    ["check", "instance_id", () => shared().registry.checkHealth({ serviceName: "s", instanceId: "?" })],
    ["check", "timeout", () => shared().registry.checkHealth({ serviceName: "s", timeout: span(0) })],
    ["check", "timeout", () => shared().registry.checkHealth({ serviceName: "s", timeout: span(30_001) })],
    ["statistics", "service_name", () => shared().registry.getLoadStatistics({ serviceName: "?" })],
  ])("%s names the field %s", async (_call, field, call) => {
    expect(await refusalOf(call())).toMatchObject({ code: "INVALID_ARGUMENT", field });
  });
});

describe("a worker's hello", () => {
  const bad: readonly (readonly [string, HelloInit])[] = [
    ["hello.service", { service: "a b" }],
    ["hello.service", { service: ofLength(101) }],
    ["hello.weight", { weight: -1 }],
    ["hello.weight", { weight: 1_000_001 }],
    ...badAddresses.filter((address) => address !== "").map((address) => ["hello.address", { address }] as const),
  ];
  it.each(bad)("is refused where %s is not valid: %j", async (field, hello) => {
    const refused = connectWorker(shared(), { workerId: freshQueue(), service: "inventory", ...hello });
    const error: unknown = await refused.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ cause: { codeName: "INVALID_ARGUMENT", field } });
  });
});
