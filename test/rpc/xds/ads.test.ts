import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { describe, expect, test } from "vitest";
import { Cluster_LbPolicy, ClusterSchema } from "../../../gen/envoy/config/cluster/v3/cluster_pb.js";
import { BalancingStrategy } from "../../../gen/sitq/v1/queue_pb.js";
import { typeUrls } from "../../../src/rpc/xds/resources.ts";
import { connectWorker } from "../../harness/calls/scripted-worker.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";
import { startServer } from "../../harness/server.ts";
import { endpointsOf, openStream, register, servicesOf } from "./ads-harness.ts";

const inventory = ["inventory"];

test("a client is sent what it asks for, once, and again when it has changed", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  const listener = await stream.ask({ typeUrl: typeUrls.listener, resourceNames: inventory, node: { id: "test" } });
  expect(listener.resources.map(({ typeUrl }) => typeUrl)).toEqual([typeUrls.listener]);
  stream.acknowledge(listener, inventory);
  const cluster = await stream.ask({ typeUrl: typeUrls.cluster, resourceNames: inventory });
  expect(cluster.resources.map(({ typeUrl }) => typeUrl)).toEqual([typeUrls.cluster]);
  stream.acknowledge(cluster, inventory);
  const first = await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: inventory });
  expect(endpointsOf(first)).toEqual(["10.0.0.97:80 HEALTHY"]);
  stream.acknowledge(first, inventory);
  await register(server, "b");
  // Nothing comes in between: an acknowledgement is not answered, and the listener is as it was.
  const second = await stream.next();
  expect(endpointsOf(second)).toEqual(["10.0.0.97:80 HEALTHY", "10.0.0.98:80 HEALTHY"]);
  expect(second.nonce).not.toBe(first.nonce);
  const route = await stream.ask({ typeUrl: typeUrls.route, resourceNames: inventory });
  expect(route.resources.map(({ typeUrl }) => typeUrl)).toEqual([typeUrls.route]);
});

test("assignments are sent that have changed or are new to the client, clusters all of them", async () => {
  await using server = await startServer();
  await register(server, "a");
  await register(server, "b", { serviceName: "shop" });
  const stream = openStream(server);
  const both = ["inventory", "shop"];
  const clusters = await stream.ask({ typeUrl: typeUrls.cluster, resourceNames: both });
  stream.acknowledge(clusters, both);
  const first = await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: inventory });
  expect(servicesOf(first)).toEqual(inventory);
  stream.acknowledge(first, both);
  const second = await stream.next();
  expect(servicesOf(second)).toEqual(["shop"]);
  await register(server, "c", { serviceName: "shop" });
  const third = await stream.next();
  expect([servicesOf(third), endpointsOf(third)]).toEqual([["shop"], ["10.0.0.98:80 HEALTHY", "10.0.0.99:80 HEALTHY"]]);
  // What it has given up it does not have: it is sent again, also unchanged.
  stream.acknowledge(third, inventory);
  stream.acknowledge(third, both);
  expect(servicesOf(await stream.next())).toEqual(["shop"]);
  await server.registry.updateService({
    service: { name: "shop", strategy: BalancingStrategy.LEAST_LOADED },
    updateMask: { paths: ["strategy"] },
  });
  const changed = await stream.next();
  expect([changed.typeUrl, changed.resources.length]).toEqual([typeUrls.cluster, 2]);
});

test("a new stream is answered although the client says that it has it", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  const known = { versionInfo: "7", resourceNames: inventory, responseNonce: "" };
  expect(endpointsOf(await stream.ask({ ...known, typeUrl: typeUrls.assignment }))).toHaveLength(1);
  expect((await stream.ask({ ...known, typeUrl: typeUrls.cluster })).resources).toHaveLength(1);
  expect((await stream.ask({ ...known, typeUrl: typeUrls.listener })).resources).toHaveLength(1);
});

test("when the last instance goes, its endpoints are all that goes, and come back", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  for (const typeUrl of [typeUrls.listener, typeUrls.cluster, typeUrls.assignment]) {
    stream.acknowledge(await stream.ask({ typeUrl, resourceNames: inventory }), inventory);
  }
  await server.registry.deregisterInstance({ serviceName: "inventory", instanceId: "a" });
  const gone = await stream.next();
  expect([gone.typeUrl, gone.resources.length, endpointsOf(gone)]).toEqual([typeUrls.assignment, 1, []]);
  stream.acknowledge(gone, inventory);
  await register(server, "a");
  // Nothing has come in between: listener and cluster were there all the time.
  expect(endpointsOf(await stream.next())).toEqual(["10.0.0.97:80 HEALTHY"]);
});

describe("a client that keeps the endpoints that it had", () => {
  const java = { id: "test", userAgentName: "gRPC Java" };

  test("is sent that the cluster is gone while no instance can be called", async () => {
    await using server = await startServer();
    await register(server, "a");
    const stream = openStream(server);
    for (const typeUrl of [typeUrls.listener, typeUrls.cluster, typeUrls.assignment]) {
      stream.acknowledge(await stream.ask({ typeUrl, resourceNames: inventory, node: java }), inventory);
    }
    await server.registry.deregisterInstance({ serviceName: "inventory", instanceId: "a" });
    const gone = [await stream.next(), await stream.next()];
    expect(gone.map(({ typeUrl, resources }) => [typeUrl, resources.length])).toEqual([
      [typeUrls.cluster, 0],
      [typeUrls.assignment, 1],
    ]);
    await register(server, "a");
    const back = [await stream.next(), await stream.next()];
    expect(back.map(({ typeUrl, resources }) => [typeUrl, resources.length])).toEqual([
      [typeUrls.cluster, 1],
      [typeUrls.assignment, 1],
    ]);
  });

  test("is sent a cluster without endpoints while it can have none, so that it need not wait", async () => {
    const clock = createFakeClock();
    await using server = await startServer({ clock });
    const stream = openStream(server);
    const first = { typeUrl: typeUrls.cluster, resourceNames: inventory, node: java };
    expect((await stream.ask(first)).resources).toHaveLength(1);
    const again = openStream(server);
    // It has come from another server, of which it may have endpoints: it keeps them as long as workers may come back.
    again.send({ ...first, versionInfo: "7" });
    await again.ask({ typeUrl: typeUrls.listener, resourceNames: ["other"] });
    clock.advance(5_000);
    expect((await again.next()).resources).toEqual([]);
    await register(server, "a");
    expect((await again.next()).resources).toHaveLength(1);
  });

  test("gets what it asks for again, though it had left it in answer to an older response", async () => {
    await using server = await startServer();
    await register(server, "a");
    const stream = openStream(server);
    const typeUrl = typeUrls.assignment;
    const first = await stream.ask({ typeUrl, resourceNames: inventory, node: java });
    await register(server, "b");
    const second = await stream.next();
    // It leaves, and has not seen the second yet. Nor does it answer that.
    stream.acknowledge(first, []);
    const again = await stream.ask({ typeUrl, resourceNames: inventory, responseNonce: second.nonce });
    expect(endpointsOf(again)).toHaveLength(2);
  });
});

test("an instance that is silent is sent as unhealthy", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, "a");
  await register(server, "b", { ttl: { seconds: 5n } });
  const stream = openStream(server);
  await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: inventory });
  await clock.advance(6_000);
  expect(endpointsOf(await stream.next())).toEqual(["10.0.0.97:80 HEALTHY", "10.0.0.98:80 UNHEALTHY"]);
});

test("an instance that drains is sent as draining, and so is the last one", async () => {
  await using server = await startServer();
  await register(server, "a", { draining: true });
  await register(server, "b");
  const stream = openStream(server);
  const first = await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: inventory });
  expect(endpointsOf(first)).toEqual(["10.0.0.97:80 DRAINING", "10.0.0.98:80 HEALTHY"]);
  stream.acknowledge(first, inventory);
  const b = { serviceName: "inventory", instanceId: "b" };
  await server.registry.heartbeat({ ...b, draining: true });
  const last = await stream.next();
  expect(endpointsOf(last)).toEqual(["10.0.0.97:80 DRAINING", "10.0.0.98:80 DRAINING"]);
  stream.acknowledge(last, inventory);
  await server.registry.heartbeat({ ...b, draining: false });
  expect(endpointsOf(await stream.next())).toEqual(["10.0.0.97:80 DRAINING", "10.0.0.98:80 HEALTHY"]);
});

test("a worker that an operator drains is sent as draining", async () => {
  await using server = await startServer();
  await register(server, "a");
  const hello = { workerId: "w", service: "inventory", capacity: 4, address: "10.0.0.1:80" };
  await connectWorker(server, hello);
  const stream = openStream(server);
  const first = await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: inventory });
  expect(endpointsOf(first)).toEqual(["10.0.0.97:80 HEALTHY", "10.0.0.1:80 HEALTHY"]);
  await server.worker.drainWorker({ workerId: "w" });
  // In its place: its weight, and with it its locality, is as it was.
  expect(endpointsOf(await stream.next())).toEqual(["10.0.0.97:80 HEALTHY", "10.0.0.1:80 DRAINING"]);
});

test("a service without instances is answered at once, without endpoints, and with them once there are any", async () => {
  await using server = await startServer();
  const stream = openStream(server);
  for (const typeUrl of [typeUrls.listener, typeUrls.cluster]) {
    expect((await stream.ask({ typeUrl, resourceNames: inventory })).resources).toHaveLength(1);
  }
  const none = await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: inventory });
  expect([none.resources.length, endpointsOf(none)]).toEqual([1, []]);
  await register(server, "a");
  expect(endpointsOf(await stream.next())).toEqual(["10.0.0.97:80 HEALTHY"]);
});

test("what a client refuses is logged once with its reason, and not sent again before it changes", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  const first = await stream.ask({ typeUrl: typeUrls.listener, resourceNames: inventory, node: { id: "shop-1" } });
  const nack = { typeUrl: typeUrls.listener, resourceNames: inventory, errorDetail: { code: 3, message: "no filter" } };
  stream.send({ ...nack, responseNonce: first.nonce });
  stream.send({ ...nack, responseNonce: first.nonce });
  await server.logged("a client of xDS has refused");
  // The next that comes is the answer to another question.
  expect((await stream.ask({ typeUrl: typeUrls.cluster, resourceNames: inventory })).typeUrl).toBe(typeUrls.cluster);
  const logged = server.log.filter(({ message }) => message.startsWith("a client of xDS has refused"));
  expect(logged.map(({ facts }) => facts)).toMatchObject([
    { services: ["inventory"], node: "shop-1", reason: "no filter" },
  ]);
});

test("types and names that there cannot be are passed over, and logged once", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  const other = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret";
  stream.send({ typeUrl: other, resourceNames: ["s"] });
  stream.send({ typeUrl: other, resourceNames: ["s"] });
  const names = ["no such/name", "inventory"];
  expect((await stream.ask({ typeUrl: typeUrls.cluster, resourceNames: names })).resources).toHaveLength(1);
  const logged = server.log.filter(({ message }) => message.startsWith("a client of xDS asks for"));
  expect(logged).toHaveLength(2);
});

test("a client that asks for too many names is refused, and no other is", async () => {
  await using server = await startServer();
  await register(server, "a");
  const [greedy, modest] = [openStream(server), openStream(server)];
  const names = Array.from({ length: 1_001 }, (_, at) => `service-${at}`);
  await expect(greedy.ask({ typeUrl: typeUrls.cluster, resourceNames: names })).rejects.toMatchObject({ code: 3 });
  expect((await modest.ask({ typeUrl: typeUrls.cluster, resourceNames: inventory })).resources).toHaveLength(1);
});

test("instances without an address, of a name that does not resolve, or of another's address are left out alone", async () => {
  await using server = await startServer();
  await register(server, "a");
  await register(server, "b", { address: "no-such-host.invalid:80" });
  await register(server, "c", { address: "10.0.0.97:80" });
  await register(server, "d", { address: "localhost:81" });
  const stream = openStream(server);
  let response = await stream.ask({ typeUrl: typeUrls.assignment, resourceNames: inventory });
  while (endpointsOf(response).length < 2) response = await stream.next();
  expect(endpointsOf(response)).toEqual([
    "10.0.0.97:80 HEALTHY",
    expect.stringMatching(/^(127\.0\.0\.1|::1):81 HEALTHY$/),
  ]);
});

test("the settings of a service reach its clients, and what they refuse is shown", async () => {
  await using server = await startServer();
  await register(server, "a");
  await register(server, "b", { address: "no-such-host.invalid:80" });
  const stream = openStream(server);
  const first = await stream.ask({ typeUrl: typeUrls.cluster, resourceNames: inventory, node: { id: "shop-1" } });
  expect(anyUnpack(first.resources[0] ?? expect.unreachable("none"), ClusterSchema)?.lbPolicy).toBe(0);
  await server.registry.updateService({
    service: { name: "inventory", strategy: BalancingStrategy.STICKY, hashHeader: "x-user" },
  });
  const second = await stream.next();
  const cluster = anyUnpack(second.resources[0] ?? expect.unreachable("none"), ClusterSchema);
  expect(cluster?.lbPolicy).toBe(Cluster_LbPolicy.RING_HASH);
  const ring = cluster?.loadBalancingPolicy?.policies[0]?.typedExtensionConfig?.typedConfig;
  // The hash function alone: grpc-js refuses a ring whose size is given.
  expect([...(ring?.value ?? [])]).toEqual([8, 1]);
  const nack = { typeUrl: typeUrls.cluster, resourceNames: inventory, errorDetail: { code: 3, message: "no ring" } };
  stream.send({ ...nack, responseNonce: second.nonce });
  await server.logged("a client of xDS has refused");
  const { service } = await server.registry.getService({ name: "inventory" });
  expect(service?.xds).toMatchObject({ watchers: 1, refusals: 1n, lastRefusal: "no ring" });
  const { instances } = await server.registry.discoverInstances({ serviceName: "inventory" });
  expect(instances.map(({ remark }) => remark)).toEqual(["", expect.stringContaining("no-such-host.invalid")]);
});

test("a server that stops ends the stream, and a client goes on with another", async () => {
  await using server = await startServer();
  await register(server, "a");
  const stream = openStream(server);
  await stream.ask({ typeUrl: typeUrls.listener, resourceNames: inventory });
  const ended = expect(stream.next()).rejects.toMatchObject({ code: 14 });
  await server.restart();
  await ended;
  const again = openStream(server);
  expect((await again.ask({ typeUrl: typeUrls.listener, resourceNames: inventory })).resources).toHaveLength(1);
});

test("after a restart a client keeps the workers that it had until they are back, or have had their time", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const hello = { workerId: "w", service: "inventory", capacity: 4, address: "10.0.0.1:80" };
  await connectWorker(server, hello);
  await server.restart();
  const had = { typeUrl: typeUrls.assignment, resourceNames: inventory, versionInfo: "1", responseNonce: "" };
  const [old, impatient] = [openStream(server), openStream(server)];
  old.send(had);
  // One that has nothing yet is answered at once.
  expect(endpointsOf(await impatient.ask({ ...had, versionInfo: "" }))).toEqual([]);
  await connectWorker(server, hello);
  expect(endpointsOf(await old.next())).toEqual(["10.0.0.1:80 HEALTHY"]);

  await server.restart();
  const again = openStream(server);
  again.send(had);
  const cluster = await again.ask({ ...had, typeUrl: typeUrls.cluster, versionInfo: "", resourceNames: ["other"] });
  expect(cluster.typeUrl).toBe(typeUrls.cluster);
  clock.advance(5_000);
  const late = await again.next();
  expect([late.typeUrl, endpointsOf(late)]).toEqual([typeUrls.assignment, []]);
  // From then on it is as it is.
  expect(endpointsOf(await openStream(server).ask(had))).toEqual([]);
});
