import { describe, expect, it, onTestFinished } from "vitest";
import {
  createRegistration,
  createWorker,
  InstanceSource,
  InstanceState,
  type RegistrationOptions,
  type SitqClient,
} from "../../../src/client/index.ts";
import { ms } from "../../harness/calls/tasks.ts";
import { startServer } from "../../harness/server.ts";
import { freePort } from "../../harness/server-process.ts";
import { connectTo, see } from "./discovery-harness.ts";

function registrationOf(client: SitqClient, options: Partial<RegistrationOptions> = {}) {
  const registration = createRegistration(client, {
    service: "inventory",
    instanceId: "a",
    address: "127.0.0.1:1",
    ttlMs: 1_000,
    ...options,
  });
  onTestFinished(() => registration.stop());
  return registration;
}

const a = { serviceName: "inventory", instanceId: "a" };

it("registers with all that was said, and deregisters when it stops", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  const said = { capacity: 7, weight: 3, metadata: { zone: "b" }, ttlMs: 5_000, load: () => 2 };
  const registration = registrationOf(client, said);
  expect(registration.state).toBe("idle");
  await registration.start();
  expect(registration).toMatchObject({ state: "registered", service: "inventory", instanceId: "a" });
  const { instances } = await client.registry.discoverInstances({});
  expect(instances).toMatchObject([
    { ...a, address: "127.0.0.1:1", capacity: 7, weight: 3, metadata: { zone: "b" }, currentLoad: 2 },
  ]);
  expect(ms(instances[0]?.ttl)).toBe(5_000);
  await registration.stop();
  expect(registration.state).toBe("stopped");
  expect((await client.registry.discoverInstances({ includeUnhealthy: true })).instances).toEqual([]);
});

it("keeps itself alive, and tells its load with every heartbeat", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  let load = 0;
  const beats: (() => void)[] = [];
  const registration = registrationOf(client, {
    load() {
      for (const beat of beats) beat();
      return load;
    },
  });
  await registration.start();
  load = 5;
  // Four heartbeats are more than a ttl.
  for (let n = 0; n < 4; n++) await new Promise<void>((resolve) => beats.push(resolve));
  const seen = see(client, "inventory");
  await seen.until(([instance]) => instance?.currentLoad === 5);
  expect(seen.instances).toMatchObject([{ state: InstanceState.HEALTHY }]);
});

it("registers again when the server has forgotten it", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  await registrationOf(client).start();
  const seen = see(client, "inventory");
  await seen.until((instances) => instances.length === 1);
  await client.registry.deregisterInstance(a);
  await seen.until((instances) => instances.length === 0);
  await seen.until((instances) => instances.length === 1);
});

it("goes on over a restart of the server", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  let beats = 0;
  const registration = registrationOf(client, { load: () => ++beats });
  await registration.start();
  await server.restart();
  const before = beats;
  const seen = see(client, "inventory");
  await seen.until(([instance]) => instance?.state === InstanceState.HEALTHY);
  await expect
    .poll(async () => (await client.registry.discoverInstances({})).instances[0]?.currentLoad, { timeout: 10_000 })
    .toBeGreaterThan(before);
  expect(registration.state).toBe("registered");
});

it("waits for a server that is not there yet", async () => {
  const port = await freePort();
  const client = connectTo(`127.0.0.1:${port}`);
  const started = registrationOf(client).start();
  await using _server = await startServer({ config: { listen: { host: "127.0.0.1", port } } });
  await started;
  expect((await client.registry.discoverInstances({})).instances).toMatchObject([a]);
});

describe("start", () => {
  it("rejects what the server refuses for good", async () => {
    await using server = await startServer();
    const registration = registrationOf(connectTo(server.address), { address: "nowhere" });
    await expect(registration.start()).rejects.toMatchObject({ reason: "INVALID_FIELD", field: "address" });
    expect(registration.state).toBe("stopped");
    await expect(registration.start()).rejects.toThrow("started or stopped before");
  });

  it("rejects when it is stopped before", async () => {
    const registration = registrationOf(connectTo("127.0.0.1:1"));
    const refused = expect(registration.start()).rejects.toMatchObject({ codeName: "CANCELLED" });
    await registration.stop();
    await refused;
  });

  it("rejects after a stop that came before it", async () => {
    const registration = registrationOf(connectTo("127.0.0.1:1"));
    await registration.stop();
    await registration.stop();
    await expect(registration.start()).rejects.toThrow("started or stopped before");
  });
});

describe("two processes with one name", () => {
  it("leave the name to the later one, and the earlier one knows it at its next heartbeat", async () => {
    await using server = await startServer();
    const client = connectTo(server.address);
    const replaced = Promise.withResolvers<void>();
    const first = registrationOf(client, { onReplaced: replaced.resolve });
    await first.start();
    const second = registrationOf(client, { address: "127.0.0.1:2" });
    await second.start();
    await replaced.promise;
    expect([first.state, second.state]).toEqual(["replaced", "registered"]);
    await first.stop();
    expect((await client.registry.discoverInstances({})).instances).toMatchObject([{ address: "127.0.0.1:2" }]);
  });

  it("leave the later one registered when the earlier one stops before it knows", async () => {
    await using server = await startServer();
    const client = connectTo(server.address);
    const first = registrationOf(client, { ttlMs: 3_600_000 });
    await first.start();
    await registrationOf(client, { address: "127.0.0.1:2" }).start();
    await first.stop();
    expect((await client.registry.discoverInstances({})).instances).toMatchObject([{ address: "127.0.0.1:2" }]);
  });
});

it("does not deregister what no server has heard of", async () => {
  const client = connectTo(`127.0.0.1:${await freePort()}`);
  const warnings: string[] = [];
  const { promise: outage, resolve: onOutage } = Promise.withResolvers<void>();
  const quiet = () => undefined;
  const log = {
    error: quiet,
    info: quiet,
    debug: quiet,
    warn: (_: object, text: string) => {
      warnings.push(text);
      onOutage();
    },
  };
  const registration = registrationOf(client, { log });
  const started = registration.start();
  await outage;
  await registration.stop();
  await expect(started).rejects.toMatchObject({ codeName: "CANCELLED" });
  expect(warnings).toEqual([expect.stringContaining("cannot reach")]);
});

describe("drain", () => {
  it("shows it as draining at once and over restarts of the server, until it stops", async () => {
    await using server = await startServer();
    const client = connectTo(server.address);
    // No heartbeat is due for 20 minutes.
    const registration = registrationOf(client, { ttlMs: 3_600_000, load: () => 2 });
    await registration.start();
    await registration.drain();
    await registration.drain();
    expect(registration.state).toBe("draining");
    const all = { includeUnhealthy: true };
    const drains = [{ state: InstanceState.DRAINING, currentLoad: 2 }];
    expect((await client.registry.discoverInstances(all)).instances).toMatchObject(drains);
    await server.restart();
    expect((await client.registry.discoverInstances(all)).instances).toMatchObject([{ state: InstanceState.DRAINING }]);
    await registration.stop();
    expect((await client.registry.discoverInstances(all)).instances).toEqual([]);
  });

  it("goes on with each heartbeat, also when the server has forgotten it", async () => {
    await using server = await startServer();
    const client = connectTo(server.address);
    const registration = registrationOf(client);
    await registration.start();
    await registration.drain();
    const seen = see(client, "inventory");
    await seen.until(([instance]) => instance?.state === InstanceState.DRAINING);
    await client.registry.deregisterInstance(a);
    await seen.until((instances) => instances.length === 0);
    await seen.until(([instance]) => instance?.state === InstanceState.DRAINING);
    // Somebody else says that it takes calls: its next heartbeat says that it does not.
    await client.registry.heartbeat({ ...a, draining: false });
    await seen.until(([instance]) => instance?.state === InstanceState.HEALTHY);
    await seen.until(([instance]) => instance?.state === InstanceState.DRAINING);
    expect(registration.state).toBe("draining");
  });

  it("before the start registers it as draining", async () => {
    await using server = await startServer();
    const client = connectTo(server.address);
    const registration = registrationOf(client);
    await registration.drain();
    expect(registration.state).toBe("idle");
    await registration.start();
    expect(registration.state).toBe("draining");
    expect((await client.registry.discoverInstances(a)).instances).toEqual([]);
  });

  it("ends with a stop, and waits for no server after it", async () => {
    const registration = registrationOf(connectTo("127.0.0.1:1"));
    const refused = expect(registration.start()).rejects.toMatchObject({ codeName: "CANCELLED" });
    const draining = registration.drain();
    await registration.stop();
    await draining;
    await refused;
    await registration.drain();
    expect(registration.state).toBe("stopped");
  });
});

it("makes a name that no other instance has", () => {
  const client = connectTo("127.0.0.1:1");
  const ids = [1, 2].map(() => createRegistration(client, { service: "a b", address: "h:1" }).instanceId);
  expect(new Set(ids).size).toBe(2);
  for (const id of ids) expect(id).toMatch(/^a-b-\d+-[0-9a-f]{8}$/);
});

it("is not needed by a worker: its stream makes it an instance, with its address and its weight", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  const worker = createWorker(client, {
    queues: ["q"],
    handlers: { t: () => null },
    capacity: 6,
    workerId: "w",
    service: "inventory",
    address: "h:1",
    weight: 4,
    metadata: { zone: "b" },
  });
  await worker.start();
  const { instances } = await client.registry.discoverInstances({ serviceName: "inventory" });
  expect(instances).toMatchObject([
    { instanceId: "w", address: "h:1", weight: 4, capacity: 6, metadata: { zone: "b" }, source: InstanceSource.WORKER },
  ]);
  await worker.stop();
  expect((await client.registry.discoverInstances({ serviceName: "inventory" })).instances).toEqual([]);
});

it("is draining with its worker from the worker's stop on, as long as a task runs", async () => {
  await using server = await startServer();
  const client = connectTo(server.address);
  const started = Promise.withResolvers<void>();
  const ending = Promise.withResolvers<void>();
  const worker = createWorker(client, {
    queues: ["q"],
    handlers: {
      async t() {
        started.resolve();
        await ending.promise;
      },
    },
    workerId: "w",
    service: "inventory",
    address: "h:1",
  });
  await worker.start();
  const seen = see(client, "inventory");
  await client.queue.enqueue({ task: { queue: "q", type: "t" } });
  await started.promise;
  const stopped = worker.stop();
  await seen.until(([instance]) => instance?.state === InstanceState.DRAINING);
  ending.resolve();
  await stopped;
  await seen.until((instances) => instances.length === 0);
});
