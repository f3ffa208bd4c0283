import { resolve } from "node:path";
import { readOnly } from "../../domain/refusals/server.ts";
import type { Store, StoreVerbs, StoreWarning } from "../store.ts";
import { StoreListeners } from "../store-listeners.ts";
import { createBackup, removeLeftOverBackups } from "./backup-file.ts";
import { readingVerbs } from "./engine/verb-kinds.ts";
import { type SqliteStoreOptions, threadOptions } from "./options.ts";
import type { CopyTo } from "./thread/backup-calls.ts";
import { type Opened, ThreadClient } from "./thread/thread-client.ts";

/**
 * The verbs of an engine's thread as methods: each is a call of the thread by its name. Those that write are refused where the file is
 * looked at.
 */
const VerbCalls = class {
  constructor(thread: ThreadClient, { verbs, asOfMs }: Opened) {
    for (const name of verbs) {
      const isAllowed = asOfMs === null || readingVerbs.has(name);
      const call = (...args: readonly unknown[]) => (isAllowed ? thread.call(name, args) : Promise.reject(readOnly()));
      Object.assign(this, { [name]: call });
    }
  }
} as new (
  thread: ThreadClient,
  opened: Opened,
) => StoreVerbs;

/** The SQLite engine. It runs on a thread of its own. */
export class SqliteStore extends VerbCalls implements Store {
  readonly engine: string;
  readonly location: string;
  readonly isNew: boolean;
  readonly asOfMs: number | null;
  readonly watchesDisk: boolean;
  readonly warnings: readonly StoreWarning[];
  readonly cluster = null;
  readonly failed: Promise<Error>;
  /** Copies the database to a new file; otherwise as `backup`. */
  readonly copyTo: CopyTo;
  readonly backup: Store["backup"];
  readonly subscribe: Store["subscribe"];
  readonly subscribeWorkflows: Store["subscribeWorkflows"];
  readonly onReady: Store["onReady"];
  readonly onFlow: Store["onFlow"];
  readonly onDeliveryFlow: Store["onDeliveryFlow"];
  readonly onDisk: Store["onDisk"];
  readonly onReachable: Store["onReachable"];
  readonly onSlowCommit: Store["onSlowCommit"];
  readonly answerMeasures: Store["answerMeasures"];
  readonly giveUp: Store["giveUp"];
  readonly close: Store["close"];

  /**
   * Opens a database.
   *
   * @throws StoreRefused if the file cannot be used, with what to do
   */
  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const { onDamages = () => undefined } = options;
    const listeners = new StoreListeners();
    const thread = new ThreadClient(threadOptions(options), {
      onChanges: (changes) => listeners.report(changes),
      onDisk: (disk) => listeners.reportDisk(disk),
      onSlowCommit: (commit) => listeners.reportSlowCommit(commit),
      onDamages,
    });
    const opened = await thread.opened;
    if (opened.asOfMs === null) removeLeftOverBackups(options.path);
    return new SqliteStore(options.path, thread, opened, listeners);
  }

  private constructor(path: string, thread: ThreadClient, opened: Opened, listeners: StoreListeners) {
    super(thread, opened);
    const { engine, file, asOfMs } = opened;
    const functions = listeners.functions((watched) => thread.watch(watched));
    const { subscribe, subscribeWorkflows, onReady, onFlow, onDeliveryFlow, onDisk, onReachable, onSlowCommit } =
      functions;
    this.engine = engine;
    this.location = resolve(path);
    this.isNew = file.isNew;
    this.asOfMs = asOfMs;
    this.watchesDisk = asOfMs === null;
    this.warnings = file.openMode === null ? [] : [openToOthers(path, file.openMode)];
    this.failed = thread.failed;
    this.copyTo = thread.copyTo;
    this.backup = async (onProgress, signal) => {
      if (asOfMs !== null) throw readOnly();
      return createBackup(path, (to) => thread.copyTo(to, onProgress, signal));
    };
    this.subscribe = subscribe;
    this.subscribeWorkflows = subscribeWorkflows;
    this.onReady = onReady;
    this.onFlow = onFlow;
    this.onDeliveryFlow = onDeliveryFlow;
    this.onDisk = onDisk;
    this.onReachable = onReachable;
    this.onSlowCommit = onSlowCommit;
    this.answerMeasures = () => thread.answerMeasures();
    // The file is never away.
    this.giveUp = () => undefined;
    this.close = () => thread.close();
  }
}

function openToOthers(path: string, mode: string): StoreWarning {
  return {
    text: "the database file is accessible to other users; restrict it with chmod 600",
    facts: { db: path, mode },
  };
}
