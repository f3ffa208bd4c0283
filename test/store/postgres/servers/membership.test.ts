/** Servers that share a database know of each other, have one leader, and end those that are silent. */

import { Client } from "pg";
import { test as base, expect } from "vitest";
import type { ClusterStore } from "../../../../src/store/cluster-store.ts";
import type { Store } from "../../../../src/store/store.ts";
import { newTask } from "../../../harness/calls/builders.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { startMs } from "../../store-harness.ts";
import { type OpenServers, serversForTests } from "../open-postgres.ts";
import { aliveMs, becomeSteady, clusterOf, join, letTimePass, renewFor, sql } from "./sharing.ts";

const openServers = serversForTests({ aliveMs });

/** Defines a test of three servers on one schema. */
function test(
  name: string,
  body: (clusters: readonly [ClusterStore, ClusterStore, ClusterStore], servers: OpenServers) => Promise<void>,
): void {
  base.skipIf(isPostgresMissing)(name, { timeout: 60_000 }, async () => {
    const servers = await openServers(3);
    try {
      const [a, b, c] = servers.stores.map(clusterOf);
      await body([a, b, c] as [ClusterStore, ClusterStore, ClusterStore], servers);
    } finally {
      await servers.close();
    }
  });
}

function storeOf(servers: OpenServers, cluster: ClusterStore): Store {
  const store = servers.stores.find((each) => each.cluster === cluster);
  if (store === undefined) throw new Error("no store of this cluster");
  return store;
}

const enqueue = (store: Store) => store.enqueue([newTask()], startMs);

test("they have one secret, and those of another schema another one", async ([a, b], servers) => {
  const secret = await a.secret();
  expect(secret).toMatch(/^[0-9a-f]{64}$/);
  expect(await b.secret()).toBe(secret);
  const others = await openServers(1);
  expect(await clusterOf(others.stores[0]).secret()).not.toBe(secret);
  await others.close();
  expect(await clusterOf(await servers.openAnother()).secret()).toBe(secret);
});

test("each finds those that have joined, with where they are", async ([a, b, c]) => {
  expect((await a.renew()).servers).toEqual([]);
  await a.join({ address: "one:50051", certificate: "PEM of one", version: "0.1.0" });
  await b.join({ address: "two:50051", certificate: null, version: "0.2.0" });
  const { servers, nowMs } = await c.renew();
  expect(servers).toEqual([
    {
      id: a.serverId,
      address: "one:50051",
      certificate: "PEM of one",
      version: "0.1.0",
      startMs: expect.any(Number),
      untilMs: expect.any(Number),
      isLeader: true,
    },
    {
      id: b.serverId,
      address: "two:50051",
      certificate: null,
      version: "0.2.0",
      startMs: expect.any(Number),
      untilMs: expect.any(Number),
      isLeader: false,
    },
  ]);
  for (const { startMs: started, untilMs } of servers) {
    expect(Math.abs(nowMs - started)).toBeLessThan(60_000);
    expect(untilMs).toBeGreaterThan(nowMs);
    expect(untilMs).toBeLessThanOrEqual(nowMs + a.aliveMs);
  }
  const [own, other] = (await a.renew()).servers;
  expect(own?.untilMs).toBeGreaterThanOrEqual(servers[0]?.untilMs ?? 0);
  expect(other).toEqual(servers[1]);
});

test("one leads; the next one has another term", async (clusters) => {
  const [a, b] = clusters;
  for (const [index, cluster] of clusters.entries()) await join(cluster, `s${index}`);
  const first = await a.renew();
  expect(first).toMatchObject({ isLeader: true, term: 1 });
  const others = await Promise.all(clusters.slice(1).map((cluster) => cluster.renew()));
  for (const renewal of others) {
    expect(renewal).toMatchObject({ isLeader: false, term: 1 });
    expect(renewal.servers.filter(({ isLeader }) => isLeader).map(({ id }) => id)).toEqual([a.serverId]);
  }
  expect(await a.renew()).toMatchObject({ isLeader: true, term: 1 });
  await a.leave();
  const next = await Promise.all(clusters.slice(1).map((cluster) => cluster.renew()));
  expect(next.filter(({ isLeader }) => isLeader)).toMatchObject([{ term: 2 }]);
  expect((await b.renew()).term).toBe(2);
});

test("a leader that is silent is followed by another when its time is up, and not before", async ([a, b]) => {
  const { nowMs } = await a.renew();
  const renewal = await renewFor(b, 0);
  expect(renewal.isLeader).toBe(renewal.nowMs > nowMs + aliveMs);
  const later = await renewFor(b, aliveMs);
  expect(later).toMatchObject({ isLeader: true, term: 2 });
  expect(await a.renew()).toMatchObject({ isLeader: false, term: 2 });
});

test("a server whose time is up is ended, and acknowledges nothing any more", async ([a, b, c], servers) => {
  await join(b, "b");
  await becomeSteady(a);
  await letTimePass(servers, b);
  expect((await a.adopt()).ended).toEqual([b.serverId]);
  expect((await a.renew()).servers).toEqual([]);
  await expect(enqueue(storeOf(servers, b))).rejects.toMatchObject({ reason: "STORE_FAILED" });
  expect((await storeOf(servers, b).failed).message).toMatch(/another server has ended this one/);
  expect(await sql(servers, "SELECT id FROM task")).toEqual([]);
  // One that is idle notices it by its renewal.
  await letTimePass(servers, c);
  expect((await a.adopt()).ended).toEqual([c.serverId]);
  await expect(c.renew()).rejects.toThrow("another server has ended this one");
  await storeOf(servers, c).failed;
  // Those that are left work on.
  expect(await enqueue(storeOf(servers, a))).toMatchObject([{ status: "created" }]);
  expect((await a.adopt()).ended).toEqual([]);
});

test("what a server has begun to write before its end is committed first, or never", async ([a, b], servers) => {
  const blocker = new Client({ connectionString: servers.url });
  await blocker.connect();
  try {
    await becomeSteady(a);
    await storeOf(servers, b).updateQueue("there", { maxRunning: 1 }, true, startMs);
    await blocker.query(`BEGIN; LOCK TABLE "${servers.schema}".queue IN SHARE MODE`);
    // Its transaction waits for the lock, and holds the row of its server.
    const written = storeOf(servers, b).updateQueue("made", { maxRunning: 2 }, true, startMs);
    await expect
      .poll(async () => (await sql(servers, "SELECT FROM pg_locks WHERE NOT granted")).length, { timeout: 10_000 })
      .toBe(1);
    await letTimePass(servers, b);
    expect((await a.adopt()).ended).toEqual([]);
    await blocker.query("COMMIT");
    expect(await written).toMatchObject({ name: "made" });
    await becomeSteady(a);
    expect((await a.adopt()).ended).toEqual([b.serverId]);
    await expect(storeOf(servers, b).updateQueue("late", { maxRunning: 3 }, true, startMs)).rejects.toMatchObject({
      reason: "STORE_FAILED",
    });
    expect((await storeOf(servers, a).listQueues(null, 9)).map(({ name }) => name).toSorted()).toEqual([
      "made",
      "there",
    ]);
  } finally {
    await blocker.end();
  }
});

test("a renewal does not wait for what the server writes", async ([a], servers) => {
  const blocker = new Client({ connectionString: servers.url });
  await blocker.connect();
  try {
    await blocker.query(`BEGIN; LOCK TABLE "${servers.schema}".queue IN SHARE MODE`);
    const written = storeOf(servers, a).updateQueue("made", {}, true, startMs);
    await renewFor(a, aliveMs);
    await blocker.query("COMMIT");
    expect(await written).toMatchObject({ name: "made" });
  } finally {
    await blocker.end();
  }
});

test("a server that has renewed, or does not lead, ends nobody", async ([a, b], servers) => {
  await a.renew();
  await renewFor(b, aliveMs, () => a.renew());
  await letTimePass(servers, b);
  await b.renew();
  expect((await a.adopt()).ended).toEqual([]);
  await letTimePass(servers, a);
  expect((await b.adopt()).ended).toEqual([]);
});

test("where the database was away from all of them, nobody is ended", async ([a, b, c], servers) => {
  await becomeSteady(a);
  for (const cluster of [b, c]) await cluster.renew();
  // All sessions of renewals end, and everybody's time is up meanwhile.
  await sql(
    servers,
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid IN (${[a, b, c].map(({ serverId }) => serverId).join()})`,
  );
  for (const cluster of [a, b, c]) await letTimePass(servers, cluster);
  const until = async (cluster: ClusterStore) => {
    // The first call may find that its session has ended.
    await cluster.renew().catch(() => cluster.renew());
  };
  await until(a);
  expect((await a.adopt()).ended).toEqual([]);
  for (const cluster of [b, c]) await until(cluster);
  const ended: number[] = [];
  await renewFor(a, aliveMs, async () => {
    for (const cluster of [b, c]) await cluster.renew();
    ended.push(...(await a.adopt()).ended);
  });
  expect(ended).toEqual([]);
  await letTimePass(servers, c);
  expect((await a.adopt()).ended).toEqual([c.serverId]);
});

test("a server whose session has ended has less time left", async ([a, b, c], servers) => {
  for (const cluster of [a, b, c]) await join(cluster, `s${cluster.serverId}`);
  for (const cluster of [a, b, c]) await cluster.renew();
  const untilOf = async ({ serverId }: ClusterStore) =>
    Number((await sql(servers, `SELECT until_ms FROM membership WHERE server_id = ${serverId}`))[0]?.until_ms);
  const before = await untilOf(b);
  await b.renew();
  await c.renew();
  expect(await untilOf(b)).toBeGreaterThanOrEqual(before);
  await sql(
    servers,
    `SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND objid = ${b.serverId}`,
  );
  const { nowMs } = await a.renew();
  const left = (await untilOf(b)) - nowMs;
  expect(left).toBeLessThanOrEqual(aliveMs / 2);
  // It comes back in time.
  await b.renew().catch(() => b.renew());
  expect((await untilOf(b)) - nowMs).toBeGreaterThan(aliveMs / 2);
});
