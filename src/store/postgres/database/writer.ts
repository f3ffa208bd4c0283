import type { Clock } from "../../../domain/clock.ts";
import type { Row, Session } from "./session.ts";
import { isConflict, isConnectionLost } from "./sql-state.ts";
import type { Statements } from "./statements.ts";

/** How the outcome of a transaction whose commit was not answered is found out. */
interface Mark {
  /** Of the row of this server. */
  readonly serverId: number;
  /** The number of the batch. */
  readonly batch: number;
}

/** Waits between attempts to reach the database, in milliseconds: the first, and the most. */
const firstPauseMs = 50;
const mostPauseMs = 2_000;

/**
 * The one session that writes, opened anew whenever it is lost, and the transactions on it.
 *
 * Whether a commit took effect whose answer was lost, the row of the server tells: each transaction writes its number there.
 */
export class Writer implements Statements {
  /** The row of this server in `server`. */
  readonly serverId: number;
  private session: Session | null;
  private readonly open: () => Promise<Session>;
  private readonly clock: Clock;
  private readonly onReachable: (isReachable: boolean) => void;
  private isClosed = false;
  /** Ends the pause between two attempts. */
  private wake: () => void = () => undefined;
  private batch = 0;

  /**
   * Registers this server. @param session is taken over @param open opens another one
   * @param onReachable is called when the database cannot be reached, and when it can again
   */
  static async start(
    session: Session,
    open: () => Promise<Session>,
    clock: Clock,
    onReachable: (isReachable: boolean) => void,
  ): Promise<Writer> {
    const row = await session.get<{ id: number }>("INSERT INTO server DEFAULT VALUES RETURNING id");
    if (row === undefined) throw new Error("the server has no row");
    return new Writer(row.id, session, open, clock, onReachable);
  }

  private constructor(
    serverId: number,
    session: Session,
    open: () => Promise<Session>,
    clock: Clock,
    onReachable: (isReachable: boolean) => void,
  ) {
    this.serverId = serverId;
    this.session = session;
    this.open = open;
    this.clock = clock;
    this.onReachable = onReachable;
  }

  all<R = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
    return this.current().all<R>(text, values);
  }

  get<R = Row>(text: string, values?: readonly unknown[]): Promise<R | undefined> {
    return this.current().get<R>(text, values);
  }

  run(text: string, values?: readonly unknown[]): Promise<number> {
    return this.current().run(text, values);
  }

  /**
   * Begins a transaction. Answers the revision of what servers keep in memory.
   *
   * @param first a statement that runs before the revision is read, such as one that locks. Default: none
   */
  async begin(first = ""): Promise<number> {
    const session = this.current();
    const [, row] = await Promise.all([
      session.script(`BEGIN; ${first}`),
      session.get<{ value: number }>(
        "WITH mark AS (UPDATE server SET batch = $2 WHERE id = $1 RETURNING id) SELECT value FROM revision, mark",
        [this.serverId, ++this.batch],
      ),
    ]);
    if (row === undefined) throw new Error(`the row ${this.serverId} of this server is gone`);
    return row.value;
  }

  /**
   * Commits. Where the answer is lost, it waits for the database and finds out.
   *
   * @returns whether it is committed; false: nothing of the transaction took effect
   */
  async commit(): Promise<boolean> {
    try {
      await this.current().script("COMMIT");
      return true;
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      return this.findOut({ serverId: this.serverId, batch: this.batch });
    }
  }

  /** Undoes the open transaction. Where the connection is lost meanwhile, it waits for another: what was lost is undone as well. */
  async rollback(): Promise<void> {
    try {
      await this.session?.script("ROLLBACK");
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await this.reconnect();
    }
  }

  /** Opens another session, however long that takes. @throws if the writer is closed meanwhile */
  async reconnect(): Promise<void> {
    const lost = this.session;
    this.session = null;
    lost?.destroy();
    this.onReachable(false);
    for (let pauseMs = firstPauseMs; this.session === null; pauseMs = Math.min(pauseMs * 2, mostPauseMs)) {
      if (this.isClosed) throw new Error("the database cannot be reached, and the store was closed");
      try {
        this.session = await this.open();
      } catch {
        await this.pause(pauseMs);
      }
    }
    this.onReachable(true);
  }

  /** Closes the session. Idempotent. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.wake();
    await this.session?.close();
  }

  private current(): Session {
    if (this.session === null) throw new Error("no connection to the database");
    return this.session;
  }

  private async findOut(mark: Mark): Promise<boolean> {
    for (;;) {
      await this.reconnect();
      try {
        return await this.isCommitted(mark);
      } catch (error) {
        if (!isConnectionLost(error) && !isConflict(error)) throw error;
      }
    }
  }

  private async isCommitted({ serverId, batch }: Mark): Promise<boolean> {
    // Waits for the lock that the lost transaction may still hold: its session can be alive yet at the database's end.
    const row = await this.get<{ batch: number }>("SELECT batch FROM server WHERE id = $1 FOR UPDATE", [serverId]);
    return row?.batch === batch;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const callOff = this.clock.after(ms, resolve);
      this.wake = () => {
        callOff();
        resolve();
      };
    });
  }
}
