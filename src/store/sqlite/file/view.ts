/**
 * Opens a file to be looked at: not a byte of it is written, nor of what is beside it, and there is nothing left of the view.
 *
 * A backup is one whole file without a log (`backup-check-thread.ts` sees to it), which SQLite reads in place, however large it is. A
 * file that a server has left was in WAL mode, and SQLite makes a log beside such a file even to read it. It is read by a second name of
 * it in a directory of the view's own, with a copy of its log if it has one; where a second name cannot be made, as on another file system, from a
 * copy. Its `immutable=1` would do too, but better-sqlite3 is built without URIs, and it takes no lock: a server that starts meanwhile
 * would change the file below the reader.
 */

import {
  accessSync,
  chmodSync,
  constants,
  copyFileSync,
  linkSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import Database from "better-sqlite3";
import { StoreRefused } from "../../store-refused.ts";
import { isOwn, openDatabase, refuseOldSqlite } from "./database.ts";
import { readAt, withFile } from "./file-bytes.ts";
import { refusalOf } from "./file-errors.ts";
import { prepareMigration } from "./migrate.ts";
import { closedAtMs, refuseStrangeWal } from "./wal-mark.ts";

/** A file that is looked at. */
export interface View {
  readonly db: Database.Database;
  /** Until when it shows what happened, in milliseconds since 1970. */
  readonly asOfMs: number;
}

/** The name of the file in a directory of the view's own. */
const viewName = "view.db";

/**
 * Opens a database file to be looked at. A server cannot open it meanwhile. One of an older schema is copied, and the copy brought up
 * to date.
 *
 * @throws StoreRefused with what to do
 */
export function openView(path: string): View {
  try {
    const file = existing(path);
    // Before SQLite opens the file: a process loses its locks on it when it closes any of its descriptors (fcntl(2)).
    refuseStrangeWal(file, false);
    const asOfMs = closedAtMs(file) ?? lastWrittenMs(file);
    const hasLog = sizeOf(`${file}-wal`) > 0;
    const db = !hasLog && !isInWalMode(file) ? openInPlace(file, path) : openAside(file, path);
    if (prepared(db, path) === null) return { db, asOfMs };
    try {
      return { db: openMigrated(file, path), asOfMs };
    } finally {
      db.close();
    }
  } catch (error) {
    throw refusalOf(error, path);
  }
}

/** The file itself, whatever links lead to it. @throws StoreRefused if there is none with content that can be read */
function existing(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) throw new StoreRefused(`${path}: there is no such file.`);
  if (!found.isFile()) throw new StoreRefused(`${path}: this is not a file. Name another one.`);
  if (found.size === 0) throw new StoreRefused(`${path}: the file is empty.`);
  try {
    accessSync(path, constants.R_OK);
  } catch (cause) {
    throw new StoreRefused(`${path}: it cannot be read: this user may not. Give it the right.`, { cause });
  }
  return realpathSync(path);
}

/** What the header says (https://sqlite.org/fileformat2.html#file_format_version_numbers). */
function isInWalMode(file: string): boolean {
  return withFile(file, (descriptor) => readAt(descriptor, 18, 2))?.includes(2) === true;
}

/** When a file or its log was last written. */
function lastWrittenMs(file: string): number {
  const times = [file, `${file}-wal`].map((each) => statSync(each, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  return Math.floor(Math.max(...times));
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

/** @param named as its user has named it */
function openInPlace(file: string, named: string): Database.Database {
  const db = openReadOnly(file, named);
  // The lock stays: no server writes into what is shown.
  db.pragma("locking_mode = EXCLUSIVE");
  db.prepare("SELECT count(*) FROM sqlite_schema").get();
  return db;
}

/** Opens a file, with its log, by another name. */
function openAside(file: string, named: string): Database.Database {
  return inDirectory(file, (directory) => {
    const aside = join(directory, viewName);
    linkOrCopy(file, aside);
    copyLog(file, aside);
    return openReadOnly(aside, named);
  });
}

/** Opens a copy of a file that was brought up to date. */
function openMigrated(file: string, named: string): Database.Database {
  return inDirectory(file, (directory) => {
    const copy = join(directory, viewName);
    copyFileSync(file, copy, constants.COPYFILE_FICLONE);
    chmodSync(copy, 0o600);
    copyLog(file, copy);
    const { db, guard } = openDatabase(copy, "normal");
    db.close();
    guard.close();
    return openReadOnly(copy, named);
  });
}

/** Opens a database in a directory that is gone when it is open: beside the file, or where temporary files belong if none can be made there. */
function inDirectory(file: string, open: (directory: string) => Database.Database): Database.Database {
  const directory = makeDirectory(file);
  try {
    return open(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function makeDirectory(file: string): string {
  try {
    return mkdtempSync(join(dirname(file), `.${basename(file)}-view-`));
  } catch {
    // The directory, or the whole file system, may not be written.
    return mkdtempSync(join(tmpdir(), "sitq-view-"));
  }
}

/** A copy is as good as a second name if no server has the file open: one that has shows itself by its log. */
function linkOrCopy(file: string, to: string): void {
  try {
    linkSync(file, to);
  } catch (cause) {
    if (sizeOf(`${file}-wal`) > 0) {
      const text = `${file}: a server has it open, or has not closed it cleanly, and it cannot be shown where it is`;
      throw new StoreRefused(`${text}. Stop the server, copy it with ${file}-wal, and name the copy.`, { cause });
    }
    copyFileSync(file, to, constants.COPYFILE_FICLONE);
  }
}

function copyLog(file: string, to: string): void {
  if (sizeOf(`${file}-wal`) > 0) copyFileSync(`${file}-wal`, `${to}-wal`);
}

/** Opens a database of ours. */
function openReadOnly(file: string, named: string): Database.Database {
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 0 });
  try {
    refuseOldSqlite(db);
    if (!isOwn(db, named)) throw new StoreRefused(`${named}: the database is empty.`);
    db.pragma("cache_size = -8192");
    db.pragma("temp_store = MEMORY");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** See prepareMigration. It closes a database that is refused. */
function prepared(db: Database.Database, named: string): ReturnType<typeof prepareMigration> {
  try {
    return prepareMigration(db, named);
  } catch (error) {
    db.close();
    throw error;
  }
}
