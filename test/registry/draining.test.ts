import { expect, it } from "vitest";
import { BalancingStrategy } from "../../gen/sitq/v1/queue_pb.js";
import { InstanceState } from "../../gen/sitq/v1/registry_service_pb.js";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueueMany, span } from "../harness/calls/tasks.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer, type TestServer } from "../harness/server.ts";
import { register, states, watchInstances } from "./registry-harness.ts";

const inventory = { serviceName: "inventory" };
const a = { ...inventory, instanceId: "a" };
const none = { reservationDuration: span(0) };

/** What PickInstance answers ten times: the ids of the instances, each once. */
async function picked(server: TestServer, strategy = BalancingStrategy.ROUND_ROBIN, key = ""): Promise<string[]> {
  const ids = new Set<string>();
  for (let n = 0; n < 10; n++) {
    const { instance } = await server.registry.pickInstance({ ...inventory, ...none, strategy, key });
    ids.add(instance?.instanceId ?? "");
  }
  return [...ids].sort();
}

it("shows an instance that says that it drains, hands it to no caller, and takes it back", async () => {
  await using server = await startServer();
  await register(server);
  await register(server, { instanceId: "b" });
  const watch = await watchInstances(server, inventory);
  await server.registry.heartbeat({ ...a, draining: true, currentLoad: 3 });
  await watch.saw("UPDATED a:DRAINING");
  expect(await states(server)).toEqual(["a:DRAINING", "b:HEALTHY"]);
  const { instances } = await server.registry.discoverInstances(inventory);
  expect(instances.map(({ instanceId }) => instanceId)).toEqual(["b"]);
  expect(await picked(server)).toEqual(["b"]);
  // Every key is then of the other one.
  expect(await picked(server, BalancingStrategy.STICKY, "customer-7")).toEqual(["b"]);
  const { services } = await server.registry.getLoadStatistics(inventory);
  expect(services).toMatchObject([
    { instanceCount: 2, healthyInstanceCount: 1, drainingInstanceCount: 1, currentLoad: 0n, capacity: 100n },
  ]);

  // It goes on to be alive, and what it does not say stays as it is.
  await server.registry.heartbeat({ ...a, currentLoad: 1 });
  expect(await states(server)).toEqual(["a:DRAINING", "b:HEALTHY"]);
  await server.registry.heartbeat({ ...a, draining: false });
  expect(await states(server)).toEqual(["a:HEALTHY", "b:HEALTHY"]);
  expect(await picked(server)).toEqual(["a", "b"]);
  expect(watch.changes).toEqual(["ADDED a:HEALTHY", "ADDED b:HEALTHY", "UPDATED a:DRAINING", "UPDATED a:HEALTHY"]);
});

it("can be registered as draining, and drains until a registration does not say so", async () => {
  await using server = await startServer();
  expect((await register(server, { draining: true })).state).toBe(InstanceState.DRAINING);
  expect((await register(server)).state).toBe(InstanceState.HEALTHY);
});

it("refuses a pick where the others drain or are silent, and says how many", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, { draining: true });
  const refusal = () => refusalOf(server.registry.pickInstance(inventory));
  const refused = { code: "UNAVAILABLE", reason: "NO_HEALTHY_INSTANCE", field: "service_name", retryAfterMs: 1_000 };
  expect(await refusal()).toMatchObject(refused);
  expect((await refusal()).message).toContain("1 drains");
  await register(server, { instanceId: "b", ttl: span(1_000) });
  const watch = await watchInstances(server);
  clock.advance(1_000);
  await watch.saw("UPDATED b:UNHEALTHY");
  expect((await refusal()).message).toContain("1 missed its heartbeat, 1 drains");
});

it("is unhealthy when it is silent, drains again when it is heard of, and is removed as the others are", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, { ttl: span(1_000), draining: true });
  const watch = await watchInstances(server);
  clock.advance(1_000);
  await watch.saw("UPDATED a:UNHEALTHY");
  await server.registry.heartbeat(a);
  expect(await states(server)).toEqual(["a:DRAINING"]);
  clock.advance(1_000);
  await watch.count(4);
  clock.advance(9_000);
  await watch.saw("REMOVED a:UNHEALTHY");
});

it("drains also after a restart of the server, which no caller may notice first", async () => {
  await using server = await startServer();
  await register(server);
  await register(server, { instanceId: "b", draining: true });
  await server.registry.heartbeat({ ...a, draining: true });
  await server.restart();
  expect(await states(server)).toEqual(["a:DRAINING", "b:DRAINING"]);
  await server.registry.heartbeat({ ...a, draining: false });
  await server.restart();
  expect(await states(server)).toEqual(["a:HEALTHY", "b:DRAINING"]);
});

it("keeps the place that a caller has on it until the call is over", async () => {
  await using server = await startServer();
  await register(server);
  const { reservationId } = await server.registry.pickInstance(inventory);
  await server.registry.heartbeat({ ...a, draining: true });
  expect(await server.registry.releaseInstance({ reservationId })).toMatchObject({ released: true });
});

it("takes nothing of a registration that was replaced, or is not there", async () => {
  await using server = await startServer();
  const first = await server.registry.registerInstance({ ...a, address: "h:1" });
  await register(server);
  const stale = { ...a, registrationId: first.registrationId, draining: true };
  expect(await refusalOf(server.registry.heartbeat(stale))).toMatchObject({ reason: "INSTANCE_REPLACED" });
  expect(await states(server)).toEqual(["a:HEALTHY"]);
  expect(await refusalOf(server.registry.heartbeat({ ...a, instanceId: "b", draining: true }))).toMatchObject({
    reason: "INSTANCE_NOT_FOUND",
  });
});

it("says so by JSON over HTTP as it does by gRPC", async () => {
  await using server = await startServer();
  await register(server);
  const post = async (method: string, body: object) => {
    const headers = { "content-type": "application/json" };
    const url = `http://${server.address}/sitq.v1.RegistryService/${method}`;
    return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).json();
  };
  expect(await post("Heartbeat", { ...a, draining: true })).toEqual({ heartbeatInterval: "10s" });
  expect(await post("DiscoverInstances", { ...inventory, includeUnhealthy: true })).toMatchObject({
    instances: [{ instanceId: "a", state: "INSTANCE_STATE_DRAINING" }],
  });
});

it("ends as the last of several changes that were on their way together", async () => {
  await using server = await startServer();
  await register(server);
  for (const last of [true, false]) {
    const changes = [!last, last, !last, last].map((draining) => server.registry.heartbeat({ ...a, draining }));
    await Promise.all(changes);
    expect(await states(server)).toEqual([last ? "a:DRAINING" : "a:HEALTHY"]);
  }
});

const hello = { workerId: "a", service: "inventory", capacity: 4, address: "10.0.0.7:80" };

it("drains with its worker, while an operator drains it", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server, hello);
  const watch = await watchInstances(server);
  await enqueueMany(server, 1);
  await worker.take(1);
  await server.worker.drainWorker({ workerId: "a" });
  await watch.saw("UPDATED a:DRAINING");
  expect((await server.registry.discoverInstances({ includeUnhealthy: true })).instances).toMatchObject([
    { instanceId: "a", state: InstanceState.DRAINING, capacity: 0, currentLoad: 1 },
  ]);
  expect(await refusalOf(server.registry.pickInstance(inventory))).toMatchObject({ reason: "NO_HEALTHY_INSTANCE" });
  worker.cut();
  await watch.saw("REMOVED a:DRAINING");
});

it("drains with its worker, while that shuts down or wants nothing for now", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server, hello);
  const watch = await watchInstances(server);
  worker.send({ case: "capacity", value: { n: 0 } });
  await watch.saw("UPDATED a:DRAINING");
  worker.send({ case: "capacity", value: { n: 2 } });
  await watch.saw("UPDATED a:HEALTHY");
});

it("does not drain with its worker when it is the server that stops", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server, hello);
  await enqueueMany(server, 1);
  await worker.take(1);
  const watch = await watchInstances(server);
  void server.app.close();
  await worker.next("drain");
  await watch.ended;
  expect((await server.registry.pickInstance(inventory)).instance?.instanceId).toBe("a");
  expect(watch.changes).toEqual(["ADDED a:HEALTHY"]);
});
