import type { Store, StoreVerbs } from "../store.ts";
import type { VerbName } from "./engine/verb.ts";
import { type SqliteStoreOptions, threadOptions } from "./options.ts";
import { StoreListeners } from "./store-listeners.ts";
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
  readonly failed: Promise<Error>;
  readonly backup: Store["backup"];
  readonly subscribe: Store["subscribe"];
  readonly subscribeWorkflows: Store["subscribeWorkflows"];
  readonly onReady: Store["onReady"];
  readonly onDisk: Store["onDisk"];
  readonly close: Store["close"];

  /**
   * Opens a database.
   *
   * @throws StoreRefused if the file cannot be used, with what to do
   */
  static async open(options: SqliteStoreOptions): Promise<SqliteStore> {
    const { onOpened, onDamages = () => undefined } = options;
    const listeners = new StoreListeners();
    const thread = new ThreadClient(threadOptions(options), {
      onChanges: (changes) => listeners.report(changes),
      onDisk: (disk) => listeners.reportDisk(disk),
      onDamages,
    });
    const opened = await thread.opened;
    onOpened?.(opened.file);
    return new SqliteStore(thread, opened, listeners);
  }

  private constructor(thread: ThreadClient, { engine, verbs }: Opened, listeners: StoreListeners) {
    super(thread, verbs);
    const { subscribe, subscribeWorkflows, onReady, onDisk } = listeners.functions((watched) => thread.watch(watched));
    this.engine = engine;
    this.failed = thread.failed;
    this.backup = thread.backup;
    this.subscribe = subscribe;
    this.subscribeWorkflows = subscribeWorkflows;
    this.onReady = onReady;
    this.onDisk = onDisk;
    this.close = () => thread.close();
  }
}
