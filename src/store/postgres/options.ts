/** How a store on PostgreSQL is opened. */
export interface PostgresStoreOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, with `sslmode` and the other parameters that the driver `pg` takes. */
  readonly url: string;
  /** The schema that holds the tables; it is created. Default `sitq`. */
  readonly schema?: string;
  /** Unfinished tasks that a queue takes if its own settings do not say. Default 10,000,000. */
  readonly maxQueueDepth?: number;
  /** How many queues, and subscriptions, are counted apart for metrics; `null`: nothing is counted. Default null. */
  readonly measuredQueues?: number | null;
  /** How long a server counts as alive after a renewal, in milliseconds; of all servers of a schema the same. Default 10,000. */
  readonly aliveMs?: number;
  /** How long a statement of upkeep may take in the database, in milliseconds; the least is 1. Default 5,000. */
  readonly upkeepTimeoutMs?: number;
}

/** The schema where the URL names none. */
export const defaultSchema = "sitq";

/** What the driver takes as `verify-full`, and warns of on standard error. */
const asVerifyFull: ReadonlySet<string | null> = new Set(["prefer", "require", "verify-ca"]);

/**
 * The database and the schema of a URL: the schema is its parameter `schema`, which the driver does not know. An `sslmode` that asks for TLS
 * with fewer checks, as the URLs of hosted databases have it, is `verify-full`.
 */
export function databaseOf(storeUrl: string): Pick<PostgresStoreOptions, "url" | "schema"> {
  const url = new URL(storeUrl);
  const schema = url.searchParams.get("schema");
  url.searchParams.delete("schema");
  const { searchParams } = url;
  if (asVerifyFull.has(searchParams.get("sslmode")) && !searchParams.has("uselibpqcompat")) {
    searchParams.set("sslmode", "verify-full");
  }
  return { url: url.href, ...(schema === null || schema === "" ? {} : { schema }) };
}
