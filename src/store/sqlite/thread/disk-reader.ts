import { statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type Database from "better-sqlite3";
import type { FileMeasures } from "../../measures.ts";
import type { ReserveFile } from "../file/reserve-file.ts";
import type { DiskReading } from "./disk-room.ts";

/** Creates a reader of the disk of an open database. A read takes 3 µs. */
export function createDiskReader(db: Database.Database, path: string): () => DiskReading {
  const directory = dirname(path);
  const selectReusable = db.prepare<[], number>("PRAGMA freelist_count").pluck();
  const pageBytes = Number(db.pragma("page_size", { simple: true }));

  function freeBytes(): number {
    try {
      const { bavail, bsize } = statfsSync(directory);
      return bavail * bsize;
    } catch {
      // A file system that does not tell is left to say itself when it is full.
      return Number.POSITIVE_INFINITY;
    }
  }

  return () => ({ freeBytes: freeBytes(), reusableBytes: (selectReusable.get() ?? 0) * pageBytes });
}

/** What the files of a database take. */
export function fileMeasures(path: string, { heldBytes }: ReserveFile, { freeBytes }: DiskReading): FileMeasures {
  return {
    databaseBytes: sizeOf(path),
    walBytes: sizeOf(`${path}-wal`),
    freeBytes: Number.isFinite(freeBytes) ? freeBytes : null,
    reserveBytes: heldBytes,
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
