import { afterEach, describe, expect, it } from "vitest";
import type { Registration } from "../../../../src/domain/instance.ts";
import type { Store } from "../../../../src/store/store.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { type OpenServers, serversForTests } from "../open-postgres.ts";

const registration: Registration = {
  serviceName: "inventory",
  instanceId: "a",
  registrationId: "r1",
  address: "10.0.0.1:80",
  capacity: 5,
  weight: 2,
  metadata: { zone: "b" },
  ttlMs: 30_000,
  isDraining: false,
  registerMs: 1_000,
};
const settings = { name: "inventory", strategy: "sticky", hashHeader: "x-user", updateMs: 1_000 } as const;
const a = { serviceName: "inventory", instanceId: "a" };

describe.skipIf(isPostgresMissing)("changes of the registry by another server", () => {
  const openServers = serversForTests();
  let servers: OpenServers | null = null;
  afterEach(() => servers?.close());

  async function two(): Promise<
    [Store, (since: number | null) => ReturnType<NonNullable<Store["cluster"]>["registryChanges"]>]
  > {
    servers = await openServers(2);
    const [writer, reader] = servers.stores as [Store, Store];
    return [writer, async (since) => (reader.cluster as NonNullable<Store["cluster"]>).registryChanges(since)];
  }

  it("are read as they are now, from a revision on, and the whole of them where there is none", async () => {
    const [store, changes] = await two();
    const nothing = { registrations: [], removed: [], services: [] };
    const empty = await changes(null);
    expect(empty).toEqual({ ...nothing, revision: 0, isWhole: true });
    expect(await changes(0)).toEqual({ ...nothing, revision: 0, isWhole: false });
    await store.putInstances([registration, { ...registration, instanceId: "b" }]);
    await store.putService(settings, null);
    await store.setDraining([{ ...a, registrationId: "r1", isDraining: true }]);
    await store.deleteInstances([{ ...a, instanceId: "b", registrationId: null }]);
    const draining = { ...registration, isDraining: true };
    const now = await changes(0);
    expect(now).toMatchObject({ revision: 4, isWhole: false, services: [settings] });
    expect(now.registrations).toContainEqual(draining);
    expect(now.registrations.every(({ instanceId }) => instanceId === "a")).toBe(true);
    expect(now.removed).toContainEqual({ ...a, instanceId: "b" });
    expect(await changes(3)).toEqual({ ...nothing, revision: 4, isWhole: false, removed: [{ ...a, instanceId: "b" }] });
    expect(await changes(null)).toEqual({
      ...nothing,
      revision: 4,
      isWhole: true,
      registrations: [draining],
      services: [settings],
    });
    // What changes nothing is no change.
    expect(await store.deleteInstances([{ ...a, registrationId: "other" }])).toEqual(["replaced"]);
    expect(await store.setDraining([{ ...a, registrationId: "other", isDraining: false }])).toEqual(["replaced"]);
    expect(await changes(4)).toEqual({ ...nothing, revision: 4, isWhole: false });
  });

  it("are read as a whole by a server that is too far behind", async () => {
    const [store, changes] = await two();
    await store.putInstances([registration]);
    for (let n = 0; n < 10_000; n += 100) {
      const many = Array.from({ length: 100 }, (_, each) =>
        store.putService({ ...settings, name: `s${each}`, updateMs: n }, n === 0 ? null : n - 100),
      );
      await Promise.all(many);
    }
    expect(await changes(0)).toMatchObject({ revision: 10_001, isWhole: true, registrations: [registration] });
    expect(await changes(1)).toMatchObject({ revision: 10_001, isWhole: false, registrations: [] });
  }, 60_000);
});
