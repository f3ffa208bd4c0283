/**
 * Which log a database file needs, written into the file itself: without it a file whose log was lost, or that stands beside the
 * log of another, would open as an older state of itself.
 *
 * It is a row of `meta` that is never the same in the file and in its log. A checkpoint carries `needed` into the file, and right
 * after it the log gets `applied`. So the file says `applied` if and only if all of its log has come into it, which SQLite does
 * when a connection is closed, however that happens.
 */

import { randomBytes } from "node:crypto";
import { statSync } from "node:fs";
import type Database from "better-sqlite3";
import { StoreRefused } from "../../store-refused.ts";
import { readAt, withFile } from "./file-bytes.ts";
import { metaPage, metaTexts } from "./meta-page.ts";
import { readWalFile, type WalHeader, walMetas } from "./wal-file.ts";

/** What the file itself says of its log. */
interface WalMark extends Partial<WalHeader> {
  readonly state: "needed" | "applied";
  /** Another one with every start, and in every copy. */
  readonly name: string;
  /** In the first mark of a log: the name in the file that it was begun on. */
  readonly follows?: string;
  /** In the last mark before the connection was closed in order: another one with every close. */
  readonly closed?: string;
  /** When the file was closed in order, or copied, in milliseconds since 1970. */
  readonly atMs?: number;
}

/**
 * Refuses a database file and a log that do not belong together. It has to be called before SQLite has opened the file: that
 * would apply a strange log, or delete the one of a file that is missing.
 *
 * @param acceptMissing goes on with what is in the file if the log that it needs is not there or cannot be read
 * @throws StoreRefused
 */
export function refuseStrangeWal(path: string, acceptMissing: boolean): void {
  const walPath = `${path}-wal`;
  const wal = readWalFile(walPath);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined || size === 0) {
    if (wal.kind === "none") return;
    const what = size === 0 ? "is empty" : "is missing";
    throw new StoreRefused(
      `${path} ${what}, but ${walPath} is not: the two belong together, and the second holds what was stored last. ` +
        `Put the database file back where it was. To start with an empty one, move ${walPath} away first.`,
    );
  }
  const mark = readMark(path);
  if (mark === null) return;
  if (wal.kind === "wal") {
    const marks = walMetas(walPath).map(parseMark);
    // A file that was closed in order has all of its log, and goes on with another one. An older copy of that log would take it back.
    const isItsOwn = mark.closed === undefined ? isNext(wal, mark) : marks.some((each) => each?.closed === mark.closed);
    if (isItsOwn || marks.some((each) => each?.follows === mark.name)) return;
    throw new StoreRefused(
      `${walPath} is not the log of ${path}, but of another database or of an older copy: applied to this one it would damage ` +
        `it. Put the matching files together; for a database restored from a backup, move ${walPath} away.`,
    );
  }
  if (mark.state !== "needed" || acceptMissing) return;
  const what = wal.kind === "none" ? "is not there" : "is damaged";
  throw new StoreRefused(
    `${path} was not closed cleanly, and ${walPath}, which holds what was stored last, ${what}. Put it back beside the ` +
      "database. To start without it and lose its commits, start once with --accept-missing-wal.",
  );
}

/** Whether this is the log that the file was last written from: the same round, or the one that was begun after it. */
function isNext(wal: WalHeader, mark: WalMark): boolean {
  if (mark.lineage !== wal.lineage || mark.generation === undefined) return false;
  return wal.generation >= mark.generation && wal.generation <= mark.generation + 2;
}

/** When a file was closed in order, or copied from another; `null`: it does not say, since it was not, or an older version did it. */
export function closedAtMs(path: string): number | null {
  return readMark(path)?.atMs ?? null;
}

/** The mark in the file, not in its log; `null`: an older version wrote it, or it is no database of ours. */
function readMark(path: string): WalMark | null {
  return withFile(path, (file) => {
    const header = readAt(file, 0, 100);
    if (header.length < 100) return null;
    const pageBytes = header.readUInt16BE(16);
    return parseMark(metaTexts(readAt(file, (metaPage - 1) * pageBytes, pageBytes)));
  });
}

function parseMark(texts: ReadonlyMap<string, string>): WalMark | null {
  try {
    return JSON.parse(texts.get("wal") ?? "null") as WalMark | null;
  } catch {
    // A damaged page: SQLite says what is to be said of it.
    return null;
  }
}

/** The marks of an open database. */
export interface WalMarks {
  /** The first of all writes: it identifies a WAL that the file does not know yet. */
  begin(): void;
  /** Before a checkpoint. */
  needed(): void;
  /** After it. */
  applied(): void;
  /** Last of all writes, before the connection is closed in order. */
  closed(nowMs: number): void;
}

/** Creates the marks of a database, whose table `meta` may be created later. */
export function createWalMarks(db: Database.Database, path: string): WalMarks {
  const name = newName();

  function put(mark: WalMark): void {
    db.prepare(
      "INSERT INTO meta (name, value) VALUES ('wal', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    ).run(JSON.stringify(mark));
  }

  function which(): Partial<WalHeader> {
    const wal = readWalFile(`${path}-wal`);
    return wal.kind === "wal" ? { lineage: wal.lineage, generation: wal.generation } : {};
  }

  return {
    begin() {
      if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'meta'").get() === undefined) return;
      const text = db.prepare<[], string>("SELECT value FROM meta WHERE name = 'wal'").pluck().get();
      const before = text === undefined ? null : (JSON.parse(text) as WalMark);
      put({ state: "needed", name, ...which(), ...(before !== null && { follows: before.name }) });
    },
    needed: () => put({ state: "needed", name, ...which() }),
    applied: () => put({ state: "applied", name, ...which() }),
    closed: (atMs) => put({ state: "applied", name, closed: newName(), atMs, ...which() }),
  };
}

/** Makes a copy a database of its own, which no log of the original belongs to. @param atMs when it was copied */
export function renewIdentity(copy: Database.Database, atMs: number): void {
  const mark: WalMark = { state: "applied", name: newName(), atMs };
  copy.prepare("UPDATE meta SET value = ? WHERE name = 'wal'").run(JSON.stringify(mark));
}

function newName(): string {
  return randomBytes(12).toString("hex");
}
