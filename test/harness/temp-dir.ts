import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory of a test's own. `await using dir = await createTempDir()` removes it at the end of the block. */
export interface TempDir extends AsyncDisposable {
  readonly path: string;
  /** The path of a file in it; makes nothing. */
  file(name: string): string;
  /** Removes it with everything in it. Idempotent. */
  remove(): Promise<void>;
}

/** Makes an empty directory that only this user can read. */
export async function createTempDir(): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), "sitq-test-"));
  const remove = () => rm(path, { recursive: true, force: true });
  return { path, file: (name) => join(path, name), remove, [Symbol.asyncDispose]: remove };
}
