import { onAbort } from "../../../async/signals.ts";
import { backupRunning, noRoomForBackup } from "../../../domain/refusals/server.ts";
import type { CheckedCopy } from "../../store.ts";
import { verifyBackup } from "./backup.ts";
import type { BackupFailure, Request } from "./thread-messages.ts";

/**
 * Copies the database to a new file while it is in use, and checks the copy. Rejects as `Store.backup` does.
 *
 * @param onProgress how many pages are copied, and of how many
 */
export type CopyTo = (
  path: string,
  onProgress: (copiedPages: number, totalPages: number) => void,
  signal?: AbortSignal,
) => Promise<CheckedCopy>;

/** The backups of a store, as its callers see them: one at a time. */
export interface BackupCalls {
  readonly copyTo: CopyTo;
  /** The thread tells how far it is. */
  progress(copiedPages: number, totalPages: number): void;
  /** The thread is done, or gone. */
  done(failure: BackupFailure | null): void;
}

/**
 * Calls over the engine's thread.
 *
 * @param mayBegin throws if the store takes no calls any more
 */
export function createBackupCalls(say: (request: Request) => void, mayBegin: () => void): BackupCalls {
  let running: Parameters<CopyTo>[1] | null = null;
  let end: (failure: BackupFailure | null) => void = () => undefined;

  async function copy(path: string, signal: AbortSignal | undefined): Promise<void> {
    const release = onAbort(signal, () => say({ kind: "stop_backup" }));
    const failure = await new Promise<BackupFailure | null>((resolve) => {
      end = resolve;
      say({ kind: "backup", path });
    });
    release();
    signal?.throwIfAborted();
    if (failure?.kind === "no_room") throw noRoomForBackup(failure.neededBytes);
    if (failure !== null)
      throw new Error(`backup to ${path}: ${failure.kind === "failed" ? failure.message : "stopped"}`);
  }

  return {
    async copyTo(path, onProgress, signal) {
      mayBegin();
      signal?.throwIfAborted();
      if (running !== null) throw backupRunning();
      running = onProgress;
      try {
        await copy(path, signal);
      } finally {
        running = null;
      }
      return verifyBackup(path, signal);
    },
    progress: (copied, total) => running?.(copied, total),
    done: (failure) => end(failure),
  };
}
