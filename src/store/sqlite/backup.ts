import { Worker } from "node:worker_threads";

/** What a check of a copy found. */
export type BackupCheck = { readonly taskCount: number } | { readonly error: string };

/**
 * Reads a whole copy of the database and checks that it is sound, on a thread of its own: it takes seconds, and nobody waits
 * for it.
 *
 * @throws if the copy is not sound
 */
export async function verifyBackup(path: string): Promise<{ taskCount: number }> {
  const file = import.meta.url.endsWith(".ts") ? "./backup-check-thread.ts" : "./backup-check-thread.js";
  const worker = new Worker(new URL(file, import.meta.url), { workerData: path });
  const check = await new Promise<BackupCheck>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  if ("error" in check) throw new Error(`the copy at ${path} is not sound: ${check.error}`);
  return check;
}
