import { keyAt } from "../../../domain/ids.ts";
import { createKeySequence, type KeySequence, type Stretch } from "../../../domain/key-sequence.ts";
import type { Session } from "./session.ts";
import { isConnectionLost, isDivisionByZero, Repeatable } from "./sql-state.ts";
import type { Statements } from "./statements.ts";

/** How far keys run ahead of the clock before a stretch is begun; as the sequence itself has it, in milliseconds. */
const toleratedMs = 1_000;
/** How long a server waits for another one that takes keys in its transaction, in milliseconds: then its own is repeated. */
export const lockTimeoutMs = 250;

const takeSql =
  "UPDATE key_range SET last = greatest(last + 1, $1) + $2 - 1 WHERE last < $3 AND stretches = $4 RETURNING last";
/** Takes the keys from $1 to $2. Where others were given out meanwhile it is a division by zero. */
const takeInsideSql = `WITH taken AS (UPDATE key_range SET last = $2 WHERE last = $1 AND stretches = $3 RETURNING last)
  SELECT 1 / count(*) FROM taken`;

/**
 * The keys of tasks, events and workflows, in one sequence that all servers share: each takes a run of keys at a time, by a short
 * transaction on a session of its own. A run that is not used leaves a gap. What a run belongs to is on the disk later than the run, so the run
 * itself need not be waited for.
 *
 * A server that is alone knows which key is the next, and takes keys in the transaction that needs them, without a wait. Should it not be alone after
 * all, the transaction runs again.
 */
export class Keys {
  private readonly db: Statements;
  private readonly others: { readonly count: number | null };
  private readonly open: () => Promise<Session>;
  /** A session that is open and not set up yet. */
  private opened: Session | null;
  private session: Session | null = null;
  private stretches: readonly Stretch[] = [];
  private sequence: KeySequence = createKeySequence(0, { read: () => [], add: () => undefined });
  /** The last key that was given out, unless another server has given out more; `null`: that is to be asked. */
  private last: number | null = null;
  /** The open transaction has taken keys: until it ends no other session can. */
  private isInside = false;
  /** The open transaction may take keys. One that is repeated takes them by their own session, which needs to know nothing beforehand. */
  private mayTakeInside = false;

  /**
   * @param db the session that writes @param session is taken over @param open opens another one
   * @param others how many other servers give out keys, as far as it is known
   */
  constructor(
    db: Statements,
    session: Session,
    open: () => Promise<Session>,
    others: { readonly count: number | null },
  ) {
    this.db = db;
    this.others = others;
    this.open = open;
    this.opened = session;
  }

  /** When a key was given out, in milliseconds since 1970. */
  timeOf(key: number): number {
    return this.sequence.timeOf(key);
  }

  /** The key of a moment, by the newest clock that saw it: all keys of moments before are smaller. */
  at(ms: number): number {
    return this.sequence.at(ms);
  }

  /** The smallest key that a moment may have, or any later one. */
  firstAt(ms: number): number {
    return this.sequence.firstAt(ms);
  }

  /** Whether keys tell their time by more than one measure. */
  get isBent(): boolean {
    return this.sequence.isBent;
  }

  /** Reads what is stored. Answers the last key; 0: none was given out. */
  async read(): Promise<number> {
    const session = await this.connected();
    const { last = 0 } = (await session.get<{ last: number }>("SELECT last FROM key_range")) ?? {};
    const rows = await session.all<{ from_key: number; ahead_ms: number }>(
      "SELECT from_key, ahead_ms FROM key_stretch ORDER BY from_key",
    );
    this.know(
      last,
      rows.map(({ from_key: fromKey, ahead_ms: aheadMs }) => ({ fromKey, aheadMs })),
    );
    return last;
  }

  /** Called at the beginning of each transaction. */
  begin(): void {
    this.isInside = false;
    this.mayTakeInside = this.last !== null;
  }

  /** Forgets what the transaction did that was undone. */
  undo(): void {
    this.last = null;
    this.isInside = false;
  }

  /** Takes `n` keys that follow each other; answers the first. */
  async take(n: number, nowMs: number): Promise<number> {
    if ((this.others.count === 0 && this.mayTakeInside) || this.isInside) {
      const key = this.takeInside(n, nowMs);
      if (key !== null) return key;
      if (this.isInside) throw new Repeatable();
    }
    const session = await this.connected();
    try {
      return (await this.takePlainly(session, n, nowMs)) ?? (await this.takeBent(session, n, nowMs));
    } catch (error) {
      // Its answer did not come, and its next one would not either.
      if (isConnectionLost(error)) this.forget(session);
      throw error;
    }
  }

  /** Closes the session. */
  async close(): Promise<void> {
    await (this.session ?? this.opened)?.close();
  }

  /** Whether keys follow the clock, as they nearly always do. */
  private get areStraight(): boolean {
    return (this.stretches.at(-1)?.aheadMs ?? 0) === 0;
  }

  /** Takes keys in the open transaction; `null`: which are the next is not known, or they do not follow the clock. */
  private takeInside(n: number, nowMs: number): number | null {
    const { last } = this;
    if (last === null || last >= keyAt(nowMs + toleratedMs) || !this.areStraight) return null;
    const key = Math.max(last + 1, keyAt(nowMs));
    this.last = key + n - 1;
    this.isInside = true;
    this.db.send(takeInsideSql, [last, this.last, this.stretches.length], (error) =>
      isDivisionByZero(error) ? new Repeatable() : error,
    );
    return key;
  }

  /** Takes keys where they follow the clock; `null`: they do not. */
  private async takePlainly(session: Session, n: number, nowMs: number): Promise<number | null> {
    if (!this.areStraight) return null;
    const after = keyAt(nowMs + toleratedMs);
    const row = await session.get<{ last: number }>(takeSql, [keyAt(nowMs), n, after, this.stretches.length]);
    if (row === undefined) return null;
    this.last = row.last;
    return row.last - n + 1;
  }

  private async takeBent(session: Session, n: number, nowMs: number): Promise<number> {
    await session.script("BEGIN");
    try {
      await session.run("SELECT last FROM key_range FOR UPDATE");
      const last = await this.read();
      const added: Stretch[] = [];
      const sequence = createKeySequence(last, {
        read: () => this.stretches,
        add: (stretch) => void added.push(stretch),
      });
      const first = sequence.next(nowMs);
      const stretches = [...this.stretches, ...added];
      for (const { fromKey, aheadMs } of added) {
        await session.run("INSERT INTO key_stretch (from_key, ahead_ms) VALUES ($1, $2)", [fromKey, aheadMs]);
      }
      await session.run("UPDATE key_range SET last = $1, stretches = $2", [first + n - 1, stretches.length]);
      await session.script("COMMIT");
      this.know(first + n - 1, stretches);
      this.last = first + n - 1;
      return first;
    } catch (error) {
      await session.script("ROLLBACK").catch(() => undefined);
      throw error;
    }
  }

  private know(last: number, stretches: readonly Stretch[]): void {
    this.stretches = stretches;
    this.sequence = createKeySequence(Math.max(last, stretches.at(-1)?.fromKey ?? 0), {
      read: () => stretches,
      add: () => undefined,
    });
  }

  private async connected(): Promise<Session> {
    if (this.session !== null) return this.session;
    const session = this.opened ?? (await this.open());
    this.opened = null;
    // What is committed after it is on the disk after it.
    await session.script(`SET synchronous_commit TO off; SET lock_timeout TO ${lockTimeoutMs}`);
    this.session = session;
    void session.ended.then(() => this.forget(session));
    return session;
  }

  private forget(session: Session): void {
    session.destroy();
    if (this.session === session) this.session = null;
  }
}
