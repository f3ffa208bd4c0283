import { describe, expect } from "vitest";
import type { StoredService } from "../../../../src/domain/balancing/service-settings.ts";
import { type StoreTest, startMs } from "../../store-harness.ts";

/** The settings of services. */
export function describeServices(test: StoreTest): void {
  describe("settings of services", () => {
    const inventory: StoredService = { name: "inventory", strategy: "sticky", hashHeader: "x-user", updateMs: startMs };
    const shipping: StoredService = { name: "shipping", strategy: null, hashHeader: "", updateMs: startMs + 1 };

    test("are remembered whole, by name, and outlive the store", async (harness) => {
      expect(await harness.store.services()).toEqual([]);
      for (const each of [shipping, inventory]) expect(await harness.store.putService(each, null)).toBe("stored");
      await harness.reopen();
      expect(await harness.store.services()).toEqual([inventory, shipping]);
    });

    test("take the place of those that were read, and of no others", async ({ store }) => {
      for (const each of [inventory, shipping]) await store.putService(each, null);
      const changed: StoredService = { ...inventory, strategy: "round_robin", hashHeader: "", updateMs: startMs + 5 };
      expect(await store.putService(changed, startMs)).toBe("stored");
      const late: StoredService = { ...inventory, updateMs: startMs + 6 };
      for (const replaced of [startMs, null]) expect(await store.putService(late, replaced)).toBe("changed");
      expect(await store.services()).toEqual([changed, shipping]);
    });
  });
}
