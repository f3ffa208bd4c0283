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
 * @throws StoreRefused if the schema is newer than this program, lacks a table or a column, belongs to another one, or may not be changed
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
    const missing = missingOf(madeBy(migrations.filter(({ version }) => version <= current)), tables);
    if (missing !== undefined) {
      throw new StoreRefused(
        `The schema ${schema} has no ${missing}: a build before the first release has made it, or someone has changed it. Name another schema, by ?schema=NAME in the URL of --store, or run the build that made it.`,
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

/** The columns of tables, by the tables' names. */
type Tables = ReadonlyMap<string, readonly string[]>;

/**
 * The tables that migrations have made, and none of them has dropped, with their columns, of which each begins a line; a partition has those of its
 * table. No migration changes columns yet: test/store/postgres/start.test.ts fails once one does that is not read here.
 */
function madeBy(migrations: readonly Migration[]): Tables {
  const text = migrations.map(({ sql }) => sql).join("\n");
  const dropped = [...text.matchAll(/^DROP TABLE (\w+)/gm)].map(([, name]) => name);
  const made = [...text.matchAll(/^CREATE TABLE (\w+)(?: \(\n(.*?)^\))?/gms)].map(([, name = "", body = ""]) => {
    const columns = [...body.matchAll(/^ {2}([a-z]\w*)/gm)].map(([, column = ""]) => column);
    return [name, columns] as const;
  });
  return new Map(made.filter(([name]) => !dropped.includes(name)));
}

/** The first table or column that is missing, in words; `undefined`: none is. What is there beside them is no fault: a later build may have added it. */
function missingOf(made: Tables, tables: Tables): string | undefined {
  for (const [name, columns] of made) {
    const present = tables.get(name);
    if (present === undefined) return `table ${name}`;
    const column = columns.find((each) => !present.includes(each));
    if (column !== undefined) return `column ${column} in its table ${name}`;
  }
  return undefined;
}

/** The tables and views of a schema. Partitions have the columns of their table, which are not read again for each. */
async function tablesOf(session: Session, schema: string): Promise<Tables> {
  const tables = await session.all<{ relname: string; columns: string[] }>(
    `SELECT relname, ARRAY(SELECT attname::text FROM pg_attribute
       WHERE attrelid = pg_class.oid AND attnum > 0 AND NOT relispartition) AS columns
     FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace WHERE nspname = $1 AND relkind IN ('r', 'p', 'v')`,
    [schema],
  );
  return new Map(tables.map(({ relname, columns }) => [relname, columns]));
}

/** The version of the schema; 0: there is none, or it is empty. */
async function versionOf(session: Session, schema: string, tables: Tables): Promise<number> {
  const [first] = tables.keys();
  if (first === undefined) return 0;
  if (!tables.has("schema_version")) {
    throw new StoreRefused(
      `The schema ${schema} holds tables of something else, such as ${first}. Name another schema: add ?schema=NAME to the URL of --store.`,
    );
  }
  return (await session.get<{ version: number }>("SELECT version FROM schema_version"))?.version ?? 0;
}
