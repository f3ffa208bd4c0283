import { accessSync, closeSync, constants, existsSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { StoreRefused } from "../../store-refused.ts";
import { type Checkpoints, createCheckpoints } from "./checkpoints.ts";
import { isDiskFull, refusalOf } from "./file-errors.ts";
import { createFileGuard, type FileGuard } from "./file-guard.ts";
import { prepareMigration } from "./migrate.ts";
import { createWalMarks, refuseStrangeWal } from "./wal-mark.ts";

/** How much a commit waits for: `full` for the disk, `normal` loses the last commits at a power cut. */
export type Synchronous = "full" | "normal";

/** "sitq" in ASCII: tells our files from other people's. */
const applicationId = 0x73697471;
/** Older ones can corrupt the file when the WAL is reset (SQLite's notes on 3.51.3). */
const oldestSqlite = [3, 51, 3] as const;

/** An open database, and what is to be said of its file. */
export interface OpenedDatabase {
  readonly db: Database.Database;
  readonly checkpoints: Checkpoints;
  /** To be closed after `db`. */
  readonly guard: FileGuard;
  readonly file: FileFacts;
}

/** What the operator should know of a file that was opened. */
export interface FileFacts {
  /** There was none. */
  readonly isNew: boolean;
  /** Its permissions if others than its owner have some, in octal; `null`: none have. */
  readonly openMode: string | null;
}

/** How a file is opened. */
export interface OpenOptions {
  /** See refuseStrangeWal. Default false. */
  readonly acceptMissingWal?: boolean;
  /** Frees room on a full disk; false if there is none to free. */
  readonly makeRoom?: () => boolean;
}

/**
 * Opens the database file, makes it if there is none, and brings its schema up to date.
 *
 * The connection holds the file exclusively until it is closed or its process dies: no second server, and no stranger whose
 * lock would hold up a commit. It keeps the log's index in its own memory: no file beside the two is needed.
 *
 * Statements on the hot path hide what is bound from the planner, as `+?` and `LIMIT ? + 0`: a value that the planner may have
 * looked at, to see whether a partial index fits or how far a limit goes, has the statement compiled afresh with every other
 * binding, which costs a claim 40 µs instead of 5.
 *
 * @throws StoreRefused with what to do
 */
export function openDatabase(path: string, synchronous: Synchronous, options: OpenOptions = {}): OpenedDatabase {
  const { acceptMissingWal = false, makeRoom = () => false } = options;
  let db: Database.Database | undefined;
  let guard: FileGuard | undefined;
  try {
    refuseStrangeWal(path, acceptMissingWal);
    const file = createPrivately(path);
    db = new Database(path, { timeout: 0 });
    // Before any statement: the first one opens the log, and in another mode with a file for its index.
    db.pragma("locking_mode = EXCLUSIVE");
    refuseOldSqlite(db);
    refuseForeign(db, path);
    db.pragma("journal_mode = WAL");
    db.pragma(`synchronous = ${synchronous}`);
    // No larger: a commit in which a page was split walks through the whole cache, at 32 MB a tenth of all that a drain costs.
    db.pragma("cache_size = -8192");
    db.pragma("temp_store = MEMORY");
    db.pragma("wal_autocheckpoint = 0");
    db.pragma("journal_size_limit = 67108864");
    const migrate = prepareMigration(db, path);
    const marks = createWalMarks(db, path);
    marks.begin();
    migrate?.();
    assertSynchronous(db, synchronous);
    guard = createFileGuard(path);
    const checkpoints = createCheckpoints(db, marks, guard, makeRoom);
    checkpoints.run();
    return { db, checkpoints, guard, file };
  } catch (error) {
    db?.close();
    guard?.close();
    if (isDiskFull(error, path) && makeRoom()) return openDatabase(path, synchronous, options);
    throw refusalOf(error, path);
  }
}

/** Payloads are private; SQLite gives the WAL the mode of its database file. */
function createPrivately(path: string): FileFacts {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined) {
    accessSync(path, constants.R_OK | constants.W_OK);
    const mode = found.mode & 0o777;
    return { isNew: found.size === 0, openMode: (mode & 0o077) === 0 ? null : mode.toString(8) };
  }
  if (!existsSync(dirname(path))) {
    throw new StoreRefused(`${path}: its directory does not exist. Create it, or name another file with --db.`);
  }
  closeSync(openSync(path, "a", 0o600));
  return { isNew: true, openMode: null };
}

/** Refuses a SQLite that cannot be trusted with a file. @throws StoreRefused */
export function refuseOldSqlite(db: Database.Database): void {
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
  if (isOwn(db, path)) return;
  db.pragma(`application_id = ${applicationId}`);
}

/** Whether a database is one of ours; false: it is empty. @throws StoreRefused if it is another program's */
export function isOwn(db: Database.Database, path: string): boolean {
  // The first read takes the lock, and finds a file that is not a database.
  const isEmpty = db.prepare("SELECT count(*) FROM sqlite_schema").pluck().get() === 0;
  if (db.pragma("application_id", { simple: true }) === applicationId) return true;
  if (!isEmpty) throw new StoreRefused(`${path} is the database of another program. Name another file.`);
  return false;
}

/**
 * better-sqlite3 sets NORMAL by itself in some states of a connection, and then a power cut loses acknowledged commits: ask
 * after a write, when it counts.
 */
function assertSynchronous(db: Database.Database, wanted: Synchronous): void {
  db.exec("UPDATE meta SET value = value WHERE name = 'last_task_id'");
  const actual = db.pragma("synchronous", { simple: true });
  if (actual !== { full: 2, normal: 1 }[wanted]) {
    throw new StoreRefused(`SQLite runs with synchronous=${actual}, not ${wanted}; refusing to acknowledge writes.`);
  }
}
