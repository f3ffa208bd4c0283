import type { Config } from "./config/settings.ts";
import { databaseOf } from "./store/postgres/options.ts";
import { SqliteStore } from "./store/sqlite/sqlite-store.ts";
import type { FoundDamages, Store } from "./store/store.ts";

/** Opens the store of a server by its settings. @throws StoreRefused if it cannot be used */
export type OpenStore = (config: Config, onDamages: (found: FoundDamages) => void) => Promise<Store>;

/** Opens the engine that the settings name; it is chosen in this file alone. */
export const openStore: OpenStore = async (config, onDamages) => {
  const { maxQueueDepth } = config;
  const measuredQueues = config.metrics === "on" ? config.metricsQueues : null;
  if (config.storeUrl !== null) {
    // Loaded only where it is used: most servers have a file.
    const { openPostgres } = await import("./store/postgres/postgres-store.ts");
    return openPostgres({ ...databaseOf(config.storeUrl), maxQueueDepth, measuredQueues });
  }
  const { dbPath: path, synchronous, acceptMissingWal, diskReserveBytes } = config;
  const options = { path, synchronous, maxQueueDepth, acceptMissingWal, diskReserveBytes, measuredQueues };
  return SqliteStore.open({ ...options, onDamages });
};

/** Opens a file to look at it: a backup, or what a stopped server has left. Nothing of it is written, nor beside it. */
export const openStoreReadOnly: OpenStore = ({ dbPath: path, maxQueueDepth }, onDamages) =>
  SqliteStore.open({ path, maxQueueDepth, isReadOnly: true, onDamages });
