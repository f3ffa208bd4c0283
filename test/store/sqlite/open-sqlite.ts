import { existsSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { SqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { createTempDir } from "../../harness/temp-dir.ts";
import type { OpenStore, StoreOptions } from "../store-harness.ts";

/** Opens the SQLite engine on a file in a directory of its own. */
export async function openSqlite(options: StoreOptions = {}): Promise<OpenStore> {
  const dir = await createTempDir();
  let path = dir.file("sitq.db");
  let crashes = 0;
  const open = () => SqliteStore.open({ path, ...options });
  let store: Store = await open();
  return {
    store,
    async reopen() {
      await store.close();
      store = await open();
      return store;
    },
    async crash() {
      const left = dir.file(`after-crash-${++crashes}.db`);
      for (const suffix of ["", "-wal"]) if (existsSync(path + suffix)) await copyFile(path + suffix, left + suffix);
      await store.close();
      path = left;
      store = await open();
      return store;
    },
    async close() {
      await store.close();
      await dir.remove();
    },
  };
}
