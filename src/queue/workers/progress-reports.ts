import type { Clock } from "../../domain/clock.ts";
import type { Retries } from "../../domain/retries.ts";
import type { Store } from "../../store/store.ts";
import type { LeaseUpdate } from "../../store/task-store.ts";
import type { ReportedProgress } from "./worker-channel.ts";

/** Stores how far the tasks of one stream are. Of each task only the newest report counts. */
export interface ProgressReports {
  /** Answers after the first try; what it does not store is tried again. Rejects if the store has failed for good. */
  report(progress: readonly ReportedProgress[]): Promise<void>;
  /** Drops what is not stored yet. Idempotent. */
  end(): void;
}

/** Creates the progress reports of a worker's stream. */
export function createProgressReports(
  store: Pick<Store, "updateLeases">,
  clock: Clock,
  retries: Retries,
  workerId: string,
): ProgressReports {
  const unstored = new Map<string, LeaseUpdate>();
  const trouble = retries.trouble("storing progress");
  let ended = false;

  async function flush(): Promise<void> {
    const updates = [...unstored.values()];
    unstored.clear();
    try {
      await store.updateLeases(updates, clock.now());
      trouble.succeeded();
    } catch (error) {
      if (ended) return;
      // What came meanwhile is newer.
      for (const update of updates) if (!unstored.has(update.taskId)) unstored.set(update.taskId, update);
      if (!trouble.failed(error, () => void flush().catch(() => undefined))) throw error;
    }
  }

  return {
    async report(progress) {
      for (const each of progress) {
        unstored.set(each.taskId, { ...each, workerId, leaseKind: "stream", leaseUntilMs: null });
      }
      if (unstored.size > 0) await flush();
    },

    end() {
      ended = true;
      unstored.clear();
      trouble.end();
    },
  };
}
