import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import type { OpenStore, StoreOptions } from "../store-harness.ts";

/** Opens the SQLite engine on a file in a directory of its own. */
export async function openSqlite(options: StoreOptions = {}): Promise<OpenStore> {
  const dir = await createTempDir();
  const open = () => SqliteStore.open({ path: dir.file("sitq.db"), ...options });
  let store: Store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async close() {
      await store.close();
      await dir.remove();
    },
  };
}
