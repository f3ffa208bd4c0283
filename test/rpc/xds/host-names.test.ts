import { expect, test } from "vitest";
import { createFanOut } from "../../../src/domain/fan-out.ts";
import type { Instance } from "../../../src/domain/instance.ts";
import { Addresses } from "../../../src/rpc/xds/addresses.ts";
import { Catalog } from "../../../src/rpc/xds/catalog.ts";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { endpointsOf, openStream, register, servicesOf } from "./ads-harness.ts";

const { assignment, cluster } = typeUrls;

test("a service whose names are being looked up is not answered for, and holds up no other", async () => {
  await using server = await startServer();
  await register(server, "a");
  await register(server, "b", { serviceName: "shop", address: "localhost:80" });
  const stream = openStream(server);
  const first = await stream.ask({ typeUrl: assignment, resourceNames: ["inventory", "shop"] });
  expect(servicesOf(first)).toEqual(["inventory"]);
  const second = await stream.next();
  expect([servicesOf(second), endpointsOf(second).length]).toEqual([["shop"], 1]);
});

test("a client that has a stream already is sent no service without the instances whose names are being looked up", async () => {
  await using server = await startServer();
  await register(server, "a");
  await register(server, "b", { serviceName: "shop", address: "localhost:80" });
  const stream = openStream(server);
  for (const typeUrl of [cluster, assignment]) {
    stream.acknowledge(await stream.ask({ typeUrl, resourceNames: ["inventory"] }), ["inventory", "shop"]);
  }
  const next = [await stream.next(), await stream.next()];
  expect(next.map(({ typeUrl }) => typeUrl)).toEqual([cluster, assignment]);
  expect(next.map(({ resources }) => resources.length)).toEqual([2, 1]);
  expect(endpointsOf({ resources: next[1]?.resources ?? [] })).toHaveLength(1);
});

test("while the name of the only instance is looked up, clients keep the address that it had", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  await stream.ask({ typeUrl: assignment, resourceNames: ["inventory"] });
  await register(server, "a", { address: "localhost:80" });
  expect(endpointsOf(await stream.next())).toEqual([expect.stringMatching(/^(127\.0\.0\.1|::1):80 HEALTHY$/)]);
});

test("a name that is in use is not looked up anew because its service has changed", async () => {
  const clock = createFakeClock();
  const asked: string[] = [];
  const lookUp = async (host: string) => {
    asked.push(host);
    return ["10.0.0.1"];
  };
  const instances: Instance[] = [];
  const turns: (() => void)[] = [];
  const turn = () => turns.splice(0).forEach((action) => void action());
  const catalog = new Catalog({
    registry: {
      discover: ({ serviceName }) => instances.filter((each) => each.serviceName === serviceName),
      feed: { watch: () => () => undefined } as never,
    },
    fanOut: createFanOut(clock, (action) => turns.push(action)),
    clock,
    addresses: (onChange) => new Addresses(lookUp, clock, onChange),
    balancingOf: () => ({ balancing: { policy: "round_robin" }, byWeight: true }),
    defaultBalancing: { policy: "round_robin" },
  });
  const facts = { capacity: 100, weight: 1, metadata: {}, state: "healthy", address: "db:80" };
  instances.push({ ...facts, serviceName: "inventory", instanceId: "a" } as unknown as Instance);
  // One that does not read, as a client does in front of which too much lies.
  const unread = { refresh: () => 0 };
  const other = { refresh: () => 0 };
  catalog.watch("inventory", unread);
  catalog.watch("shop", other);
  expect(catalog.isPending("inventory")).toBe(true);
  await new Promise((resolve) => setImmediate(resolve));
  turn();
  expect(catalog.isCallable("inventory")).toBe(true);

  catalog.changed("inventory");
  turn();
  expect(catalog.isCallable("inventory")).toBe(true);

  catalog.changed("inventory");
  catalog.unwatch("shop", other);
  expect(catalog.isCallable("inventory")).toBe(true);
  expect(asked).toEqual(["db"]);

  catalog.unwatch("inventory", unread);
  expect(clock.pendingTimers).toBe(0);
});
