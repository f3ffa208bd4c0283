import { closeSync, openSync, rmSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import type Database from "better-sqlite3";
import type { BackupFailure } from "./thread-messages.ts";

/** A copy that is under way. */
export interface DatabaseCopy {
  /** Fulfilled when the copy is whole, or given up and removed. */
  readonly ended: Promise<BackupFailure | null>;
  /** Gives it up before its next batch of pages. */
  stop(): void;
}

/** How many pages are copied before the queue goes on. */
const batchPages = 256;

/** Copies an open database to a new file, in batches between which it is used. */
export function copyDatabase(
  db: Database.Database,
  path: string,
  onProgress: (copiedPages: number, totalPages: number) => void,
): DatabaseCopy {
  let isStopped = false;
  const neededBytes =
    Number(db.pragma("page_count", { simple: true })) * Number(db.pragma("page_size", { simple: true }));

  async function copy(): Promise<BackupFailure | null> {
    try {
      if (roomFor(path) < neededBytes) return { kind: "no_room", neededBytes };
      closeSync(openSync(path, "wx", 0o600));
    } catch (error) {
      return failureOf(error, neededBytes);
    }
    try {
      await db.backup(path, {
        progress({ totalPages, remainingPages }) {
          if (isStopped) throw new Error("given up");
          onProgress(totalPages - remainingPages, totalPages);
          return batchPages;
        },
      });
      return null;
    } catch (error) {
      rmSync(path, { force: true });
      return isStopped ? { kind: "stopped" } : failureOf(error, neededBytes);
    }
  }

  return {
    ended: copy(),
    stop() {
      isStopped = true;
    },
  };
}

function roomFor(path: string): number {
  const { bavail, bsize } = statfsSync(dirname(path));
  return bavail * bsize;
}

function failureOf(error: unknown, neededBytes: number): BackupFailure {
  const code = error instanceof Error && "code" in error ? error.code : null;
  if (code === "SQLITE_FULL" || code === "ENOSPC") return { kind: "no_room", neededBytes };
  return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
}
