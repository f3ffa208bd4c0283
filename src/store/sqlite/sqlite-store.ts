import { resolve } from "node:path";
import type { Store, StoreVerbs, StoreWarning } from "../store.ts";
import { createBackup, removeLeftOverBackups } from "./backup-file.ts";
import type { VerbName } from "./engine/verb.ts";
import { type SqliteStoreOptions, threadOptions } from "./options.ts";
import { StoreListeners } from "./store-listeners.ts";
import type { CopyTo } from "./thread/backup-calls.ts";
import { type Opened, ThreadClient } from "./thread/thread-client.ts";

/** The verbs of an engine's thread as methods: each is a call of the thread by its name. */
const VerbCalls = class {
  constructor(thread: ThreadClient, names: readonly VerbName[]) {
    for (const name of names) {
      Object.assign(this, { [name]: (...args: readonly unknown[]) => thread.call(name, args) });
    }
  }
} as new (
  thread: ThreadClient,
  names: readonly VerbName[],
) => StoreVerbs;

/** The SQLite engine. It runs on a thread of its own. */
export class SqliteStore extends VerbCalls implements Store {
  readonly engine: string;
  readonly location: string;
  readonly isNew: boolean;
  readonly warnings: readonly StoreWarning[];
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
  readonly onSlowCommit: Store["onSlowCommit"];
  readonly answerMeasures: Store["answerMeasures"];
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
    removeLeftOverBackups(options.path);
    return new SqliteStore(options.path, thread, opened, listeners);
  }

  private constructor(path: string, thread: ThreadClient, { engine, verbs, file }: Opened, listeners: StoreListeners) {
    super(thread, verbs);
    const functions = listeners.functions((watched) => thread.watch(watched));
    const { subscribe, subscribeWorkflows, onReady, onFlow, onDeliveryFlow, onDisk, onSlowCommit } = functions;
    this.engine = engine;
    this.location = resolve(path);
    this.isNew = file.isNew;
    this.warnings = file.openMode === null ? [] : [openToOthers(path, file.openMode)];
    this.failed = thread.failed;
    this.copyTo = thread.copyTo;
    this.backup = (onProgress, signal) => createBackup(path, (to) => thread.copyTo(to, onProgress, signal));
    this.subscribe = subscribe;
    this.subscribeWorkflows = subscribeWorkflows;
    this.onReady = onReady;
    this.onFlow = onFlow;
    this.onDeliveryFlow = onDeliveryFlow;
    this.onDisk = onDisk;
    this.onSlowCommit = onSlowCommit;
    this.answerMeasures = () => thread.answerMeasures();
    this.close = () => thread.close();
  }
}

function openToOthers(path: string, mode: string): StoreWarning {
  return {
    text: "the database file is accessible to other users; restrict it with chmod 600",
    facts: { db: path, mode },
  };
}
