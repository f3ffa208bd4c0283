import { expect, it } from "vitest";
import { InstanceSource } from "../../gen/sitq/v1/registry_service_pb.js";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueueMany } from "../harness/calls/tasks.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { register, states, watchInstances } from "./registry-harness.ts";

const hello = { workerId: "a", service: "inventory", capacity: 4 };
const a = { serviceName: "inventory", instanceId: "a" };

it("makes an instance of a worker that says its service, as long as its stream is open", async () => {
  await using server = await startServer();
  const watch = await watchInstances(server);
  const worker = await connectWorker(server, {
    ...hello,
    weight: 9,
    address: "inventory-1:80",
    metadata: { zone: "b" },
  });
  await connectWorker(server, { workerId: "of-none" });
  const { instances } = await server.registry.discoverInstances({});
  expect(instances).toMatchObject([
    {
      ...a,
      address: "inventory-1:80",
      capacity: 4,
      weight: 9,
      metadata: { zone: "b" },
      source: InstanceSource.WORKER,
      currentLoad: 0,
    },
  ]);
  expect(instances[0]?.ttl).toBeUndefined();
  worker.cut();
  await watch.saw("REMOVED a:HEALTHY");
  expect(watch.changes).toEqual(["ADDED a:HEALTHY", "REMOVED a:HEALTHY"]);
});

it("removes it at once when its stream ends, also while its leases go on", async () => {
  await using server = await startServer();
  const watch = await watchInstances(server);
  const worker = await connectWorker(server, hello);
  await enqueueMany(server, 2);
  await worker.take(2);
  worker.cut();
  await watch.saw("REMOVED a:HEALTHY");
  expect((await server.worker.listWorkers({})).workers).toMatchObject([{ id: "a", inFlight: 2 }]);
});

it("counts its tasks in flight as its load, and the places that are reserved", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server, hello);
  await enqueueMany(server, 3);
  const [task] = await worker.take(3);
  const loads = async () => (await server.registry.discoverInstances({})).instances.map((each) => each.currentLoad);
  expect(await loads()).toEqual([3]);
  expect((await server.registry.pickInstance({ serviceName: "inventory" })).instance?.currentLoad).toBe(4);
  expect(await refusalOf(server.registry.pickInstance({ serviceName: "inventory" }))).toMatchObject({
    reason: "SERVICE_FULL",
  });
  if (task) await worker.complete(task);
  expect(await loads()).toEqual([3]);
});

it("follows its capacity", async () => {
  await using server = await startServer();
  const worker = await connectWorker(server, hello);
  const watch = await watchInstances(server);
  const capacity = async () => (await server.registry.discoverInstances({})).instances[0]?.capacity;
  worker.send({ case: "capacity", value: { n: 7 } });
  await worker.heard();
  expect(await capacity()).toBe(7);
  await watch.saw("UPDATED a:HEALTHY");
});

it("knows a worker's heartbeat by its stream alone, and lets nobody deregister it", async () => {
  await using server = await startServer();
  await connectWorker(server, hello);
  expect(await refusalOf(server.registry.heartbeat(a))).toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
  expect(await server.registry.deregisterInstance(a)).toMatchObject({ removed: false });
  expect(await states(server)).toEqual(["a:HEALTHY"]);
});

it("shows the registration where a worker has the same service and id, and the worker when it is gone", async () => {
  await using server = await startServer();
  const watch = await watchInstances(server);
  const worker = await connectWorker(server, hello);
  const shown = async () =>
    (await server.registry.discoverInstances({})).instances.map(({ source, address, capacity }) => [
      InstanceSource[source],
      address,
      capacity,
    ]);
  await register(server, { address: "h:1", capacity: 50 });
  expect(await shown()).toEqual([["REGISTRATION", "h:1", 50]]);
  await server.registry.deregisterInstance(a);
  expect(await shown()).toEqual([["WORKER", "", 4]]);
  await register(server, { address: "h:1", capacity: 50 });
  worker.cut();
  await server.logged("worker disconnected");
  expect(await shown()).toEqual([["REGISTRATION", "h:1", 50]]);
  await server.registry.deregisterInstance(a);
  await watch.saw("REMOVED a:HEALTHY");
  expect(watch.changes).toEqual([
    "ADDED a:HEALTHY",
    "UPDATED a:HEALTHY",
    "UPDATED a:HEALTHY",
    "UPDATED a:HEALTHY",
    "REMOVED a:HEALTHY",
  ]);
});

it("lets a worker that reconnects take its own place", async () => {
  await using server = await startServer();
  const first = await connectWorker(server, hello);
  await connectWorker(server, { ...hello, capacity: 8 });
  await first.ended;
  expect((await server.registry.discoverInstances({})).instances).toMatchObject([{ instanceId: "a", capacity: 8 }]);
});
