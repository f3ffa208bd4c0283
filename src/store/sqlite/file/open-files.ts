import { statSync } from "node:fs";
import { resolve } from "node:path";
import { StoreRefused } from "../../store-refused.ts";

/** What this process has open: by path for a file that is still to be made, by inode for one that is there. */
const openFiles = new Set<string>();

/**
 * Refuses a file that this process has open already, before anything opens it a second time: a process loses its locks on a
 * file when it closes any of its descriptors (fcntl(2)), so that merely looking into the file would let others in.
 *
 * @returns gives the file up
 * @throws StoreRefused
 */
export function claimFile(path: string): () => void {
  const names = [resolve(path), ...inodeOf(path)];
  if (names.some((name) => openFiles.has(name))) {
    throw new StoreRefused(`${path}: already open in this process, in another store. Close it, or name another file.`);
  }
  for (const name of names) openFiles.add(name);
  return () => {
    for (const name of names) openFiles.delete(name);
  };
}

function inodeOf(path: string): string[] {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? [] : [`${found.dev}:${found.ino}`];
}
