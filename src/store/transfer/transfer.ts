import { taskStates } from "../../domain/tasks/task.ts";
import { openDatabase } from "../postgres/database/open-database.ts";
import type { Session } from "../postgres/database/session.ts";
import { databaseOf, defaultSchema } from "../postgres/options.ts";
import { StoreRefused } from "../store-refused.ts";
import { type RowValues, SourceFile } from "./source-file.ts";
import { type Column, type TransferTable, transferTables } from "./tables.ts";

/** A file that is moved into a database. */
export interface TransferOptions {
  /** The path of the file. */
  readonly from: string;
  /** The URL of the database, as the setting `store` has it. */
  readonly to: string;
  /** Called with how many rows are moved or compared, of how many. Each row is moved, and then compared. */
  readonly onProgress?: (phase: "move" | "verify", done: number, total: number) => void;
  /** Ends the work between two batches; it can go on later. */
  readonly signal?: AbortSignal;
}

/** How many rows a batch has, and how many bytes of payloads at the most, but for the last row. */
const batchRows = 500;
const batchBytes = 8_388_608;

/**
 * Moves everything that a file holds into a schema of PostgreSQL, batch by batch, each with the place up to which it came in one
 * transaction; then compares every row. What stopped goes on where it was. The file stays as it is.
 *
 * @returns how many rows each table has
 * @throws StoreRefused if the file or the database cannot be used, or the schema holds something else
 */
export async function transferFile(options: TransferOptions): Promise<ReadonlyMap<string, number>> {
  const { from, to } = options;
  const { url, schema = defaultSchema } = databaseOf(to);
  const source = SourceFile.open(from);
  try {
    const { sessions } = await openDatabase({ url, schema, use: "transfer" });
    const [session, other] = sessions;
    try {
      await other.close();
      await begin(session, source, schema);
      return await move(session, source, options);
    } finally {
      await session.close();
    }
  } finally {
    source.close();
  }
}

/** Looks whether the schema is empty, or holds what an earlier run has moved of the same file. */
async function begin(session: Session, { identity }: SourceFile, schema: string): Promise<void> {
  const before = await session.get<{ value: string }>("SELECT value FROM meta WHERE name = 'transfer'");
  if (before?.value === `running ${identity}`) return;
  if (before !== undefined) {
    const text = before.value.startsWith("done ") ? "A file was moved" : "Another file is being moved";
    throw new StoreRefused(
      `${text} into the schema ${schema} before. Name another schema: add ?schema=NAME to the URL of --to.`,
    );
  }
  const used = await session.get<{ is_used: boolean }>(
    `SELECT (SELECT last > 0 FROM key_range) OR EXISTS (SELECT FROM queue) OR EXISTS (SELECT FROM principal)
       OR EXISTS (SELECT FROM instance) OR EXISTS (SELECT FROM audit_entry) AS is_used`,
  );
  if (used?.is_used) {
    throw new StoreRefused(
      `The schema ${schema} holds data of its own. Name another schema: add ?schema=NAME to the URL of --to.`,
    );
  }
  await session.run("INSERT INTO meta (name, value) VALUES ('transfer', $1)", [`running ${identity}`]);
}

async function move(session: Session, source: SourceFile, options: TransferOptions): Promise<Map<string, number>> {
  const { onProgress = () => undefined, signal } = options;
  const counts = new Map(transferTables.map((table) => [table.name, source.count(table)]));
  const total = [...counts.values()].reduce((sum, n) => sum + n, 0);
  let moved = 0;
  for (const table of transferTables) {
    const known = await progressOf(session, table);
    let after = known?.after ?? null;
    moved += known?.count ?? 0;
    for (;;) {
      signal?.throwIfAborted();
      const rows = bounded(source.rows(table, after, batchRows));
      const last = rows.at(-1);
      if (last === undefined) break;
      after = keyOf(table, last);
      await store(session, table, rows, after);
      moved += rows.length;
      onProgress("move", moved, total);
    }
  }
  let compared = 0;
  for (const table of transferTables) {
    await verify(session, source, table, (n) => {
      signal?.throwIfAborted();
      compared += n;
      onProgress("verify", compared, total);
    });
  }
  await finish(session, source);
  return counts;
}

interface Progress {
  readonly after: RowValues;
  readonly count: number;
}

async function progressOf(session: Session, { name }: TransferTable): Promise<Progress | null> {
  const row = await session.get<{ value: string }>("SELECT value FROM meta WHERE name = $1", [`transfer.${name}`]);
  return row === undefined ? null : (JSON.parse(row.value) as Progress);
}

async function store(
  session: Session,
  table: TransferTable,
  rows: readonly RowValues[],
  after: RowValues,
): Promise<void> {
  const known = await progressOf(session, table);
  const progress: Progress = { after, count: (known?.count ?? 0) + rows.length };
  await session.script("BEGIN");
  try {
    await session.run(insertOf(table), columnsOf(table, rows));
    await session.run(
      "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
      [`transfer.${table.name}`, JSON.stringify(progress)],
    );
    await session.script("COMMIT");
  } catch (error) {
    await session.script("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

function insertOf({ name, columns, more = {}, beside }: TransferTable): string {
  const names = columns.map((column) => column.name).join(", ");
  const arrays = columns.map(({ type }, index) => `$${index + 1}::${type}[]`).join(", ");
  const besides = beside === undefined ? "" : `, beside AS (INSERT INTO ${beside.name} ${beside.rows})`;
  return `WITH moved AS MATERIALIZED (SELECT * FROM unnest(${arrays}) AS row (${names}))${besides}
    INSERT INTO ${name} (${[names, ...Object.keys(more)].join(", ")}) OVERRIDING SYSTEM VALUE
    SELECT ${[names, ...Object.values(more)].join(", ")} FROM moved`;
}

function columnsOf({ columns }: TransferTable, rows: readonly RowValues[]): unknown[][] {
  return columns.map((column, index) =>
    rows.map((row) => {
      const value = movedValue(column, row[index]);
      return value instanceof Uint8Array ? Buffer.from(value) : value;
    }),
  );
}

/** A value as PostgreSQL keeps it. */
function movedValue({ asKept }: Column, value: RowValues[number] | undefined): RowValues[number] | undefined {
  return typeof value === "string" && asKept !== undefined ? asKept(value) : value;
}

function keyOf({ columns, key }: TransferTable, row: RowValues): RowValues {
  return key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null);
}

/** The first rows, as many as a batch may hold. */
function bounded(rows: readonly RowValues[]): readonly RowValues[] {
  let bytes = 0;
  const end = rows.findIndex((row) => {
    const isFull = bytes > batchBytes;
    for (const value of row) bytes += value instanceof Uint8Array || typeof value === "string" ? value.length : 8;
    return isFull;
  });
  return end === -1 ? rows : rows.slice(0, end);
}

/** Compares every row of a table. @throws StoreRefused if one is not as it was */
async function verify(
  session: Session,
  source: SourceFile,
  table: TransferTable,
  onRows: (n: number) => void,
): Promise<void> {
  const names = table.columns.map(({ name }) => name);
  const key = table.key.join(", ");
  const keyTypes = table.key.map((name) => table.columns.find((column) => column.name === name)?.type);
  let after: RowValues | null = null;
  for (;;) {
    const rows = bounded(source.rows(table, after, batchRows));
    const behind =
      after === null ? "" : `WHERE (${key}) > (${keyTypes.map((type, i) => `$${i + 2}::${type}`).join(", ")})`;
    const stored = await session.all<Record<string, unknown>>(
      `SELECT ${names.join(", ")} FROM ${table.name} ${behind} ORDER BY ${key} LIMIT $1`,
      [Math.max(rows.length, 1), ...(after ?? [])],
    );
    const isSame =
      stored.length === rows.length &&
      rows.every((row, index) =>
        table.columns.every((column, place) => isEqual(movedValue(column, row[place]), stored[index]?.[column.name])),
      );
    if (!isSame) {
      throw new StoreRefused(
        `The rows of ${table.name} behind ${JSON.stringify(after)} are not in the database as they are in the file. Name another schema and move the file again.`,
      );
    }
    const last = rows.at(-1);
    if (last === undefined) return;
    after = keyOf(table, last);
    onRows(rows.length);
  }
}

function isEqual(value: RowValues[number] | undefined, stored: unknown): boolean {
  if (value instanceof Uint8Array) return stored instanceof Uint8Array && Buffer.compare(value, stored) === 0;
  return (value ?? null) === (stored ?? null);
}

/** Writes what is not moved row by row, and lets servers open the schema. */
async function finish(session: Session, source: SourceFile): Promise<void> {
  const counts = source.queueCounts();
  await session.script("SET statement_timeout TO 0");
  const deliveries = counts.flatMap(({ id, deliveries: of }) => of.map((each) => [id, ...each] as const));
  await session.script("BEGIN");
  try {
    await session.run(
      `INSERT INTO queue_count (server_id, queue_id, ${taskStates.join(", ")})
       SELECT 0, * FROM unnest($1::int[], ${taskStates.map((_, index) => `$${index + 2}::bigint[]`).join(", ")})`,
      [counts.map(({ id }) => id), ...taskStates.map((_, state) => counts.map((each) => each.counts[state] ?? 0))],
    );
    await session.run(
      `INSERT INTO delivery_count (server_id, queue_id, subscription_id, waiting, running, failed)
       SELECT 0, * FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bigint[], $5::bigint[])`,
      ([0, 1, 2, 3, 4] as const).map((place) => deliveries.map((row) => row[place])),
    );
    await session.run("UPDATE key_range SET last = $1, stretches = (SELECT count(*) FROM key_stretch)", [
      source.lastKey(),
    ]);
    await session.run("UPDATE event_feed SET last = $1, swept = $2", [source.lastKey(), source.lastSweptEvent()]);
    await session.run("UPDATE meta SET value = $1 WHERE name = 'page_key'", [source.identity]);
    for (const { name, identity } of transferTables) {
      if (identity === undefined) continue;
      await session.run(
        `SELECT setval(pg_get_serial_sequence('${name}', '${identity}'), (SELECT coalesce(max(${identity}), 0) + 1 FROM ${name}), false)`,
      );
    }
    // What the file's server watched and counted is for the first server that leads.
    await session.run("INSERT INTO server (id, end_ms) OVERRIDING SYSTEM VALUE VALUES (0, 0)");
    await session.run("DELETE FROM meta WHERE name LIKE 'transfer.%'");
    await session.run("UPDATE meta SET value = $1 WHERE name = 'transfer'", [`done ${source.identity}`]);
    await session.script("COMMIT");
  } catch (error) {
    await session.script("ROLLBACK").catch(() => undefined);
    throw error;
  }
  await session.script("ANALYZE", 0);
}
