import { Client } from "pg";
import { describe, expect, it } from "vitest";
import { BalancingStrategy } from "../../gen/sitq/v1/queue_pb.js";
import { InstanceSource } from "../../gen/sitq/v1/registry_service_pb.js";
import { typeUrls } from "../../src/rpc/xds/resources.ts";
import type { Store } from "../../src/store/store.ts";
import { connectWorker } from "../harness/calls/scripted-worker.ts";
import { enqueueMany, span } from "../harness/calls/tasks.ts";
import { isPostgresMissing } from "../harness/databases/postgres.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { refusalOf } from "../harness/refusal.ts";
import { createSeededRandom } from "../harness/seeded-random.ts";
import type { ServerOverrides, TestServer } from "../harness/server.ts";
import { register, states, watchInstances } from "../registry/registry-harness.ts";
import { endpointsOf, openStream } from "../rpc/xds/ads-harness.ts";
import { clustersForTests } from "./cluster-harness.ts";

const a = { serviceName: "inventory", instanceId: "a" };

describe.skipIf(isPostgresMissing)("the registry of several servers", () => {
  const startCluster = clustersForTests();
  const two = async (overrides?: ServerOverrides) => (await startCluster(2, overrides)) as [TestServer, TestServer];

  it("shows everywhere what registers, drains and deregisters anywhere", async () => {
    const [first, second] = await two();
    const watch = await watchInstances(second);
    await register(first, { registrationId: "r1", metadata: { zone: "b" }, capacity: 7, currentLoad: 3 });
    await watch.saw("ADDED a:HEALTHY");
    const { instances } = await second.registry.discoverInstances({ serviceName: "inventory" });
    expect(instances).toMatchObject([{ ...a, address: "127.0.0.1:1", metadata: { zone: "b" }, capacity: 7 }]);
    const { instance } = await second.registry.pickInstance({ serviceName: "inventory" });
    expect(instance).toMatchObject(a);

    const atFirst = await watchInstances(first);
    await second.registry.heartbeat({ ...a, registrationId: "r1", draining: true });
    await atFirst.saw("UPDATED a:DRAINING");
    await second.registry.deregisterInstance({ ...a, registrationId: "r1" });
    await atFirst.saw("REMOVED a:DRAINING");
    expect(watch.changes).toEqual(["ADDED a:HEALTHY", "UPDATED a:DRAINING", "REMOVED a:DRAINING"]);
  });

  it("knows at once at any server what was registered at another", async () => {
    const [first, second] = await two();
    for (let round = 0; round < 20; round++) {
      const registrationId = `r${round}`;
      await register(first, { registrationId });
      // Its news may not have come yet.
      await second.registry.heartbeat({ ...a, registrationId });
      const other = { ...a, registrationId: "other" };
      expect(await refusalOf(second.registry.heartbeat(other))).toMatchObject({ reason: "INSTANCE_REPLACED" });
    }
    await first.registry.deregisterInstance(a);
    const gone = await refusalOf(first.registry.heartbeat({ ...a, registrationId: "r19" }));
    expect(gone).toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
  });

  it("keeps an instance healthy at every server by heartbeats to any, and judges its silence at each", async () => {
    const clock = createFakeClock();
    const [first, second] = await two({ clock });
    const watches = [await watchInstances(first), await watchInstances(second)];
    const sawAll = (change: string) => Promise.all(watches.map((watch) => watch.saw(change)));
    await register(first, { instanceId: "b", ttl: span(1_000) });
    await sawAll("ADDED b:HEALTHY");
    // That it was heard of is on its way; what comes behind it shows that it has arrived.
    clock.advance(125);
    await register(first, { instanceId: "c" });
    await sawAll("ADDED c:HEALTHY");
    clock.advance(875);
    await sawAll("UPDATED b:UNHEALTHY");
    await register(first, { ttl: span(1_000) });
    await sawAll("ADDED a:HEALTHY");
    clock.advance(800);
    await second.registry.heartbeat({ ...a, currentLoad: 5 });
    await second.registry.heartbeat({ ...a, instanceId: "b" });
    // They are on their way within an eighth of a ttl, both at once.
    clock.advance(125);
    await sawAll("UPDATED b:HEALTHY");
    clock.advance(600);
    await register(first, { instanceId: "d" });
    await sawAll("ADDED d:HEALTHY");
    const { instances } = await first.registry.discoverInstances({ serviceName: "inventory" });
    expect(instances[0]).toMatchObject({ instanceId: "a", currentLoad: 5 });
    expect(instances.map(({ instanceId }) => instanceId)).toEqual(["a", "b", "c", "d"]);
    for (const watch of watches) expect(watch.changes).not.toContain("UPDATED a:UNHEALTHY");
    clock.advance(400);
    await sawAll("UPDATED a:UNHEALTHY");
  });

  it("removes at every server what none has heard of for ten ttls", async () => {
    const clock = createFakeClock();
    const [first, second] = await two({ clock });
    const watches = [await watchInstances(first), await watchInstances(second)];
    const sawAll = (change: string) => Promise.all(watches.map((watch) => watch.saw(change)));
    await register(second, { ttl: span(1_000) });
    await sawAll("ADDED a:HEALTHY");
    // That it was heard of is on its way; what comes behind it shows that it has arrived.
    clock.advance(125);
    await register(second, { instanceId: "b" });
    await sawAll("ADDED b:HEALTHY");
    clock.advance(875);
    await sawAll("UPDATED a:UNHEALTHY");
    clock.advance(8_999);
    for (const server of [first, second]) expect(await states(server)).toEqual(["a:UNHEALTHY", "b:HEALTHY"]);
    clock.advance(1);
    // On a slow machine a server may not be heard for a moment, and then the time begins anew.
    const isThere = async (server: TestServer) => (await states(server)).includes("a:UNHEALTHY");
    while ((await isThere(first)) || (await isThere(second))) clock.advance(100);
    await sawAll("REMOVED a:UNHEALTHY");
    for (const watch of watches) {
      const changes = watch.changes.filter((change) => change.includes("a:"));
      expect(changes).toEqual(["ADDED a:HEALTHY", "UPDATED a:UNHEALTHY", "REMOVED a:UNHEALTHY"]);
    }
    expect(await refusalOf(first.registry.heartbeat(a))).toMatchObject({ reason: "INSTANCE_NOT_FOUND" });
  });

  it("keeps one that registers again at another server, under the same id, while the leader removes it", async () => {
    const clock = createFakeClock();
    const goOn = Promise.withResolvers<void>();
    let answer: Promise<string[]> | null = null;
    const wrapStore = (store: Store): Store =>
      Object.assign(Object.create(store), {
        deleteInstances(meant: Parameters<Store["deleteInstances"]>[0]) {
          answer = goOn.promise.then(() => store.deleteInstances(meant));
          return answer;
        },
      });
    const [leader, other] = (await startCluster(2, { clock, wrapStore })) as [TestServer, TestServer];
    const watch = await watchInstances(leader);
    await register(leader, { registrationId: "r1", ttl: span(1_000) });
    await watch.saw("ADDED a:HEALTHY");
    clock.advance(1_000);
    await watch.saw("UPDATED a:UNHEALTHY");
    while (answer === null) {
      clock.advance(100);
      await states(leader);
    }
    await register(other, { registrationId: "r1", ttl: span(1_000) });
    goOn.resolve();
    expect(await answer).toEqual(["replaced"]);
    await watch.saw("UPDATED a:HEALTHY");
    for (const server of [leader, other]) {
      await server.registry.heartbeat({ ...a, registrationId: "r1" });
      expect(await states(server)).toEqual(["a:HEALTHY"]);
    }
    expect(watch.changes).toEqual(["ADDED a:HEALTHY", "UPDATED a:UNHEALTHY", "UPDATED a:HEALTHY"]);
  });

  it("has the settings of a service at every server, each change on top of the others", async () => {
    const [first, second] = await two();
    const watch = await watchInstances(second);
    const service = { name: "inventory", strategy: BalancingStrategy.STICKY, hashHeader: "x-user" };
    await first.registry.updateService({ service, updateMask: { paths: ["strategy", "hash_header"] } });
    await register(first);
    await watch.saw("ADDED a:HEALTHY");
    const read = async (server: TestServer) => (await server.registry.getService({ name: "inventory" })).service;
    expect(await read(second)).toMatchObject({ strategy: BalancingStrategy.STICKY, hashHeader: "x-user" });
    const changed = { name: "inventory", hashHeader: "x-tenant" };
    const answer = await second.registry.updateService({ service: changed, updateMask: { paths: ["hash_header"] } });
    expect(answer.service).toMatchObject({ strategy: BalancingStrategy.STICKY, hashHeader: "x-tenant" });
  });

  it("loses no change of a service's settings that are changed at both servers at once", async () => {
    const [first, second] = await two();
    const change = (server: TestServer, service: { strategy?: BalancingStrategy; hashHeader?: string }) => {
      const paths = Object.keys(service).map((name) => (name === "hashHeader" ? "hash_header" : name));
      return server.registry.updateService({ service: { name: "inventory", ...service }, updateMask: { paths } });
    };
    for (let round = 0; round < 20; round++) {
      await change(first, { strategy: BalancingStrategy.STICKY, hashHeader: "x-user" });
      // The header goes with the strategy: whichever comes first, there is none in the end.
      const [header] = await Promise.allSettled([
        change(first, { hashHeader: "x-tenant" }),
        change(second, { strategy: BalancingStrategy.ROUND_ROBIN }),
      ]);
      if (header.status === "rejected") expect(header.reason).toMatchObject({ codeName: "INVALID_ARGUMENT" });
      // A change begins with what is stored.
      for (const server of [first, second]) {
        expect(await refusalOf(change(server, { hashHeader: "x-late" }))).toMatchObject({ reason: "INVALID_FIELD" });
      }
    }
  });

  it("changes the settings of a service that another server has changed, though the database shows no change since", async () => {
    const wrapStore = (store: Store): Store => {
      const cluster: Store["cluster"] = Object.assign(Object.create(store.cluster), {
        async registryChanges(since: number | null) {
          const changes = await store.cluster?.registryChanges(since);
          const none = { isWhole: false, registrations: [], removed: [], services: [] };
          return since === null ? changes : { ...changes, ...none, revision: since };
        },
      });
      return Object.assign(Object.create(store), { cluster });
    };
    const [first, second] = (await startCluster(2, (each) => (each === 0 ? {} : { wrapStore }))) as [
      TestServer,
      TestServer,
    ];
    const service = { name: "inventory", strategy: BalancingStrategy.STICKY, hashHeader: "x-user" };
    await first.registry.updateService({ service, updateMask: { paths: ["strategy", "hash_header"] } });
    const changed = { name: "inventory", strategy: BalancingStrategy.ROUND_ROBIN };
    const answer = await second.registry.updateService({ service: changed, updateMask: { paths: ["strategy"] } });
    expect(answer.service).toMatchObject({ strategy: BalancingStrategy.ROUND_ROBIN, hashHeader: "" });
  });

  it("picks a worker of another server, until that has ended", async () => {
    const [first, second] = await two();
    const watch = await watchInstances(second);
    const hello = { workerId: "w", service: "inventory", capacity: 4, address: "10.0.0.1:80", metadata: { zone: "b" } };
    const worker = await connectWorker(first, hello);
    await watch.saw("ADDED w:HEALTHY");
    const { instance } = await second.registry.pickInstance({ serviceName: "inventory", metadata: { zone: "b" } });
    const facts = { address: "10.0.0.1:80", capacity: 4, metadata: { zone: "b" }, source: InstanceSource.WORKER };
    expect(instance).toMatchObject({ instanceId: "w", ...facts });
    worker.send({ case: "capacity", value: { n: 0 } });
    await watch.saw("UPDATED w:DRAINING");
    worker.send({ case: "capacity", value: { n: 4 } });
    await watch.count(3);
    await first.stop();
    await watch.saw("REMOVED w:HEALTHY");
    const none = await refusalOf(second.registry.pickInstance({ serviceName: "inventory" }));
    expect(none).toMatchObject({ reason: "SERVICE_NOT_FOUND" });
  });

  it("balances by the load that workers of other servers have", async () => {
    const clock = createFakeClock();
    const [first, second] = await two({ clock });
    const watch = await watchInstances(second);
    const busy = await connectWorker(first, { workerId: "busy", service: "inventory", capacity: 4 });
    await watch.saw("ADDED busy:HEALTHY");
    await enqueueMany(first, 3);
    await busy.take(3);
    clock.advance(250);
    // It comes behind the load on the same way.
    await connectWorker(first, { workerId: "idle", service: "inventory", capacity: 4, queues: ["others"] });
    await watch.saw("ADDED idle:HEALTHY");
    const { instances } = await second.registry.discoverInstances({ serviceName: "inventory" });
    expect(instances).toMatchObject([
      { instanceId: "busy", currentLoad: 3 },
      { instanceId: "idle", currentLoad: 0 },
    ]);
  });

  it("shows clients of xDS at one server what registers at another", async () => {
    const [first, second] = await two();
    const stream = openStream(second);
    const resourceNames = ["inventory"];
    await register(first, { address: "10.0.0.97:80" });
    const watch = await watchInstances(second);
    await watch.count(1);
    const found = await stream.ask({ typeUrl: typeUrls.assignment, resourceNames, node: { id: "test" } });
    expect(endpointsOf(found)).toEqual(["10.0.0.97:80 HEALTHY"]);
    stream.acknowledge(found, resourceNames);
    await register(first, { instanceId: "b", address: "10.0.0.98:80" });
    expect(endpointsOf(await stream.next())).toEqual(["10.0.0.97:80 HEALTHY", "10.0.0.98:80 HEALTHY"]);
  });

  it("ends as the database does, whatever happened at once at which server", async () => {
    const random = createSeededRandom(18);
    const servers = await two();
    const watches = [await watchInstances(servers[0]), await watchInstances(servers[1])];
    const pick = (n: number) => random.integer(0, n - 1);
    async function change(): Promise<void> {
      const server = servers[pick(2)] as TestServer;
      const key = { serviceName: "inventory", instanceId: `i${pick(4)}` };
      const action = pick(4);
      const draining = random.chance(0.5);
      const registrationId = `r${pick(3)}`;
      if (action < 2) await register(server, { ...key, registrationId, draining, capacity: 1 + pick(9) });
      else if (action === 2) await server.registry.deregisterInstance(key);
      else await server.registry.heartbeat({ ...key, draining }).catch(() => undefined);
    }
    for (let round = 0; round < 30; round++) await Promise.all(Array.from({ length: 8 }, change));
    for (const [index, server] of servers.entries()) await register(server, { instanceId: `last${index}` });
    await Promise.all(watches.flatMap((watch) => [watch.saw("ADDED last0:HEALTHY"), watch.saw("ADDED last1:HEALTHY")]));
    const stored = await storedStates(servers[0]);
    for (const server of servers) expect(await states(server)).toEqual(stored);
  });
});

/** The instances in the database of a server, as `states` shows them. */
async function storedStates({ config }: TestServer): Promise<string[]> {
  const schema = new URL(config.storeUrl ?? "").searchParams.get("schema");
  const client = new Client({ connectionString: config.storeUrl ?? "" });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string; draining: number }>(
      `SELECT id, draining FROM ${schema}.instance ORDER BY service, id`,
    );
    return rows.map(({ id, draining }) => `${id}:${draining === 1 ? "DRAINING" : "HEALTHY"}`);
  } finally {
    await client.end();
  }
}
