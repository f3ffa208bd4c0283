import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ClusterLoadAssignmentSchema } from "../../../gen/envoy/config/endpoint/v3/endpoint_pb.js";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { refusalOf } from "../../harness/refusal.ts";
import { startServer, type TestServer } from "../../harness/server.ts";
import { endpointsOf, openStream, register } from "./ads-harness.ts";

const inventory = ["inventory"];
const { assignment } = typeUrls;

async function remarksOf({ registry }: TestServer): Promise<Record<string, string>> {
  const { instances } = await registry.discoverInstances({ serviceName: "inventory", includeUnhealthy: true });
  return Object.fromEntries(instances.map(({ instanceId, remark }) => [instanceId, remark]));
}

test("an address that clients cannot take is left out for it alone, with a remark", async () => {
  await using server = await startServer();
  await register(server, "a");
  await register(server, "b", { address: "[::ffff:10.0.0.50]:80" });
  await register(server, "c", { address: "[2001:DB8:0:0::1]:80" });
  await register(server, "x", { address: "[fe80::1%eth0]:80" });
  await register(server, "y", { address: "0.0.0.0:80" });
  await register(server, "z", { metadata: { zone: "z".repeat(101) } });
  const stream = openStream(server);
  expect(endpointsOf(await stream.ask({ typeUrl: assignment, resourceNames: inventory }))).toEqual([
    "10.0.0.97:80 HEALTHY",
    "10.0.0.50:80 HEALTHY",
    "2001:db8::1:80 HEALTHY",
  ]);
  expect(await remarksOf(server)).toEqual({
    a: "",
    b: "",
    c: "",
    x: "left out for clients by xDS: fe80::1%eth0 has a zone, which other machines do not know",
    y: "left out for clients by xDS: 0.0.0.0 is the address of no machine",
    z: "left out for clients by xDS: its zone or region has more than 100 bytes",
  });
});

test.each(["10.0.0.1:0", "unix:/run/inventory.sock", "10.0.0.1", "[fe80::1]", "10.0.0.300:80", "http://10.0.0.1:80"])(
  "the address %s is refused when it is registered",
  async (address) => {
    await using server = await startServer();
    expect(await refusalOf(register(server, "a", { address }))).toMatchObject({
      reason: "INVALID_FIELD",
      field: "address",
    });
  },
);

test("of two instances with one address clients are sent the one that is alive", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, "before", { address: "10.0.0.1:80", ttl: { seconds: 5n } });
  const stream = openStream(server);
  await stream.ask({ typeUrl: assignment, resourceNames: inventory });
  clock.advance(6_000);
  expect(endpointsOf(await stream.next())).toEqual(["10.0.0.1:80 UNHEALTHY"]);
  await register(server, "now", { address: "10.0.0.1:80" });
  expect(endpointsOf(await stream.next())).toEqual(["10.0.0.1:80 HEALTHY"]);
  expect(await remarksOf(server)).toEqual({
    before: "left out for clients by xDS: instance now has the same address",
    now: "",
  });
});

test("wherever clients say that they run, one assignment is kept for those that are as far from its instances", async () => {
  await using server = await startServer();
  await register(server, "a", { metadata: { region: "eu", zone: "eu-1" } });
  await register(server, "b", { metadata: { region: "us", zone: "us-1" } });
  const prioritiesFrom = async (region: string, zone: string) => {
    const stream = openStream(server);
    const node = { id: "shop", locality: { region, zone } };
    const { resources } = await stream.ask({ typeUrl: assignment, resourceNames: inventory, node });
    stream.cancel();
    return resources.flatMap((any) =>
      (anyUnpack(any, ClusterLoadAssignmentSchema)?.endpoints ?? []).map(({ locality, priority }) => [
        locality?.region,
        priority,
      ]),
    );
  };
  expect(await prioritiesFrom("eu", "eu-1")).toEqual([
    ["eu", 0],
    ["us", 1],
  ]);
  expect(await prioritiesFrom("us", "us-1")).toEqual([
    ["eu", 1],
    ["us", 0],
  ]);
  expect(await prioritiesFrom("eu", "eu-9")).toEqual([
    ["eu", 0],
    ["us", 1],
  ]);
  for (let n = 0; n < 20; n++) {
    expect(await prioritiesFrom(`region-${n}`, `zone-${n}`)).toEqual([
      ["eu", 0],
      ["us", 0],
    ]);
  }
});
