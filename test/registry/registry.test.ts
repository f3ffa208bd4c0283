/** The registry over a store that a test holds in its hands. */

import { expect, it } from "vitest";
import type { Registration } from "../../src/domain/instance.ts";
import { type Log, silentLog } from "../../src/domain/log.ts";
import { createRetries } from "../../src/domain/retries.ts";
import type { InstanceEvent } from "../../src/registry/instance-feed.ts";
import type { WorkerInstance } from "../../src/registry/member.ts";
import { createRegistry } from "../../src/registry/registry.ts";
import type { RegistryStore } from "../../src/store/registry-store.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createSeededRandom } from "../harness/seeded-random.ts";

const key = { serviceName: "inventory", instanceId: "a", registrationId: "r1" };
const everyone = { serviceName: null, metadata: {} };
const registration = { ...key, address: "h:1", capacity: 10, weight: 0, metadata: {}, ttlMs: 1_000, isDraining: false };

/** A registry whose store answers when the test says so. */
function heldRegistry() {
  const clock = createFakeClock();
  const stored = new Map<string, Registration>();
  const errors: unknown[] = [];
  let hold: Promise<void> | null = null;
  let failure: Error | null = null;

  async function answered<T>(act: () => T): Promise<T> {
    await hold;
    if (failure !== null) throw failure;
    return act();
  }
  const store: RegistryStore = {
    services: async () => [],
    putService: async () => "stored",
    putInstances: (all) =>
      answered(() =>
        all.map((each) => {
          const isKnown = stored.has(each.instanceId);
          stored.set(each.instanceId, each);
          return isKnown ? "replaced" : "created";
        }),
      ),
    deleteInstances: (keys) =>
      answered(() => keys.map(({ instanceId }) => (stored.delete(instanceId) ? "deleted" : "not_found"))),
    setDraining: (changes) =>
      answered(() =>
        changes.map(({ instanceId, registrationId, isDraining }) => {
          const known = stored.get(instanceId);
          if (known === undefined) return "not_found";
          if (known.registrationId !== registrationId) return "replaced";
          stored.set(instanceId, { ...known, isDraining });
          return "set";
        }),
      ),
    instances: () => answered(() => [...stored.values()]),
  };
  const log: Log = { ...silentLog, error: (facts) => void errors.push(facts) };
  const registry = createRegistry({
    store,
    clock,
    log,
    random: createSeededRandom(1).next,
    retries: createRetries({ clock, random: () => 0.5, log }),
    probe: async () => ({ status: "serving", message: "" }),
  });
  const states = () =>
    registry
      .discover({ ...everyone, includeUnhealthy: true }, null, 100)
      .map(({ instanceId, state }) => [instanceId, state]);
  return {
    clock,
    stored,
    errors,
    registry,
    states,
    /** Lets the store answer nothing until the answered function is called. */
    holdStore() {
      const { promise, resolve } = Promise.withResolvers<void>();
      hold = promise;
      return () => {
        hold = null;
        resolve();
      };
    },
    failStore(error: Error | null) {
      failure = error;
    },
    /** Lets time pass, and what falls due happen. */
    async pass(ms: number) {
      clock.advance(ms);
      for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

it("says nothing of a registration before it is stored, and nothing changes if it cannot be", async () => {
  const { registry, states, failStore, holdStore } = heldRegistry();
  const release = holdStore();
  const registering = registry.registrations.register(registration, 0);
  expect(states()).toEqual([]);
  release();
  await registering;
  expect(states()).toEqual([["a", "healthy"]]);
  failStore(new Error("disk full"));
  await expect(registry.registrations.register({ ...registration, address: "h:2" }, 0)).rejects.toThrow("disk full");
  await expect(registry.registrations.deregister(key)).rejects.toThrow("disk full");
  expect(registry.discover({ ...everyone, includeUnhealthy: true }, null, 9)).toMatchObject([{ address: "h:1" }]);
  await registry.stop();
});

it("keeps one visible that it could not forget, and tries again", async () => {
  const { registry, states, failStore, pass, stored, errors } = heldRegistry();
  await registry.registrations.register(registration, 0);
  await pass(1_000);
  failStore(new Error("disk full"));
  await pass(9_000);
  expect(errors).toMatchObject([{ error: { message: "disk full" } }]);
  expect(states()).toEqual([["a", "unhealthy"]]);
  failStore(null);
  await pass(1_000);
  expect(states()).toEqual([]);
  expect(stored.size).toBe(0);
  await registry.stop();
});

it("refuses a heartbeat while it forgets, so that no instance is gone that believes to be there", async () => {
  const { registry, states, pass, holdStore } = heldRegistry();
  await registry.registrations.register(registration, 0);
  await pass(1_000);
  const release = holdStore();
  await pass(9_000);
  await expect(registry.registrations.heartbeat(key, { load: null, isDraining: null })).rejects.toThrow("Register it");
  release();
  await pass(0);
  expect(states()).toEqual([]);
  await registry.stop();
});

it("does not forget one that registers again at that moment", async () => {
  const { registry, states, pass, holdStore, stored } = heldRegistry();
  await registry.registrations.register(registration, 0);
  await pass(1_000);
  const release = holdStore();
  const registering = registry.registrations.register(registration, 0);
  await pass(9_000);
  release();
  expect((await registering).created).toBe(false);
  await pass(0);
  expect(states()).toEqual([["a", "healthy"]]);
  expect(stored.size).toBe(1);
  await registry.stop();
});

it("leaves no timer behind, whenever it is stopped", async () => {
  const { registry, clock, pass, holdStore } = heldRegistry();
  await registry.stop();
  const other = heldRegistry();
  await other.registry.registrations.register(registration, 0);
  other.registry.pick({
    serviceName: "inventory",
    strategy: "random",
    key: "",
    metadata: {},
    reservationMs: 5_000,
    holder: "",
  });
  expect(other.clock.pendingTimers).toBe(2);
  await other.registry.stop();
  await other.registry.stop();
  expect(other.clock.pendingTimers).toBe(0);
  const release = holdStore();
  const registering = registry.registrations.register(registration, 0);
  release();
  await registering;
  await pass(0);
  expect(clock.pendingTimers).toBe(0);
});

it("remembers a bounded number of changes, and begins anew for a position before them", async () => {
  const { registry } = heldRegistry();
  const worker = { serviceName: "s", workerId: "w", address: "", capacity: 1, weight: 0, metadata: {}, load: 0 };
  const mutable = { ...worker, connectMs: 0, lastSeenMs: 0 } satisfies WorkerInstance;
  registry.workers.added(mutable);
  const change = (times: number) => {
    for (let n = 0; n < times; n++) {
      mutable.capacity = 1 + (mutable.capacity % 7);
      registry.workers.updated(mutable);
    }
  };
  const beginning = registry.feed.beginning(everyone, null);
  change(4_000);
  const resumed = registry.feed.beginning(everyone, beginning.position);
  expect([resumed.isSnapshot, resumed.events.length]).toEqual([false, 4_000]);
  change(10_000);
  const anew = registry.feed.beginning(everyone, beginning.position);
  expect([anew.isSnapshot, anew.events.length]).toEqual([true, 1]);
  const future = anew.position.replace(/\d+$/, "999999");
  for (const position of ["", "x", "x.1", future]) {
    expect(registry.feed.beginning(everyone, position).isSnapshot, position).toBe(true);
  }
  await registry.stop();
});

it("tells a watch nothing after its end", async () => {
  const { registry } = heldRegistry();
  const events: InstanceEvent[] = [];
  const end = registry.feed.watch(everyone, (changes) => events.push(...changes));
  const worker = { serviceName: "s", workerId: "w", address: "", capacity: 1, weight: 0, metadata: {}, load: 0 };
  registry.workers.added({ ...worker, connectMs: 0, lastSeenMs: 0 });
  end();
  registry.workers.added({ ...worker, workerId: "v", connectMs: 0, lastSeenMs: 0 });
  expect(events.map(({ type, instance }) => [type, instance.instanceId])).toEqual([["added", "w"]]);
  await registry.stop();
});

it("does not tell a change of load", async () => {
  const { registry } = heldRegistry();
  await registry.registrations.register(registration, 0);
  const events: InstanceEvent[] = [];
  registry.feed.watch(everyone, (changes) => events.push(...changes));
  await registry.registrations.heartbeat(key, { load: 5, isDraining: null });
  registry.pick({
    serviceName: "inventory",
    strategy: "random",
    key: "",
    metadata: {},
    reservationMs: 5_000,
    holder: "",
  });
  expect(events).toEqual([]);
  await registry.stop();
});
