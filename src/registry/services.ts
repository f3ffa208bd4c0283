import {
  changedSettings,
  defaultServiceSettings,
  type ServiceSettings,
  type StoredService,
} from "../domain/balancing/service-settings.ts";
import type { Clock } from "../domain/clock.ts";
import { createService, type Service } from "../domain/service.ts";
import type { RegistryStore } from "../store/registry-store.ts";

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
  /** Calls `listener` with the name of each service whose settings change. */
  onChange(listener: (name: string) => void): void;
}

/** Creates the settings over a store. Its start takes over what is on the disk. */
export function createServices(store: Pick<RegistryStore, "services" | "putServices">, clock: Clock): Services {
  const all = new Map<string, StoredService>();
  const listeners = new Set<(name: string) => void>();
  /** One change at a time: each begins with what the one before has left. */
  let last: Promise<unknown> = Promise.resolve();

  const settingsOf = (name: string): ServiceSettings => all.get(name) ?? defaultServiceSettings;

  async function change(name: string, changes: Partial<ServiceSettings>): Promise<StoredService> {
    const changed = { name, ...changedSettings(settingsOf(name), changes), updateMs: clock.now() };
    await store.putServices([changed]);
    all.set(name, changed);
    for (const listener of listeners) listener(name);
    return changed;
  }

  return {
    ...createService({
      async start() {
        for (const service of await store.services()) all.set(service.name, service);
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
    onChange: (listener) => void listeners.add(listener),
  };
}
