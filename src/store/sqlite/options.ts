import type { FoundDamages } from "../store.ts";
import type { Synchronous } from "./file/database.ts";
import type { ThreadOptions } from "./thread/thread-messages.ts";

/** How the SQLite engine is opened. */
export interface SqliteStoreOptions {
  /** The database file; it is made if it is not there. */
  readonly path: string;
  /** Default `full`. */
  readonly synchronous?: Synchronous;
  /** Unfinished tasks that a queue takes if its own settings do not say. Default 10,000,000. */
  readonly maxQueueDepth?: number;
  /** Opens a file without the log that it needs, with what is in the file alone. Default false. */
  readonly acceptMissingWal?: boolean;
  /** Room on the disk that is kept for outcomes, in bytes; a small file system keeps less. Default 0: none. */
  readonly diskReserveBytes?: number;
  /** How many queues are counted apart for metrics. Default `null`: nothing is counted. */
  readonly measuredQueues?: number | null;
  /** Looks at the file, and writes nothing of it nor beside it: only verbs that read run. Default false. */
  readonly isReadOnly?: boolean;
  /** Called with what was found damaged in the file. */
  readonly onDamages?: (found: FoundDamages) => void;
}

/** The options for the engine's thread, with defaults filled in. */
export function threadOptions({ onDamages: _, ...options }: SqliteStoreOptions): ThreadOptions {
  return {
    synchronous: "full",
    maxQueueDepth: 10_000_000,
    acceptMissingWal: false,
    diskReserveBytes: 0,
    measuredQueues: null,
    isReadOnly: false,
    ...options,
  };
}
