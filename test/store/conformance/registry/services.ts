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
      await harness.store.putServices([shipping, inventory]);
      await harness.reopen();
      expect(await harness.store.services()).toEqual([inventory, shipping]);
    });

    test("take the place of the former ones", async ({ store }) => {
      await store.putServices([inventory, shipping]);
      const changed: StoredService = { ...inventory, strategy: "round_robin", hashHeader: "", updateMs: startMs + 5 };
      await store.putServices([changed]);
      expect(await store.services()).toEqual([changed, shipping]);
    });
  });
}
