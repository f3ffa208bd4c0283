import {
  changedSettings,
  defaultServiceSettings,
  type ServiceSettings,
  type StoredService,
} from "../domain/balancing/service-settings.ts";
import type { Clock } from "../domain/clock.ts";
import type { InstanceKey } from "../domain/instance.ts";
import { createService, type Service } from "../domain/service.ts";
import type { RegistryStore } from "../store/registry-store.ts";
import type { LocalWrites } from "./local-writes.ts";
import type { Sharing } from "./sharing.ts";

/** The settings of services, in memory and on the disk. */
export interface Services extends Service {
  /** The settings of a service; the defaults where it has none. */
  settingsOf(name: string): ServiceSettings;
  /** The settings as they were changed last; `undefined`: they never were. */
  stored(name: string): StoredService | undefined;
  /** The names of the services that have settings other than the defaults, sorted. */
  names(): readonly string[];
  /**
   * Changes settings; answers once they are on the disk.
   *
   * @throws SitqError INVALID_FIELD: they do not go together
   */
  update(name: string, changes: Partial<ServiceSettings>): Promise<StoredService>;
  /** Takes in settings as another server has stored them. */
  takeIn(changed: readonly StoredService[]): void;
  /** Calls `listener` with the name of each service whose settings change. */
  onChange(listener: (name: string) => void): void;
}

/** What stands for the settings of a service among the names of instances. */
export function settingsKey(serviceName: string): InstanceKey {
  return { serviceName, instanceId: "" };
}

/** Creates the settings over a store. Its start takes over what is on the disk. */
export function createServices(
  store: Pick<RegistryStore, "services" | "putService">,
  clock: Clock,
  writes: LocalWrites,
  sharing: Pick<Sharing, "readsAll" | "stored" | "catchUp">,
): Services {
  const all = new Map<string, StoredService>();
  const listeners = new Set<(name: string) => void>();
  /** One change at a time: each begins with what the one before has left. */
  let last: Promise<unknown> = Promise.resolve();

  const settingsOf = (name: string): ServiceSettings => all.get(name) ?? defaultServiceSettings;

  async function change(name: string, changes: Partial<ServiceSettings>, isRepeated = false): Promise<StoredService> {
    // What is not changed stays as another server may have left it.
    await sharing.catchUp(isRepeated);
    const stored = await writes.run(settingsKey(name), async () => {
      const known = all.get(name);
      // Another time for each change, by which they are found.
      const updateMs = Math.max(clock.now(), (known?.updateMs ?? 0) + 1);
      const changed = { name, ...changedSettings(settingsOf(name), changes), updateMs };
      if ((await store.putService(changed, known?.updateMs ?? null)) === "changed") return null;
      put(changed);
      sharing.stored();
      return changed;
    });
    // Another server was faster: its change is taken in first.
    return stored ?? change(name, changes, true);
  }

  function put(changed: StoredService): void {
    all.set(changed.name, changed);
    for (const listener of listeners) listener(changed.name);
  }

  return {
    ...createService({
      async start() {
        if (!sharing.readsAll) for (const service of await store.services()) all.set(service.name, service);
      },
    }),
    settingsOf,
    stored: (name) => all.get(name),
    names: () => [...all.values()].flatMap(({ name, strategy }) => (strategy === null ? [] : [name])).sort(),
    update(name, changes) {
      const next = last.catch(() => undefined).then(() => change(name, changes));
      last = next;
      return next;
    },
    takeIn(changed) {
      for (const service of changed) {
        const known = all.get(service.name);
        const isSame = (["strategy", "hashHeader", "updateMs"] as const).every(
          (each) => known?.[each] === service[each],
        );
        if (!isSame) put(service);
      }
    },
    onChange: (listener) => void listeners.add(listener),
  };
}
