import { closeSync, fstatSync, openSync, renameSync, statSync } from "node:fs";
import type Database from "better-sqlite3";
import { readAt } from "./file-bytes.ts";
import { readWalFile } from "./wal-file.ts";

/** Watches the files of an open database: what is written to a file that is not its own any more is not there after a restart. */
export interface FileGuard {
  /** Looks whether both files still have their names and hold what this process wrote; answers what is wrong, or `null`. */
  look(): string | null;
  /** After each write into the database file: what it holds now is its own. */
  wrote(): void;
  /**
   * Closes the connection without the checkpoint that closing makes, as the end of the thread would too: it would write into a file
   * that is not its own any more, or pages from a log that was not synced, and remove that log.
   */
  abandon(db: Database.Database): void;
  /** Not before the connection is closed: a process loses its locks on a file when it closes any of its descriptors (fcntl(2)). */
  close(): void;
}

/** The first two pages: the header, and what the file says of its log, which no other database and no copy has. */
const comparedBytes = 8_192;

/** Guards a database at `path` and its log, which both exist. */
export function createFileGuard(path: string): FileGuard {
  const walPath = `${path}-wal`;
  const watched = [path, walPath].map((name) => ({ name, identity: identityOf(name) }));
  const file = openSync(path, "r");
  const log = readWalFile(walPath);
  let own = snapshot();

  function snapshot() {
    const { size, mtimeNs } = fstatSync(file, { bigint: true });
    return { size, mtimeNs, start: readAt(file, 0, comparedBytes) };
  }

  /** A cp over the file writes into it: the name stays. A new time alone, as touch(1) sets it, says nothing. */
  function isDatabaseOwn(): boolean {
    const { size, mtimeNs } = fstatSync(file, { bigint: true });
    if (size === own.size && mtimeNs === own.mtimeNs) return true;
    const now = snapshot();
    if (now.size !== own.size || !now.start.equals(own.start)) return false;
    own = now;
    return true;
  }

  function isLogOwn(): boolean {
    if (log.kind !== "wal") return true;
    const now = readWalFile(walPath);
    return now.kind === "wal" && now.lineage === log.lineage && now.generation >= log.generation;
  }

  return {
    look() {
      const missing = watched.find(({ name, identity }) => identityOf(name) !== identity);
      if (missing !== undefined) {
        return (
          `${missing.name} was moved, replaced or deleted while the server had it open: what is written is not in it any more. ` +
          "Put the files back as they were before you start again; what was answered is in them"
        );
      }
      const overwritten = isDatabaseOwn() ? (isLogOwn() ? null : walPath) : path;
      if (overwritten === null) return null;
      return (
        `${overwritten} was overwritten or cut by another program while the server had it open. Keep both files as they are, ` +
        "and restore a backup; stop the server before a file is put in the place of its own"
      );
    },
    wrote() {
      own = snapshot();
    },
    abandon(db) {
      // SQLite makes no checkpoint in a file that has lost its name (SQLITE_FCNTL_HAS_MOVED).
      if (identityOf(path) !== watched[0]?.identity) return;
      const aside = `${path}-aside`;
      try {
        renameSync(path, aside);
      } catch {
        // A disk on which nothing can be renamed takes no checkpoint either.
        return;
      }
      try {
        db.close();
      } finally {
        renameSync(aside, path);
      }
    },
    close: () => closeSync(file),
  };
}

function identityOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? "none" : `${found.dev}:${found.ino}`;
}
