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

/** All that is stored in the schema that stands for a file, as bytes, in no order. There must be one. */
export async function contentOfStore(dbPath: string): Promise<Buffer<ArrayBuffer>> {
  const { storeUrl } = storeOfTests(dbPath);
  if (storeUrl === null) throw new Error("it is in a file");
  const tables = await runSql(
    storeUrl,
    `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname = '${schemaOf(dbPath)}'`,
  );
  const bytes: Buffer[] = [];
  for (const { name } of tables) {
    for (const row of await runSql(storeUrl, `SELECT * FROM ${name}`)) {
      for (const value of Object.values(row)) bytes.push(Buffer.isBuffer(value) ? value : Buffer.from(`${value}\n`));
    }
  }
  return Buffer.concat(bytes);
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

async function runSql(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
