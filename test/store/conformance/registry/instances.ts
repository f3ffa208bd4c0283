import { describe, expect } from "vitest";
import type { Registration } from "../../../../src/domain/instance.ts";
import { type StoreTest, startMs } from "../../store-harness.ts";

function registration(changes: Partial<Registration> = {}): Registration {
  return {
    serviceName: "inventory",
    instanceId: "a",
    registrationId: "r1",
    address: "10.0.0.1:80",
    capacity: 100,
    weight: 0,
    metadata: { zone: "b", ü: "'; DROP TABLE instance; --" },
    ttlMs: 30_000,
    isDraining: false,
    registerMs: startMs,
    ...changes,
  };
}

/** Who is registered. */
export function describeInstances(test: StoreTest): void {
  describe("instances", () => {
    test("are remembered whole, by service and id", async ({ store }) => {
      const others = [
        registration({ serviceName: "shipping", instanceId: "a" }),
        registration({ instanceId: "b", metadata: {}, weight: 7, isDraining: true }),
      ];
      expect(await store.instances()).toEqual([]);
      expect(await store.putInstances([...others, registration()])).toEqual(["created", "created", "created"]);
      expect(await store.instances()).toEqual([registration(), others[1], others[0]]);
    });

    test("outlive the store", async (harness) => {
      await harness.store.putInstances([registration()]);
      await harness.reopen();
      expect(await harness.store.instances()).toEqual([registration()]);
    });

    test("take the place of the one of the same service and id, and of no other", async ({ store }) => {
      const other = registration({ serviceName: "shipping" });
      await store.putInstances([registration(), other]);
      const changed = registration({
        registrationId: "r2",
        address: "[::1]:81",
        capacity: 1,
        weight: 2,
        metadata: { a: "1" },
        ttlMs: 1_000,
      });
      expect(await store.putInstances([changed])).toEqual(["replaced"]);
      expect(await store.instances()).toEqual([changed, other]);
      const [first, second] = ["r1", "r2"].map((registrationId) => registration({ instanceId: "c", registrationId }));
      if (first === undefined || second === undefined) throw new Error("There are two.");
      expect(await store.putInstances([first, first, second])).toEqual(["created", "renewed", "replaced"]);
    });

    test("are forgotten one by one", async (harness) => {
      await harness.store.putInstances([registration(), registration({ instanceId: "b" })]);
      const keys = [
        { serviceName: "inventory", instanceId: "a", registrationId: null },
        { serviceName: "inventory", instanceId: "a", registrationId: null },
        { serviceName: "shipping", instanceId: "b", registrationId: null },
      ];
      expect(await harness.store.deleteInstances(keys)).toEqual(["deleted", "not_found", "not_found"]);
      await harness.reopen();
      expect((await harness.store.instances()).map(({ instanceId }) => instanceId)).toEqual(["b"]);
    });

    test("drain and do not drain any more, each by its registration, also when the store is opened again", async (harness) => {
      const { store } = harness;
      const b = registration({ instanceId: "b" });
      await store.putInstances([registration(), b]);
      const a = { serviceName: "inventory", instanceId: "a" };
      const changes = [
        { ...a, registrationId: "r1", isDraining: true },
        { ...a, registrationId: "r2", isDraining: false },
        { ...a, instanceId: "c", registrationId: "r1", isDraining: true },
      ];
      expect(await store.setDraining(changes)).toEqual(["set", "replaced", "not_found"]);
      await harness.reopen();
      expect(await harness.store.instances()).toEqual([registration({ isDraining: true }), b]);
      expect(await harness.store.setDraining([{ ...a, registrationId: "r1", isDraining: false }])).toEqual(["set"]);
      expect(await harness.store.instances()).toEqual([registration(), b]);
    });

    test("are deleted by one that names them, and by no other", async (harness) => {
      await harness.store.putInstances([registration(), registration({ registrationId: "r2" })]);
      const a = { serviceName: "inventory", instanceId: "a" };
      expect(await harness.store.deleteInstances([{ ...a, registrationId: "r1" }])).toEqual(["replaced"]);
      await harness.reopen();
      expect(await harness.store.instances()).toEqual([registration({ registrationId: "r2" })]);
      // Under the same id it may have registered again.
      expect(await harness.store.deleteInstances([{ ...a, registrationId: "r2", registerMs: 1 }])).toEqual([
        "replaced",
      ]);
      expect(await harness.store.deleteInstances([{ ...a, registrationId: "r2" }])).toEqual(["deleted"]);
      expect(await harness.store.deleteInstances([{ ...a, registrationId: "r2" }])).toEqual(["not_found"]);
    });
  });
}
