import { randomBytes } from "node:crypto";
import { type FileHandle, link, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { CommandFailure } from "../command/command-failure.ts";
import { exitCodes } from "../command/exit-codes.ts";
import { systemErrorText } from "../terminal/printable.ts";

/** A file that has a name of its own, beside its place, until it is complete. Every failure is a CommandFailure. */
export interface NewFile {
  /** Another file is in its place. */
  readonly replaces: boolean;
  write(bytes: Uint8Array): Promise<void>;
  /** Gives it its name, once it is on the disk. */
  finish(): Promise<void>;
  /** Leaves nothing behind of a file that is not finished. Idempotent, and legal afterwards. */
  discard(): Promise<void>;
}

/** The hint of a command that replaces a file with `--force`. */
export const forceHint = "Name another file, or replace it with --force.";

/** What happens where the place of a new file is taken. */
export interface NewFileOptions {
  /** It takes the place of the other one. Default false. */
  readonly replace?: boolean;
  /** What to do otherwise, in one line. Default: to name another file. */
  readonly hint?: string;
}

/**
 * Begins a file that only this user can read.
 *
 * @throws CommandFailure with `refused` if the place is taken
 */
export async function createNewFile(path: string, options: NewFileOptions = {}): Promise<NewFile> {
  const { replace = false, hint = "Name another file." } = options;
  const replaces = await isTaken(path);
  if (replaces && !replace) throw taken(path, hint);
  const partial = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}.partial`);
  const told = <T>(act: () => Promise<T>) => inWordsOf(path, hint, act);
  const handle = await told(() => open(partial, "wx", 0o600));
  return {
    replaces,
    write: (bytes) => told(() => handle.writeFile(bytes)),
    finish: () => told(() => finish(handle, partial, path, replace)),
    async discard() {
      await handle.close();
      await rm(partial, { force: true });
    },
  };
}

async function finish(handle: FileHandle, partial: string, path: string, replace: boolean): Promise<void> {
  await handle.sync();
  await handle.close();
  // A link, unlike a rename, does not replace a file that was created there meanwhile.
  if (replace) await rename(partial, path);
  else await link(partial, path);
  const directory = await open(dirname(path));
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function isTaken(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw unwritable(path, error);
  }
}

/** The system's error, with the requested file's name. */
async function inWordsOf<T>(path: string, hint: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw codeOf(error) === "EEXIST" ? taken(path, hint) : unwritable(path, error);
  }
}

function unwritable(path: string, cause: unknown): CommandFailure {
  return new CommandFailure(`cannot write ${path}: ${systemErrorText(cause)}`, { cause });
}

function taken(path: string, hint: string): CommandFailure {
  return new CommandFailure(`${path} already exists`, { exitCode: exitCodes.refused, hint });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
