import { afterAll, beforeAll } from "vitest";
import type { PostgresStoreOptions } from "../../../src/store/postgres/options.ts";
import { openPostgres } from "../../../src/store/postgres/postgres-store.ts";
import type { Store } from "../../../src/store/store.ts";
import type { StoredLease } from "../../../src/store/task-store.ts";
import { isPostgresMissing, type PostgresServer, startPostgres } from "../../harness/databases/postgres.ts";
import type { OpenStore, StoreOpener } from "../store-harness.ts";

/** Starts one server of PostgreSQL for a file of tests; each store that is opened has a schema of its own. */
export function postgresForTests(): StoreOpener {
  const openSchema = schemasForTests();
  return async (options = {}): Promise<OpenStore> => {
    const { open } = openSchema(options);
    let store: Store = await open();
    const reopen = async () => {
      await store.close();
      store = await open();
      await adoptAll(store);
      return store;
    };
    // What a process that is killed leaves is what is committed: no call runs, so that is everything.
    return { store, reopen, crash: reopen, close: () => store.close() };
  };
}

/** Takes over what the servers that have ended have left, as the leader does; answers the leases. */
export async function adoptAll({ cluster }: Store): Promise<StoredLease[]> {
  if (cluster === null) throw new Error("no other server can share it");
  const leases: StoredLease[] = [];
  for (let isMore = true; isMore; ) {
    const adopted = await cluster.adopt();
    leases.push(...adopted.leases);
    ({ isMore } = adopted);
  }
  return leases;
}

/** Several servers on one schema. */
export interface OpenServers {
  readonly stores: readonly Store[];
  /** The database. */
  readonly url: string;
  readonly schema: string;
  /** Opens one more, which `close` closes too. */
  openAnother(): Promise<Store>;
  /** Closes them all. */
  close(): Promise<void>;
}

/** Starts one server of PostgreSQL for a file of tests; each time so many stores are opened, they share a schema of their own. */
export function serversForTests(options: Partial<PostgresStoreOptions> = {}): (count: number) => Promise<OpenServers> {
  const openSchema = schemasForTests();
  return async (count) => {
    const { url, schema, open } = openSchema(options);
    const stores: Store[] = [];
    async function openAnother(): Promise<Store> {
      const store = await open();
      stores.push(store);
      return store;
    }
    for (let each = 0; each < count; each++) await openAnother();
    const close = async () => void (await Promise.all(stores.map((store) => store.close())));
    return { stores, url, schema, openAnother, close };
  };
}

/** A schema of its own. */
interface TestSchema {
  readonly url: string;
  readonly schema: string;
  /** Opens a store on it. */
  open(): Promise<Store>;
}

/** Each call answers a schema that no other call answers. */
function schemasForTests(): (options: Partial<PostgresStoreOptions>) => TestSchema {
  let server: PostgresServer;
  let schemas = 0;
  beforeAll(async () => {
    if (isPostgresMissing) return;
    server = await startPostgres();
  });
  afterAll(() => server?.stop());
  return (options) => {
    const schema = `test_${++schemas}`;
    const { url } = server;
    return { url, schema, open: () => openPostgres({ url, schema, ...options }) };
  };
}
