import { createReadStream, readdirSync, rmSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { noRoomForBackup } from "../../domain/refusals/server.ts";
import type { Backup, CheckedCopy } from "../store.ts";

const chunkBytes = 262_144;

/**
 * Makes a copy of a database to be read and removed again. It stands beside the file of the database, in a directory of its own.
 *
 * @param copyTo copies the database to a new file
 */
export async function createBackup(
  databasePath: string,
  copyTo: (path: string) => Promise<CheckedCopy>,
): Promise<Backup> {
  const directory = await mkdtemp(join(dirname(databasePath), prefixOf(databasePath))).catch((error: unknown) => {
    throw isDiskFull(error) ? noRoomForBackup(null) : error;
  });
  const remove = () => rm(directory, { recursive: true, force: true });
  const path = join(directory, "copy.db");
  try {
    const { taskCount, damages } = await copyTo(path);
    const { size: sizeBytes } = await stat(path);
    const chunks = (signal: AbortSignal) => createReadStream(path, { highWaterMark: chunkBytes, signal });
    return { taskCount, damages, sizeBytes, chunks, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Removes the copies that an earlier process left behind when it ended. */
export function removeLeftOverBackups(databasePath: string): void {
  const directory = dirname(databasePath);
  try {
    for (const name of readdirSync(directory)) {
      if (name.startsWith(prefixOf(databasePath))) rmSync(join(directory, name), { recursive: true, force: true });
    }
  } catch {
    // A directory that this user cannot list, or a copy that it cannot remove, is no reason not to serve.
  }
}

/** The name tells whose they are: another server may have its file in the same directory. */
function prefixOf(databasePath: string): string {
  return `.${basename(databasePath)}-backup-`;
}

function isDiskFull(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOSPC";
}
