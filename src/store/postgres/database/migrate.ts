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
 * @throws StoreRefused if the schema is newer than this program, belongs to another one, or may not be changed
 */
export async function migrate(session: Session, schema: string): Promise<boolean> {
  await session.script("BEGIN");
  try {
    await session.script("SET LOCAL statement_timeout TO 0");
    await session.script(`SELECT pg_advisory_xact_lock(${migrationLock})`, 0);
    const current = await versionOf(session, schema);
    const migrations = readMigrations();
    const newest = migrations.at(-1)?.version ?? 0;
    if (current > newest) {
      throw new StoreRefused(
        `The schema ${schema} was written by a newer sitq (schema version ${current}; this one knows up to ${newest}). Run the newer version.`,
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

/** The version of the schema; 0: there is none, or it is empty. */
async function versionOf(session: Session, schema: string): Promise<number> {
  const tables = await session.all<{ relname: string }>(
    "SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind IN ('r', 'p', 'v')",
    [schema],
  );
  if (tables.length === 0) return 0;
  if (!tables.some(({ relname }) => relname === "schema_version")) {
    throw new StoreRefused(
      `The schema ${schema} holds tables of something else, such as ${tables[0]?.relname}. Name another schema: add ?schema=NAME to the URL of --store.`,
    );
  }
  return (await session.get<{ version: number }>("SELECT version FROM schema_version"))?.version ?? 0;
}
