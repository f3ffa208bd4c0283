import { closeSync, existsSync, openSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { StoreRefused } from "../store-refused.ts";
import { migrate } from "./migrate.ts";

/** How much a commit waits for: `full` for the disk, `normal` loses the last commits at a power cut. */
export type Synchronous = "full" | "normal";

/** "sitq" in ASCII: tells our files from other people's. */
const applicationId = 0x73697471;
/** Older ones can corrupt the file when the WAL is reset (SQLite's notes on 3.51.3). */
const oldestSqlite = [3, 51, 3] as const;

/**
 * Opens the database file, makes it if there is none, and brings its schema up to date.
 *
 * The connection holds the file exclusively until it is closed or its process dies: no second server, and no stranger whose
 * lock would hold up a commit.
 *
 * Statements on the hot path hide what is bound from the planner, as `+?` and `LIMIT ? + 0`: a value that the planner may have
 * looked at, to see whether a partial index fits or how far a limit goes, has the statement compiled afresh with every other
 * binding, which costs a claim 40 µs instead of 5.
 *
 * @throws StoreRefused with what to do
 */
export function openDatabase(path: string, synchronous: Synchronous): Database.Database {
  createPrivately(path);
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { timeout: 0 });
    refuseOldSqlite(db);
    db.pragma("locking_mode = EXCLUSIVE");
    refuseForeign(db, path);
    db.pragma("journal_mode = WAL");
    db.pragma(`synchronous = ${synchronous}`);
    // No larger: a commit in which a page was split walks through the whole cache, at 32 MB a tenth of all that a drain costs.
    db.pragma("cache_size = -8192");
    db.pragma("temp_store = MEMORY");
    db.pragma("wal_autocheckpoint = 4000");
    db.pragma("journal_size_limit = 67108864");
    migrate(db, path);
    assertSynchronous(db, synchronous);
    return db;
  } catch (error) {
    db?.close();
    throw error instanceof StoreRefused ? error : refusalOf(error, path);
  }
}

/** Payloads are nobody else's business; SQLite gives the WAL the mode of the file that it belongs to. */
function createPrivately(path: string): void {
  if (existsSync(path)) return;
  if (!existsSync(dirname(path))) {
    throw new StoreRefused(`${path}: its directory does not exist. Create it, or name another file with --db.`);
  }
  try {
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw refusalOf(error, path);
  }
}

function refuseOldSqlite(db: Database.Database): void {
  const version = String(db.prepare("SELECT sqlite_version()").pluck().get());
  const parts = version.split(".").map(Number);
  const difference = oldestSqlite.map((part, index) => (parts[index] ?? 0) - part).find((by) => by !== 0) ?? 0;
  if (difference < 0) {
    throw new StoreRefused(
      `SQLite ${version} can corrupt its file; ${oldestSqlite.join(".")} or newer is needed. Reinstall with: npm ci`,
    );
  }
}

function refuseForeign(db: Database.Database, path: string): void {
  // The first read takes the lock, and finds a file that is not a database.
  const isEmpty = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0;
  const found = db.pragma("application_id", { simple: true });
  if (found === applicationId) return;
  if (!isEmpty) {
    throw new StoreRefused(`${path} is the database of another program. Name another file with --db.`);
  }
  db.pragma(`application_id = ${applicationId}`);
}

/**
 * better-sqlite3 sets NORMAL by itself in some states of a connection, and then a power cut loses acknowledged commits: ask
 * after a write, when it counts.
 */
function assertSynchronous(db: Database.Database, wanted: Synchronous): void {
  db.exec("UPDATE meta SET value = value WHERE name = 'last_task_id'");
  const actual = db.pragma("synchronous", { simple: true });
  if (actual !== { full: 2, normal: 1 }[wanted]) {
    throw new StoreRefused(`SQLite runs with synchronous=${actual}, not ${wanted}; refusing to acknowledge anything.`);
  }
}

function refusalOf(error: unknown, path: string): Error {
  if (!(error instanceof Error)) return new StoreRefused(`${path}: ${String(error)}`);
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const advice = adviceByCode.find(([prefix]) => code.startsWith(prefix))?.[1];
  return advice === undefined ? error : new StoreRefused(`${path}: ${advice} (${code}: ${error.message})`);
}

const adviceByCode: readonly (readonly [prefix: string, advice: string])[] = [
  ["SQLITE_BUSY", "another process has it open, most likely another sitq server. Stop that one, or name another file."],
  ["SQLITE_NOTADB", "this is not a SQLite database. Restore it from a backup, or name another file."],
  ["SQLITE_CORRUPT", "the database is damaged. Restore it from a backup."],
  ["SQLITE_READONLY", "the database cannot be written. Give this user the right to write the file and its directory."],
  ["SQLITE_CANTOPEN", "the database cannot be opened. Check that it is a file and that this user may write it."],
  ["SQLITE_FULL", "the disk is full. Make room first."],
  ["SQLITE_IOERR", "the disk answers with errors. Check the machine before you go on."],
  ["EACCES", "this user may not write here. Give it the right, or name another file."],
  ["EROFS", "the file system is read-only. Name a file on another one."],
  ["ENOSPC", "the disk is full. Make room first."],
];
