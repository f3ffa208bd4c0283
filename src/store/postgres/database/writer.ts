import type { Clock } from "../../../domain/clock.ts";
import { type Begun, beginAsFoundSql, beginSql, type FoundRow, foundOf } from "./beginning.ts";
import type { Row, Session } from "./session.ts";
import { isConflict, isConnectionLost, isDivisionByZero, Repeatable } from "./sql-state.ts";
import type { Statements } from "./statements.ts";

/** How the outcome of a transaction whose commit was not answered is found out. */
interface Mark {
  /** Of the row of this server. */
  readonly serverId: number;
  /** The number of the batch. */
  readonly batch: number;
}

/** It is not known whether a transaction was committed: its calls must be neither answered nor repeated. */
export class OutcomeUnknown extends Error {
  override readonly name = "OutcomeUnknown";
}

/** Another server has ended this one: nothing of it can be committed any more. */
export class ServerEnded extends Error {
  override readonly name = "ServerEnded";

  constructor() {
    super("another server has ended this one, since the database had not heard of it in time");
  }
}

/** Waits between attempts to reach the database, in milliseconds: the first, and the most. */
const firstPauseMs = 50;
const mostPauseMs = 2_000;
/** How long a lost session may take to be opened again before the database counts as away, in milliseconds, unless an attempt fails. */
const quickMs = 1_000;
/** How often a session on which nothing runs is asked whether it is still there, and how long it may take to answer, in milliseconds. */
const checkMs = 5_000;

/**
 * The one session that writes, opened again whenever it is lost, and the transactions on it.
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
  /** Another session is being opened; `null`: none is. */
  private reopening: Promise<void> | null = null;
  private isInTransaction = false;
  private givesUp = false;
  /** What was said last of whether the database can be reached. */
  private isAway = false;
  /** Calls off the next look whether the session is still there. */
  private stopCheck: () => void = () => undefined;
  /** Ends the pause between two attempts. */
  private wake: () => void = () => undefined;
  private batch = 0;
  /** Sends what begins the transaction, ahead of its first statement; `null`: it is sent. */
  private sendBeginning: (() => void) | null = null;
  /** Why a statement failed that was sent in the open transaction; `null`: none did. */
  private failed: { readonly cause: unknown } | null = null;

  /**
   * @param serverId the row of this server in `server` @param session is taken over @param open opens another one
   * @param onReachable is called when the database cannot be reached, and when it can again
   */
  constructor(
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
    this.watch(session);
  }

  all<R = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
    return this.behindSent(this.current().all<R>(text, values));
  }

  get<R = Row>(text: string, values?: readonly unknown[]): Promise<R | undefined> {
    return this.behindSent(this.current().get<R>(text, values));
  }

  run(text: string, values?: readonly unknown[]): Promise<number> {
    return this.behindSent(this.current().run(text, values));
  }

  send(text: string, values?: readonly unknown[], causeOf = (error: unknown) => error): void {
    const session = this.current();
    session.run(text, values).catch((error) => this.noteFailed(session, causeOf(error)));
  }

  /** Whether there is a session. */
  get isConnected(): boolean {
    return this.session !== null;
  }

  /**
   * Begins a transaction, once there is a session. Answers what it finds.
   *
   * @param first a statement that runs before the revision is read, such as one that locks. Default: none
   * @throws ServerEnded where another server has ended this one; another error where there is no session, and it gives up
   */
  async begin(first = ""): Promise<Begun> {
    if (this.session === null) await this.reconnect();
    const session = this.opening();
    const [, row] = await Promise.all([
      session.script(`BEGIN; ${first}`),
      session.get<FoundRow>(beginSql, [this.serverId, ++this.batch]),
    ]);
    if (row === undefined) throw new ServerEnded();
    return foundOf(row);
  }

  /**
   * Begins a transaction on the session that there is, along with its first statement and without waiting for it. Where it does not find what is
   * expected, or another server has ended this one, whatever is called next fails with `Repeatable`, at the latest the commit.
   *
   * @param first as of `begin`
   */
  beginAsFound({ revision, watched: { tasks, workflows } }: Begun, first = ""): void {
    const session = this.opening();
    const batch = ++this.batch;
    this.sendBeginning = () => {
      const sent = [
        session.script(`BEGIN; ${first}`),
        session.run(beginAsFoundSql, [this.serverId, batch, revision, tasks, workflows]),
      ];
      for (const each of sent) {
        each.catch((error) => this.noteFailed(session, isDivisionByZero(error) ? new Repeatable() : error));
      }
    };
  }

  /**
   * Commits. Where the answer is lost, it waits for the database and finds out.
   *
   * @returns whether it is committed; false: nothing of the transaction took effect, since a statement failed or the connection was lost
   * @throws OutcomeUnknown if it cannot find out
   */
  async commit(): Promise<boolean> {
    try {
      // Answers come in the order of the statements. Where one that was sent has failed, this was a rollback.
      const isCommitted = await this.current().commit();
      this.isInTransaction = false;
      if (this.failed !== null) throw this.failed.cause;
      return isCommitted;
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      try {
        return await this.findOut({ serverId: this.serverId, batch: this.batch });
      } catch (cause) {
        throw new OutcomeUnknown("what the last commit did is not known", { cause });
      }
    }
  }

  /** Undoes the open transaction. Where the connection is lost meanwhile, it waits for another: what was lost is undone as well. */
  async rollback(): Promise<void> {
    this.sendBeginning = null;
    try {
      await this.session?.script("ROLLBACK");
      this.isInTransaction = false;
      this.failed = null;
    } catch (error) {
      if (!isConnectionLost(error)) throw error;
      await this.reconnect();
    }
  }

  /** Opens another session, however long that takes. @throws once it gives up */
  reconnect(): Promise<void> {
    this.reopening ??= this.reopen().finally(() => {
      this.reopening = null;
    });
    return this.reopening;
  }

  /** From now on a database that is away is not waited for. */
  giveUp(): void {
    this.givesUp = true;
    this.wake();
  }

  /** Gives up and closes the session. Idempotent. */
  async close(): Promise<void> {
    this.giveUp();
    this.stopCheck();
    await this.session?.close();
  }

  private async reopen(): Promise<void> {
    const lost = this.session;
    this.session = null;
    this.sendBeginning = null;
    this.isInTransaction = false;
    this.failed = null;
    this.stopCheck();
    lost?.destroy();
    const away = () => this.showAway(true);
    const callOff = this.clock.after(quickMs, away);
    try {
      this.session = await this.openAgain(away);
    } finally {
      callOff();
    }
    this.watch(this.session);
    this.showAway(false);
  }

  private showAway(isAway: boolean): void {
    if (isAway !== this.isAway) this.onReachable(!isAway);
    this.isAway = isAway;
  }

  private async openAgain(onFailed: () => void): Promise<Session> {
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, mostPauseMs)) {
      try {
        return await this.open();
      } catch (error) {
        onFailed();
        if (this.givesUp) throw error;
        await this.pause(pauseMs);
      }
    }
  }

  /** Notices that the session is lost while no transaction runs on it: one that runs fails by itself. */
  private watch(session: Session): void {
    const lost = () => {
      if (this.session === session && !this.isInTransaction && !this.givesUp) this.reconnect().catch(() => undefined);
    };
    const check = () => {
      this.stopCheck = this.clock.after(checkMs, () => {
        if (this.isInTransaction) check();
        else session.script("SELECT 1", checkMs).then(() => this.session === session && !this.givesUp && check(), lost);
      });
    };
    void session.ended.then(lost);
    check();
  }

  /** The answer of a statement; where one that was sent before has failed, with the cause of that. */
  private async behindSent<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (error) {
      throw this.failed === null ? error : this.failed.cause;
    }
  }

  /** A statement that was sent has failed: those behind it in its transaction fail because of it. */
  private noteFailed(session: Session, cause: unknown): void {
    if (session === this.session) this.failed ??= { cause };
  }

  /** The session, on which a transaction is about to begin. */
  private opening(): Session {
    this.isInTransaction = true;
    this.failed = null;
    this.sendBeginning = null;
    return this.current();
  }

  /** The session, behind what begins the transaction. */
  private current(): Session {
    if (this.session === null) throw new Error("no connection to the database");
    const send = this.sendBeginning;
    this.sendBeginning = null;
    send?.();
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
    // Waits for the lock that the lost transaction may still hold: its session can be alive yet at the database's end. From then on one that has not
    // begun yet cannot.
    await this.run("UPDATE server SET batch = $2::bigint + 1 WHERE id = $1 AND batch < $2::bigint", [serverId, batch]);
    const row = await this.get<{ batch: number }>("SELECT batch FROM server WHERE id = $1", [serverId]);
    // Servers that ended long ago have none.
    if (row === undefined) throw new ServerEnded();
    const isCommitted = row.batch === batch;
    // The number behind it is taken.
    if (!isCommitted) this.batch = batch + 1;
    return isCommitted;
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
