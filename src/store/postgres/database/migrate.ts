import { readdirSync, readFileSync } from "node:fs";
import { StoreRefused } from "../../store-refused.ts";
import { quoted, type Session } from "./session.ts";

const directory = new URL("../migrations/", import.meta.url);

/** A step of the schema: `NNNN_subject.sql`, numbered from 1 without gaps, never changed once released. */
interface Migration {
  readonly version: number;
  readonly sql: string;
}

function readMigrations(): Migration[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".sql"))
    .sort()
    .map((name) => ({ version: Number(name.slice(0, 4)), sql: readFileSync(new URL(name, directory), "utf8") }));
}

/** Servers that start at once migrate one after the other: an advisory lock of this number, held until the end of a transaction. */
const migrationLock = 0x5174;

/**
 * Makes the schema, or brings it up to date, in one transaction: a start that is interrupted leaves what was there.
 *
 * @returns whether the schema was made
 * @throws StoreRefused if the schema is newer than this program, lacks a table, belongs to another one, or may not be changed
 */
export async function migrate(session: Session, schema: string): Promise<boolean> {
  await session.script("BEGIN");
  try {
    await session.script("SET LOCAL statement_timeout TO 0");
    await session.script(`SELECT pg_advisory_xact_lock(${migrationLock})`, 0);
    const tables = await tablesOf(session, schema);
    const current = await versionOf(session, schema, tables);
    const migrations = readMigrations();
    const newest = migrations.at(-1)?.version ?? 0;
    if (current > newest) {
      throw new StoreRefused(
        `The schema ${schema} was written by a newer sitq (schema version ${current}; this one knows up to ${newest}). Run the newer version.`,
      );
    }
    const missing = madeBy(migrations.filter(({ version }) => version <= current)).find(
      (name) => !tables.includes(name),
    );
    if (missing !== undefined) {
      throw new StoreRefused(
        `The schema ${schema} has no table ${missing}: a build before the first release has made it, or someone has changed it. Name another schema, by ?schema=NAME in the URL of --store, or run the build that made it.`,
      );
    }
    for (const { version, sql } of migrations.filter((migration) => migration.version > current)) {
      if (version === 1) await session.script(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
      await session.script(sql, 0);
      await session.script(
        version === 1
          ? `CREATE TABLE schema_version (version integer NOT NULL); INSERT INTO schema_version VALUES (1)`
          : `UPDATE schema_version SET version = ${version}`,
      );
    }
    await session.script("COMMIT");
    return current === 0;
  } catch (error) {
    await session.script("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

/** The tables that migrations have made, and none of them has dropped. */
function madeBy(migrations: readonly Migration[]): string[] {
  const text = migrations.map(({ sql }) => sql).join("\n");
  const namesIn = (statement: RegExp) => [...text.matchAll(statement)].map(([, name = ""]) => name);
  const dropped = namesIn(/^DROP TABLE (\w+)/gm);
  return namesIn(/^CREATE TABLE (\w+)/gm).filter((name) => !dropped.includes(name));
}

/** The tables and views of a schema. */
async function tablesOf(session: Session, schema: string): Promise<string[]> {
  const tables = await session.all<{ relname: string }>(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind IN ('r', 'p', 'v')",
    [schema],
  );
  return tables.map(({ relname }) => relname);
}

/** The version of the schema; 0: there is none, or it is empty. */
async function versionOf(session: Session, schema: string, tables: readonly string[]): Promise<number> {
  if (tables.length === 0) return 0;
  if (!tables.includes("schema_version")) {
    throw new StoreRefused(
      `The schema ${schema} holds tables of something else, such as ${tables[0]}. Name another schema: add ?schema=NAME to the URL of --store.`,
    );
  }
  return (await session.get<{ version: number }>("SELECT version FROM schema_version"))?.version ?? 0;
}
