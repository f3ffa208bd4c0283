/** A watcher that cuts off and comes back at any moment knows exactly what there is. */

import fc from "fast-check";
import { expect, it } from "vitest";
import { type Instance, type InstanceFilter, matchesFilter } from "../../src/domain/instance.ts";
import { silentLog } from "../../src/domain/log.ts";
import type { InstanceEvent } from "../../src/registry/instance-feed.ts";
import type { WorkerInstance } from "../../src/registry/member.ts";
import { createRegistry, type Registry } from "../../src/registry/registry.ts";
import type { RegistryStore } from "../../src/store/registry-store.ts";
import { createFakeClock } from "../harness/fake-clock.ts";
import { createTestRetries } from "../harness/retries.ts";
import { createSeededRandom } from "../harness/seeded-random.ts";

const store: RegistryStore = {
  services: async () => [],
  putService: async () => "stored",
  putInstances: async (all) => all.map(() => "created"),
  deleteInstances: async (keys) => keys.map(() => "deleted"),
  setDraining: async (changes) => changes.map(() => "set"),
  instances: async () => [],
};

/** What can be seen of an instance. */
function shown({ load: _load, lastSeenMs: _lastSeenMs, ...facts }: Instance): Omit<Instance, "load" | "lastSeenMs"> {
  return facts;
}

/** A watcher by the contract: it knows what it was told, and comes back with its last position. */
function createWatcher(registry: Registry, filter: InstanceFilter) {
  const known = new Map<string, Instance>();
  let position: string | null = null;
  let end: (() => void) | null = null;
  const nameOf = ({ serviceName, instanceId }: Instance) => `${serviceName}/${instanceId}`;

  function hear({ type, instance, position: at }: InstanceEvent): void {
    const name = nameOf(instance);
    // Nothing comes twice, and nothing out of order.
    expect(known.has(name), `${type} ${name}`).toBe(type !== "added");
    if (type === "removed") known.delete(name);
    else known.set(name, instance);
    position = at;
  }
  return {
    known,
    connect() {
      if (end !== null) return;
      end = registry.feed.watch(filter, (events) => events.forEach(hear));
      const beginning = registry.feed.beginning(filter, position);
      if (beginning.isSnapshot) known.clear();
      beginning.events.forEach(hear);
      position = beginning.position;
    },
    cut() {
      end?.();
      end = null;
    },
  };
}

const services = ["a", "b"];
const ids = ["1", "2", "3"];
const place = { serviceName: fc.constantFrom(...services), instanceId: fc.constantFrom(...ids) };
const action = fc.oneof(
  fc.record({
    kind: fc.constant("register" as const),
    ...place,
    zone: fc.constantFrom("x", "y"),
    ttlS: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({ kind: fc.constant("deregister" as const), ...place }),
  fc.record({
    kind: fc.constant("heartbeat" as const),
    ...place,
    isDraining: fc.constantFrom(true, false, null),
  }),
  fc.record({ kind: fc.constant("worker" as const), ...place, capacity: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constant("worker gone" as const), ...place }),
  fc.record({ kind: fc.constant("wait" as const), seconds: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ kind: fc.constant("connect" as const), watcher: fc.nat(3) }),
  fc.record({ kind: fc.constant("cut" as const), watcher: fc.nat(3) }),
);

it("knows what there is, whatever happens and whenever it comes back", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { maxLength: 60 }), async (actions) => {
      const clock = createFakeClock();
      const random = createSeededRandom(3).next;
      const probe = async () => ({ status: "serving", message: "" }) as const;
      const registry = createRegistry({
        store,
        clock,
        random,
        retries: createTestRetries(clock),
        log: silentLog,
        probe,
      });
      const workers = new Map<string, WorkerInstance & { capacity: number }>();
      const filters: InstanceFilter[] = [
        { serviceName: null, metadata: {} },
        { serviceName: "a", metadata: {} },
        { serviceName: null, metadata: { zone: "x" } },
        { serviceName: "b", metadata: { zone: "y" } },
      ];
      const watchers = filters.map((filter) => createWatcher(registry, filter));
      const turns = async () => {
        for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
      };

      for (const each of actions) {
        if (each.kind === "connect") watchers[each.watcher]?.connect();
        else if (each.kind === "cut") watchers[each.watcher]?.cut();
        else if (each.kind === "wait") {
          clock.advance(each.seconds * 1_000);
          await turns();
        } else {
          const { serviceName, instanceId } = each;
          const name = `${serviceName}/${instanceId}`;
          const worker = workers.get(name);
          if (each.kind === "register") {
            const facts = {
              registrationId: "r",
              address: "h:1",
              capacity: 5,
              weight: 0,
              metadata: { zone: each.zone },
            };
            const registration = { ...facts, ttlMs: each.ttlS * 1_000, isDraining: false };
            await registry.registrations.register({ serviceName, instanceId, ...registration }, 0);
          } else if (each.kind === "deregister") {
            await registry.registrations.deregister({ serviceName, instanceId, registrationId: null });
          } else if (each.kind === "heartbeat") {
            try {
              const report = { load: 1, isDraining: each.isDraining };
              await registry.registrations.heartbeat({ serviceName, instanceId, registrationId: null }, report);
            } catch {
              // There is none.
            }
          } else if (each.kind === "worker gone") {
            if (worker !== undefined) registry.workers.removed(worker);
            workers.delete(name);
          } else if (worker !== undefined) {
            worker.capacity = each.capacity;
            registry.workers.updated(worker);
          } else {
            const facts = { address: "", weight: 0, metadata: { zone: "x" }, load: 0, connectMs: 0, lastSeenMs: 0 };
            const fresh = { serviceName, workerId: instanceId, capacity: each.capacity, ...facts };
            workers.set(name, fresh);
            registry.workers.added(fresh);
          }
        }
      }
      for (const [index, watcher] of watchers.entries()) {
        watcher.connect();
        const filter = filters[index];
        const all = registry.discover({ serviceName: null, metadata: {}, includeUnhealthy: true }, null, 100);
        const expected = all.filter((instance) => filter !== undefined && matchesFilter(instance, filter)).map(shown);
        const names = [...watcher.known.values()].map(shown);
        const byName = (a: { serviceName: string; instanceId: string }, b: typeof a) =>
          `${a.serviceName}/${a.instanceId}` < `${b.serviceName}/${b.instanceId}` ? -1 : 1;
        expect(names.sort(byName)).toEqual(expected.sort(byName));
      }
      await registry.stop();
      expect(clock.pendingTimers).toBe(0);
    }),
    { numRuns: 200 },
  );
});
