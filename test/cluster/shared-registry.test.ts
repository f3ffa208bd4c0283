/** The registry of one of several servers, over a store and other servers that a test holds in its hands. */

import { expect, it } from "vitest";
import { type Cluster, noCluster, type PeerEvent } from "../../src/cluster/cluster.ts";
import { type News, noNews } from "../../src/cluster/news.ts";
import { nameOf } from "../../src/cluster/registry-news.ts";
import type { Registration } from "../../src/domain/instance.ts";
import { silentLog } from "../../src/domain/log.ts";
import { createRetries } from "../../src/domain/retries.ts";
import { createRegistry } from "../../src/registry/registry.ts";
import type { RegistryChanges } from "../../src/store/cluster-store.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createSeededRandom } from "../harness/seeded-random.ts";

const key = { serviceName: "inventory", instanceId: "a" };
const facts = { address: "h:1", capacity: 10, weight: 0, metadata: {}, ttlMs: 1_000, isDraining: false };
const registration: Registration = { ...key, registrationId: "r1", ...facts, registerMs: 0 };
const nothing: RegistryChanges = { revision: 0, isWhole: false, registrations: [], removed: [], services: [] };
const whole = (...registrations: Registration[]): RegistryChanges => ({ ...nothing, isWhole: true, registrations });

async function startRegistry(...first: Registration[]) {
  const clock = createFakeClock();
  const onNews: ((news: News, serverId: number) => void)[] = [];
  const onPeer: ((serverId: number, event: PeerEvent) => void)[] = [];
  const onMissed: (() => void)[] = [];
  const mutable = { isLeader: false, hearsAll: true };
  const cluster: Cluster = {
    ...noCluster,
    serverId: 1,
    get isLeader() {
      return mutable.isLeader;
    },
    get hearsAll() {
      return mutable.hearsAll;
    },
    onNews: (listener) => void onNews.push(listener),
    onPeer: (listener) => void onPeer.push(listener),
    onMissed: (listener) => void onMissed.push(listener),
  };
  const asked: (number | null)[] = [];
  /** What the storage answers to the next questions. */
  const answers: (() => Promise<RegistryChanges>)[] = [async () => whole(...first)];
  /** What it answers to the next removals. */
  const deletions: ("deleted" | "replaced")[] = [];
  const deleted: string[] = [];
  const registry = createRegistry({
    store: {
      services: async () => [],
      putService: async () => "stored",
      putInstances: async (all) => all.map(() => "created"),
      deleteInstances: async (all) => {
        const answer = deletions.shift() ?? "deleted";
        if (answer === "deleted") deleted.push(...all.map(nameOf));
        return all.map(() => answer);
      },
      setDraining: async (all) => all.map(() => "set"),
      instances: async () => expect.unreachable("it is read with its revision"),
      cluster: {
        registryChanges(since) {
          asked.push(since);
          return (answers.shift() ?? (async () => nothing))();
        },
      },
    },
    cluster,
    clock,
    log: silentLog,
    random: createSeededRandom(1).next,
    retries: createRetries({ clock, random: () => 0.5, log: silentLog }),
    probe: async () => ({ status: "serving", message: "" }),
  });
  await registry.start();
  const turns = async () => {
    for (let turn = 0; turn < 6; turn++) await new Promise((resolve) => setImmediate(resolve));
  };
  return {
    registry,
    mutable,
    asked,
    answers,
    deletions,
    deleted,
    turns,
    states: () =>
      registry
        .discover({ serviceName: null, metadata: {}, includeUnhealthy: true }, null, 100)
        .map(({ instanceId, state, load }) => `${instanceId} ${state} ${load}`),
    say(news: Partial<News>) {
      for (const listener of onNews) listener({ ...noNews, ...news }, 2);
    },
    hear(registrationId: string, load: number | null, ageMs = 0) {
      const heartbeats = new Map([[nameOf(key), { ...key, registrationId, load, ageMs }]]);
      for (const listener of onNews) listener({ ...noNews, heartbeats }, 2);
    },
    peer(event: PeerEvent) {
      for (const listener of onPeer) listener(2, event);
    },
    missed() {
      for (const listener of onMissed) listener();
    },
    async pass(ms: number) {
      clock.advance(ms);
      await turns();
    },
  };
}

it("gives every instance a whole ttl once another server is not heard any more", async () => {
  const { pass, peer, states } = await startRegistry(registration);
  await pass(900);
  peer("lost");
  await pass(999);
  expect(states()).toEqual(["a healthy 0"]);
  await pass(1);
  expect(states()).toEqual(["a unhealthy 0"]);
});

it("removes what is silent only while it leads and hears all others", async () => {
  const { pass, states, mutable, deleted } = await startRegistry(registration);
  await pass(1_000);
  await pass(9_000);
  mutable.isLeader = true;
  mutable.hearsAll = false;
  await pass(1_000);
  expect(states()).toEqual(["a unhealthy 0"]);
  mutable.hearsAll = true;
  await pass(1_000);
  expect([states(), deleted]).toEqual([[], ["inventory/a"]]);
});

it("removes none that has registered again at another server just now", async () => {
  const { pass, states, mutable, deleted, answers } = await startRegistry(registration);
  mutable.isLeader = true;
  await pass(1_000);
  answers.push(async () => ({ ...nothing, revision: 1, registrations: [{ ...registration, registerMs: 10_000 }] }));
  await pass(9_000);
  expect([states(), deleted]).toEqual([["a healthy 0"], []]);
});

it("keeps one that has registered again at another server between the look and the removal", async () => {
  const { pass, states, mutable, deleted, deletions, answers } = await startRegistry(registration);
  mutable.isLeader = true;
  await pass(1_000);
  const again = { ...registration, registerMs: 10_000 };
  deletions.push("replaced");
  answers.push(
    async () => nothing,
    async () => ({ ...nothing, revision: 1, registrations: [again] }),
  );
  await pass(9_000);
  expect([states(), deleted]).toEqual([["a healthy 0"], []]);
  await pass(1_000);
  await pass(9_000);
  expect([states(), deleted]).toEqual([[], ["inventory/a"]]);
});

it("counts what another server heard from when it was heard there, and the load that was stated last", async () => {
  const { hear, pass, states, peer } = await startRegistry(registration);
  await pass(900);
  hear("r1", 5, 300);
  hear("r1", 7, 500);
  hear("another", 9);
  await pass(699);
  expect(states()).toEqual(["a healthy 5"]);
  await pass(1);
  expect(states()).toEqual(["a unhealthy 5"]);
  // What is as old as that says nothing new.
  peer("heard");
  hear("r1", null, 1_100);
  expect(states()).toEqual(["a unhealthy 5"]);
  hear("r1", null, 100);
  expect(states()).toEqual(["a healthy 5"]);
});

it("reads a registration that it does not know when another server hears of it", async () => {
  const { hear, answers, states, turns, asked } = await startRegistry();
  answers.push(async () => ({ ...nothing, revision: 1, registrations: [registration] }));
  hear("r1", 5);
  await turns();
  expect([states(), asked]).toEqual([["a healthy 5"], [null, 0]]);
});

it("reads again what it was storing itself while it read", async () => {
  const { registry, answers, say, states, turns, asked } = await startRegistry(registration);
  const { promise, resolve } = Promise.withResolvers<RegistryChanges>();
  answers.push(() => promise);
  say({ registryChanged: true });
  await turns();
  await registry.registrations.register({ ...registration, registrationId: "r2" }, 3);
  // This was so before.
  const again = Promise.withResolvers<RegistryChanges>();
  answers.push(() => again.promise);
  resolve({ ...nothing, revision: 1, removed: [key] });
  await turns();
  expect([states(), asked]).toEqual([["a healthy 3"], [null, 0, 0]]);
  again.resolve({ ...nothing, revision: 2, removed: [key] });
  await turns();
  expect(states()).toEqual([]);
});

it("tries again what it could not read, and says so to an instance that it does not know", async () => {
  const { registry, answers, say, missed, states, turns, asked } = await startRegistry();
  const fail = async () => Promise.reject(new Error("away"));
  answers.push(fail, fail, async () => ({ ...nothing, revision: 1, registrations: [registration] }));
  say({ registryChanged: true });
  await turns();
  const beat = registry.registrations.heartbeat({ ...key, registrationId: "r1" }, { load: 1, isDraining: null });
  await expect(beat).rejects.toMatchObject({ reason: "STORE_UNREACHABLE" });
  missed();
  await turns();
  missed();
  await turns();
  expect([states(), asked]).toEqual([["a healthy 0"], [null, 0, 0, 0]]);
});
