import { createHash } from "node:crypto";
import { Client } from "pg";
import type { Config } from "../../../src/config/settings.ts";

/**
 * The database of PostgreSQL on which the servers of tests keep their data, a schema each; `undefined`: each has a file. It is set by
 * `npm run test:postgres`.
 */
const databaseUrl = process.env.SITQ_TEST_STORE;

/** How the schemas of tests begin. */
const prefix = "sitq_test_";

/** Where the servers of a file of tests keep their data: in the file, or in a schema that stands for it. */
export function storeOfTests(dbPath: string): Pick<Config, "dbPath" | "storeUrl"> {
  if (databaseUrl === undefined) return { dbPath, storeUrl: null };
  const url = new URL(databaseUrl);
  url.searchParams.set("schema", schemaOf(dbPath));
  return { dbPath, storeUrl: url.href };
}

/** Drops the schema that stands for a file; nothing where there is none. */
export async function dropStoreOfTests(dbPath: string): Promise<void> {
  if (databaseUrl !== undefined) await runSql(databaseUrl, `DROP SCHEMA IF EXISTS ${schemaOf(dbPath)} CASCADE`);
}

/** Drops what tests have left. */
export async function dropStoresOfTests(url: string): Promise<void> {
  const rows = await runSql(url, `SELECT nspname FROM pg_namespace WHERE starts_with(nspname, '${prefix}')`);
  for (const { nspname } of rows) await runSql(url, `DROP SCHEMA ${nspname} CASCADE`);
}

function schemaOf(dbPath: string): string {
  return prefix + createHash("sha256").update(dbPath).digest("hex").slice(0, 20);
}

async function runSql(url: string, text: string): Promise<{ nspname: string }[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<{ nspname: string }>(text)).rows;
  } finally {
    await client.end();
  }
}
