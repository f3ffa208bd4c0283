/** What an error of SQLite or of the system says of the database file, in words that say what to do. */

import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import { StoreRefused } from "../../store-refused.ts";

/** The refusal of a file at the start, with what to do; an error that says nothing of the file stays itself. */
export function refusalOf(error: unknown, path: string): Error {
  if (error instanceof StoreRefused) return error;
  if (!(error instanceof Error)) return new StoreRefused(`${path}: ${String(error)}`);
  const advice = adviceOf(error, path) ?? startAdvice(error);
  return advice === null ? error : new StoreRefused(explained(error, path, advice));
}

/** Why the storage failed while it was in use, with what to do as far as that is known. */
export function failureText(error: unknown, path: string): string {
  if (!(error instanceof Error)) return String(error);
  const advice = adviceOf(error, path);
  return advice === null ? error.message : explained(error, path, advice);
}

/** What only a damaged file does at the start: the statements are the same for each file, and so is the form of what they read. */
function startAdvice(error: Error): string | null {
  // A column that holds no JSON where it should.
  if (error instanceof SyntaxError) return damagedAdvice;
  return codeOf(error) === "SQLITE_ERROR" ? `its schema is not the one that sitq made: ${damagedAdvice}` : null;
}

function adviceOf(error: Error, path: string): string | null {
  if (isDiskFull(error, path)) return diskFullAdvice;
  const code = codeOf(error);
  return adviceByCode.find(([prefix]) => code.startsWith(prefix))?.[1] ?? null;
}

function explained(error: Error, path: string, advice: string): string {
  const code = codeOf(error);
  return `${path}: ${advice} (${code === "" ? "" : `${code}: `}${error.message})`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

const damagedAdvice =
  "the database is damaged. Keep the file for a look at it, and restore the last backup: put the file that `sitq backup` wrote " +
  "in its place, remove the -wal file beside it, and start again.";
const diskFullAdvice = "the disk is full. Make room first.";
/** Too little for a commit. */
const noRoomBytes = 65_536;

/** Whether an error means a full disk; SQLite tells some of them as I/O errors. */
export function isDiskFull(error: unknown, path: string): boolean {
  const code = codeOf(error);
  return code === "ENOSPC" || code === "SQLITE_FULL" || (code.startsWith("SQLITE_") && hasNoRoom(path));
}

function hasNoRoom(path: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(dirname(path));
    return bavail * bsize < noRoomBytes;
  } catch {
    // Then the error says it alone.
    return false;
  }
}

const adviceByCode: readonly (readonly [prefix: string, advice: string])[] = [
  ["SQLITE_BUSY", "another process has it open, most likely another sitq server. Stop that one, or name another file."],
  ["SQLITE_NOTADB", `this is not a SQLite database. Name another file; or, where it was one, ${damagedAdvice}`],
  ["SQLITE_CORRUPT", damagedAdvice],
  ["SQLITE_READONLY", "the database cannot be written. Give this user the right to write the file and its directory."],
  ["SQLITE_CANTOPEN", "the database cannot be opened. Check that it is a file and that this user may write it."],
  ["SQLITE_IOERR", "the disk answers with errors. Check the machine before you go on."],
  ["EISDIR", "this is a directory. Name another file."],
  ["ENOTDIR", "what should be its directory is a file. Name another file."],
  ["EACCES", "it cannot be written: this user may not write here. Give it the right, or name another file."],
  ["EROFS", "the file system is read-only. Name a file on another one."],
];
