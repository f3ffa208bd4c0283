import { afterAll, beforeAll } from "vitest";
import { openPostgres } from "../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { type PostgresServer, startPostgres } from "../../harness/databases/postgres.ts";
import type { OpenStore, StoreOpener } from "../store-harness.ts";

/** Starts one server of PostgreSQL for a file of tests; each store that is opened has a schema of its own. */
export function postgresForTests(): StoreOpener {
  let server: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    server = await startPostgres();
  });
  afterAll(() => server.stop());

  return async ({ maxQueueDepth } = {}): Promise<OpenStore> => {
    const schema = `test_${++schemas}`;
    const open = () =>
      openPostgres({ url: server.url, schema, ...(maxQueueDepth === undefined ? {} : { maxQueueDepth }) });
    let store: Store = await open();
    const reopen = async () => {
      await store.close();
      store = await open();
      return store;
    };
    // What a process that is killed leaves is what is committed: no call runs, so that is everything.
    return { store, reopen, crash: reopen, close: () => store.close() };
  };
}
