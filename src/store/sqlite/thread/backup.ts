import { Worker } from "node:worker_threads";
import { onAbort } from "../../../async/signals.ts";
import { noRoomForBackup, unusableBackup } from "../../../domain/refusals/server.ts";
import type { CheckedCopy } from "../../store.ts";

/** What a check of a copy found. */
export type BackupCheck =
  | CheckedCopy
  | { readonly unusable: readonly string[] }
  | { readonly error: string }
  | { readonly noRoomFor: number };

/**
 * Reads a whole copy of the database and checks it, on a thread of its own: it takes seconds, and nothing else waits for it. A row
 * that is damaged is named and copied as it is: all else in the copy is good, and a copy is needed most when damage is found.
 *
 * @throws if no server could be started with the copy, there is no room to tidy it up, or the signal is aborted
 */
export async function verifyBackup(path: string, signal?: AbortSignal): Promise<CheckedCopy> {
  const program = import.meta.url.endsWith(".ts") ? "./backup-check-thread.ts" : "./backup-check-thread.js";
  const worker = new Worker(new URL(program, import.meta.url), { workerData: path });
  const release = onAbort(signal, () => void worker.terminate());
  const check = await new Promise<BackupCheck>((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("the check of the copy was broken off")));
  }).finally(() => {
    release();
    signal?.throwIfAborted();
  });
  if ("noRoomFor" in check) throw noRoomForBackup(check.noRoomFor);
  if ("unusable" in check) throw unusableBackup(check.unusable);
  if ("error" in check) throw new Error(`the copy at ${path} cannot be checked: ${check.error}`);
  return check;
}
