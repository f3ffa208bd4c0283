import { expect, it } from "vitest";
import { InstanceSource, InstanceState } from "../../gen/sitq/v1/registry_service_pb.js";
import { ms, span } from "../harness/calls/tasks.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { startServer } from "../harness/server.ts";
import { register, states, watchInstances } from "./registry-harness.ts";

const a = { serviceName: "inventory", instanceId: "a" };

it("registers an instance with its defaults, and says how often to send a heartbeat", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  const answer = await server.registry.registerInstance({ ...a, address: "inventory-1:8080", metadata: { zone: "b" } });
  expect(answer).toMatchObject({ created: true });
  expect(ms(answer.heartbeatInterval)).toBe(10_000);
  const { instances } = await server.registry.discoverInstances({ serviceName: "inventory" });
  expect(instances).toEqual([answer.instance]);
  expect(instances[0]).toMatchObject({
    ...a,
    address: "inventory-1:8080",
    capacity: 100,
    weight: 100,
    metadata: { zone: "b" },
    state: InstanceState.HEALTHY,
    source: InstanceSource.REGISTRATION,
    currentLoad: 0,
  });
  expect(ms(instances[0]?.ttl)).toBe(30_000);
  expect(ms(instances[0]?.registerTime)).toBe(clock.now());
  expect(ms(instances[0]?.lastSeenTime)).toBe(clock.now());
});

it("puts new facts in the place of the old ones when an instance registers twice", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, { currentLoad: 7, metadata: { version: "1" } });
  await server.registry.pickInstance({ serviceName: "inventory" });
  const watch = await watchInstances(server);
  clock.advance(1_000);
  const second = { ...a, address: "[::1]:9", capacity: 5, weight: 2, ttl: span(3_000), currentLoad: 1 };
  const { created, instance, heartbeatInterval } = await server.registry.registerInstance(second);
  expect(created).toBe(false);
  // The place that was reserved belonged to the instance as it was.
  expect(instance).toMatchObject({ address: "[::1]:9", capacity: 5, weight: 2, metadata: {}, currentLoad: 1 });
  expect([ms(instance?.ttl), ms(heartbeatInterval), ms(instance?.registerTime)]).toEqual([3_000, 1_000, clock.now()]);
  await watch.saw("UPDATED a:HEALTHY");
  expect((await server.registry.discoverInstances({})).instances).toEqual([instance]);
  // The old ttl of 30 s plays no part any more.
  clock.advance(3_000);
  await watch.saw("UPDATED a:UNHEALTHY");
});

it("shows one that missed its heartbeat as unhealthy, hands it to nobody, and takes it back", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, { ttl: span(1_000) });
  const watch = await watchInstances(server, { serviceName: "inventory" });
  clock.advance(999);
  expect(ms((await server.registry.heartbeat(a)).heartbeatInterval)).toBe(333);
  clock.advance(999);
  expect(await states(server)).toEqual(["a:HEALTHY"]);
  clock.advance(1);
  await watch.saw("UPDATED a:UNHEALTHY");
  expect((await server.registry.discoverInstances({ serviceName: "inventory" })).instances).toEqual([]);
  expect(await states(server)).toEqual(["a:UNHEALTHY"]);
  expect(await refusalOf(server.registry.pickInstance({ serviceName: "inventory" }))).toMatchObject({
    code: "UNAVAILABLE",
    reason: "NO_HEALTHY_INSTANCE",
    field: "service_name",
    retryAfterMs: 1_000,
  });

  await server.registry.heartbeat(a);
  expect(await states(server)).toEqual(["a:HEALTHY"]);
  expect((await server.registry.pickInstance({ serviceName: "inventory" })).instance?.instanceId).toBe("a");
  clock.advance(1_000);
  expect(watch.changes).toEqual(["ADDED a:HEALTHY", "UPDATED a:UNHEALTHY", "UPDATED a:HEALTHY"]);
});

it("forgets one that is silent for ten times its ttl, and says so to its heartbeat", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, { ttl: span(1_000) });
  const watch = await watchInstances(server);
  clock.advance(1_000);
  await watch.saw("UPDATED a:UNHEALTHY");
  clock.advance(8_999);
  expect(await states(server)).toEqual(["a:UNHEALTHY"]);
  clock.advance(1);
  await watch.saw("REMOVED a:UNHEALTHY");
  expect(await refusalOf(server.registry.heartbeat(a))).toMatchObject({
    code: "NOT_FOUND",
    reason: "INSTANCE_NOT_FOUND",
    field: "instance_id",
    metadata: { service_name: "inventory", instance_id: "a" },
  });
  await server.restart();
  expect(await states(server)).toEqual([]);
  // It comes back as a new one.
  expect((await server.registry.registerInstance({ ...a, address: "h:1" })).created).toBe(true);
});

it("forgets a deregistered instance at once, and takes a repeat", async () => {
  await using server = await startServer();
  await register(server);
  await register(server, { instanceId: "b" });
  expect(await server.registry.deregisterInstance(a)).toMatchObject({ removed: true });
  expect(await server.registry.deregisterInstance(a)).toMatchObject({ removed: false });
  expect(await states(server)).toEqual(["b:HEALTHY"]);
  await server.restart();
  expect(await states(server)).toEqual(["b:HEALTHY"]);
});

it("remembers registrations over a restart, and gives each one whole ttl to be heard of", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, { ttl: span(10_000), capacity: 3, weight: 2, metadata: { zone: "b" } });
  await register(server, { instanceId: "b", ttl: span(10_000) });
  const { instances } = await server.registry.discoverInstances({});
  clock.advance(9_999);
  await server.restart();
  expect((await server.registry.discoverInstances({})).instances).toEqual(instances);
  clock.advance(9_999);
  await server.registry.heartbeat(a);
  const watch = await watchInstances(server);
  clock.advance(1);
  await watch.saw("UPDATED b:UNHEALTHY");
  expect(await states(server)).toEqual(["a:HEALTHY", "b:UNHEALTHY"]);
});

it("judges silence by the monotonic clock", async () => {
  const clock = createFakeClock();
  await using server = await startServer({ clock });
  await register(server, { ttl: span(10_000) });
  const watch = await watchInstances(server);
  clock.jump(3_600_000);
  clock.advance(9_999);
  expect(await states(server)).toEqual(["a:HEALTHY"]);
  clock.jump(-7_200_000);
  clock.advance(1);
  await watch.saw("UPDATED a:UNHEALTHY");
});

it("takes registrations and deregistrations of one instance in the order in which they were called", async () => {
  await using server = await startServer();
  await Promise.all([
    register(server, { address: "h:1" }),
    server.registry.deregisterInstance(a),
    register(server, { address: "h:2" }),
    register(server, { address: "h:3" }),
  ]);
  const shown = async () => (await server.registry.discoverInstances({})).instances.map(({ address }) => address);
  expect(await shown()).toEqual(["h:3"]);
  await server.restart();
  expect(await shown()).toEqual(["h:3"]);
});

const two = [
  { ...a, address: "h:1" },
  { ...a, address: "h:2" },
] as const;

it("lets the later of two processes with one name replace the earlier, with a warning, and says so to the earlier", async () => {
  await using server = await startServer();
  const first = await server.registry.registerInstance(two[0]);
  const second = await server.registry.registerInstance(two[1]);
  expect([first.created, second.created]).toEqual([true, false]);
  expect(first.registrationId).not.toBe(second.registrationId);
  expect(server.log.filter(({ level }) => level === "warn")).toMatchObject([
    { facts: { service: "inventory", instance_id: "a", address: "h:2", replaced_address: "h:1" } },
  ]);
  for (const touch of [server.registry.heartbeat, server.registry.deregisterInstance]) {
    expect(await refusalOf(touch({ ...a, registrationId: first.registrationId }))).toMatchObject({
      code: "FAILED_PRECONDITION",
      reason: "INSTANCE_REPLACED",
      field: "registration_id",
      metadata: { service_name: "inventory", instance_id: "a", address: "h:2" },
    });
  }
  expect((await server.registry.discoverInstances({})).instances).toMatchObject([{ address: "h:2" }]);
});

it("knows which registration is meant after a restart of the server", async () => {
  await using server = await startServer();
  const first = await server.registry.registerInstance(two[0]);
  const second = await server.registry.registerInstance(two[1]);
  await server.restart();
  await server.registry.heartbeat({ ...a, registrationId: second.registrationId });
  const stale = { ...a, registrationId: first.registrationId };
  expect(await refusalOf(server.registry.heartbeat(stale))).toMatchObject({ reason: "INSTANCE_REPLACED" });
  expect(await refusalOf(server.registry.deregisterInstance(stale))).toMatchObject({ reason: "INSTANCE_REPLACED" });
  expect(await server.registry.deregisterInstance({ ...a, registrationId: second.registrationId })).toMatchObject({
    removed: true,
  });
  expect(await states(server)).toEqual([]);
});

it("takes a repeat of a registration for the same process, and warns of nothing", async () => {
  await using server = await startServer();
  const registrationId = "mine";
  for (const address of ["h:1", "h:2"]) {
    expect(await server.registry.registerInstance({ ...a, address, registrationId })).toMatchObject({ registrationId });
  }
  expect(server.log.filter(({ level }) => level === "warn")).toEqual([]);
  await server.registry.heartbeat({ ...a, registrationId });
  expect(await refusalOf(server.registry.registerInstance({ ...two[0], registrationId: "ü" }))).toMatchObject({
    reason: "INVALID_FIELD",
    field: "registration_id",
  });
});

it("deregisters whichever has the name for an operator, who names none", async () => {
  await using server = await startServer();
  await server.registry.registerInstance(two[0]);
  await server.registry.registerInstance(two[1]);
  expect(await server.registry.deregisterInstance(a)).toMatchObject({ removed: true });
  expect(await states(server)).toEqual([]);
});
