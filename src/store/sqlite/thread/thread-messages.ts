/** What the two threads say to each other: batches each way, since a message costs more than what it carries. */

import type { Changes, Watched } from "../../changes.ts";
import type { DiskState, FoundDamages, SlowCommit } from "../../store.ts";
import type { VerbName } from "../engine/verb.ts";
import type { FileFacts, Synchronous } from "../file/database.ts";

/** What the engine's thread is started with. */
export interface ThreadOptions {
  readonly path: string;
  readonly synchronous: Synchronous;
  readonly maxQueueDepth: number;
  readonly acceptMissingWal: boolean;
  readonly diskReserveBytes: number;
  /** How many queues are counted apart for metrics; `null`: nothing is counted. */
  readonly measuredQueues: number | null;
  /** The file is looked at, and not written: see openView. */
  readonly isReadOnly: boolean;
}

/** A verb to run. */
export interface Call {
  readonly id: number;
  readonly verb: VerbName;
  readonly args: readonly unknown[];
}

/** How a verb went, after its commit. */
export type Answer =
  | { readonly id: number; readonly value: unknown }
  /**
   * Nothing was changed. `disk_low`: what room there is, is kept for other calls. `disk_full`: there is none. Both may go another
   * time; `bug` may not.
   */
  | { readonly id: number; readonly error: "disk_low" | "disk_full" | "bug"; readonly message: string };

/** What the store says to its engine's thread. */
export type Request =
  | { readonly kind: "calls"; readonly calls: readonly Call[] }
  | { readonly kind: "watch"; readonly watched: Watched }
  | { readonly kind: "backup"; readonly path: string }
  | { readonly kind: "stop_backup" }
  | { readonly kind: "close" };

/** What the engine's thread says to its store. */
export type Response =
  | {
      readonly kind: "opened";
      readonly engine: string;
      readonly file: FileFacts;
      /** Until when the file shows what happened, by its clock; `null`: it is written. */
      readonly asOfMs: number | null;
      /** The names of the verbs that it runs. */
      readonly verbs: readonly VerbName[];
    }
  | { readonly kind: "refused"; readonly message: string; readonly expected: boolean }
  /** `batches` is how many messages of calls they answer: whatever lies ready shares a transaction. */
  | {
      readonly kind: "answers";
      readonly batches: number;
      readonly answers: readonly Answer[];
      readonly changes: Changes;
    }
  | { readonly kind: "damages"; readonly found: FoundDamages }
  | { readonly kind: "disk"; readonly disk: DiskState }
  | { readonly kind: "slow_commit"; readonly commit: SlowCommit }
  /** The outcome of the last commit is not known, or the file is damaged: no more writes are acknowledged. */
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "backup_progress"; readonly copiedPages: number; readonly totalPages: number }
  | { readonly kind: "backup_done"; readonly failure: BackupFailure | null };

/** Why there is no copy. */
export type BackupFailure =
  | { readonly kind: "stopped" }
  | { readonly kind: "no_room"; readonly neededBytes: number }
  | { readonly kind: "failed"; readonly message: string };
