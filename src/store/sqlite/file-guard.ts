import { statSync } from "node:fs";

/**
 * Watches whether the files that are open still have their names. What is written to a file that was moved, replaced or deleted
 * is not there after a restart.
 *
 * @param paths files that exist
 * @returns looks, and answers which one is not there any more; `null`: all of them are
 */
export function createFileGuard(paths: readonly string[]): () => string | null {
  const watched = paths.map((path) => ({ path, identity: identityOf(path) }));
  return () => watched.find(({ path, identity }) => identityOf(path) !== identity)?.path ?? null;
}

function identityOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? "none" : `${found.dev}:${found.ino}`;
}
