import type { Clock } from "../../../domain/clock.ts";
import type { Random } from "../../../domain/random.ts";
import type { Session } from "../database/session.ts";
import type { Statements } from "../database/statements.ts";

/** A row of the feed of changes. */
export interface ChangeRow {
  readonly number: number;
  readonly changes: string;
}

/** What a tail works with. */
export interface TailParts {
  readonly open: () => Promise<Session>;
  readonly clock: Pick<Clock, "after">;
  /** So that servers do not look at the feed at the same moments. */
  readonly random: Random;
  /** The row of this server in `membership`. */
  readonly serverId: number;
  /** The number of the last change that was delivered. */
  readonly position: () => number;
  /** Is called with rows above the position, in the order of their numbers. */
  readonly onRows: (rows: readonly ChangeRow[]) => void;
  /** Is called where rows behind the position are not there any more. It reads no more then. */
  readonly onMissed: () => void;
  /** Is called with the number of the last change where that is before the position: the database has lost what it had acknowledged. */
  readonly onBehind: (last: number) => void;
  /** Is called when a session was lost and there is another: the database may be another one as well. */
  readonly onReopened: () => void;
}

/** How often the feed is looked at where nothing says that it has moved, in milliseconds; by a quarter more or less. */
const pollMs = 1_000;
/** How long the next attempt to read waits after one that failed, in milliseconds: the first, and the most. */
const firstPauseMs = 50;
const mostPauseMs = 2_000;
/** How many rows are read at once. */
const pageRows = 64;
/** How many rows are kept at most for servers that are slow to read them. */
const mostKept = 100_000;
/** How often rows are deleted that all have read, in milliseconds, and how many by one statement. */
const sweepMs = 10_000;
const sweptRows = 1_000;

const readSql = `SELECT change_feed.last, change.number, change.changes FROM change_feed LEFT JOIN LATERAL
    (SELECT number, changes FROM change WHERE number > $1 ORDER BY number LIMIT ${pageRows}) AS change ON true
  ORDER BY change.number`;

/** Says how far the server $1 has read. To be said before it begins, so that no row that it is about to read is deleted. */
export const readUpToSql = "UPDATE membership SET read_change = $2 WHERE server_id = $1";

/** Deletes the oldest rows that every server has read which watches; where none does, any. Rows that another server deletes are left to it. */
const sweepSql = `WITH done AS MATERIALIZED (
    SELECT greatest(coalesce((SELECT min(read_change) FROM membership), last), last - ${mostKept}) AS number FROM change_feed
  )
  DELETE FROM change WHERE number = ANY(ARRAY(
    SELECT number FROM change WHERE number <= (SELECT number FROM done) ORDER BY number LIMIT ${sweptRows} FOR UPDATE SKIP LOCKED))`;

/** Deletes all rows that every server has read which watches. */
export async function sweepChanges(db: Pick<Statements, "run">): Promise<void> {
  while ((await db.run(sweepSql)) === sweptRows);
}

/**
 * Reads the feed of changes behind a position, as long as this server watches it, on a session of its own: neither the writer's open
 * transaction nor long reads are in its way. It also deletes rows that all have read, since rows come only while some server watches.
 */
export class ChangeTail {
  private readonly parts: TailParts;
  private session: Session | null = null;
  private isOpen = false;
  private isReading = false;
  /** The feed has moved since the read that runs began. */
  private isBehind = false;
  private pauseMs = firstPauseMs;
  private stopTimer: () => void = () => undefined;
  private stopSweep: () => void = () => undefined;

  constructor(parts: TailParts) {
    this.parts = parts;
  }

  /** Begins to read. Idempotent. */
  start(): void {
    if (this.isOpen) return;
    this.isOpen = true;
    this.sweepLater();
    this.wake();
  }

  /** Reads no more, and closes the session. Idempotent. */
  async stop(): Promise<void> {
    this.isOpen = false;
    this.stopTimer();
    this.stopSweep();
    const { session } = this;
    this.session = null;
    await session?.close();
  }

  /** The feed has moved. */
  wake(): void {
    if (!this.isOpen) return;
    this.isBehind = true;
    if (!this.isReading) void this.read();
  }

  private async read(): Promise<void> {
    this.isReading = true;
    this.stopTimer();
    let delayMs = pollMs * (0.75 + this.parts.random() / 2);
    try {
      const session = await this.connected();
      while (this.isOpen && this.isBehind) {
        this.isBehind = false;
        await this.readPages(session);
      }
      this.pauseMs = firstPauseMs;
    } catch {
      // The writer reports a database that is away.
      this.lose(this.session);
      delayMs = this.pauseMs;
      this.pauseMs = Math.min(this.pauseMs * 2, mostPauseMs);
    }
    this.isReading = false;
    if (this.isOpen) this.stopTimer = this.parts.clock.after(delayMs, () => this.wake());
  }

  private async readPages(session: Session): Promise<void> {
    const { position, onRows, onMissed, onBehind } = this.parts;
    for (;;) {
      const after = position();
      const rows = await session.all<ChangeRow & { last: number; number: number | null }>(readSql, [after]);
      if (!this.isOpen) return;
      const [first] = rows;
      if (first === undefined) throw new Error("the feed of changes has no row");
      if (first.last < after) return onBehind(first.last);
      // Own commits may have been delivered while these were read.
      const isMissed = first.number === null ? first.last > after : first.number !== after + 1;
      if (isMissed) {
        void this.stop();
        return onMissed();
      }
      if (first.number !== null) onRows(rows);
      if (rows.length < pageRows) return;
    }
  }

  private async connected(): Promise<Session> {
    if (this.session !== null) return this.session;
    const session = await this.parts.open();
    if (!this.isOpen) {
      await session.close();
      throw new Error("nothing is watched any more");
    }
    this.session = session;
    void session.ended.then(() => this.lose(session));
    return session;
  }

  private lose(session: Session | null): void {
    session?.destroy();
    if (session === null || this.session !== session) return;
    this.session = null;
    this.parts.onReopened();
  }

  private sweepLater(): void {
    this.stopSweep = this.parts.clock.after(sweepMs * (0.5 + this.parts.random()), () => void this.sweep());
  }

  private async sweep(): Promise<void> {
    try {
      await this.session?.run(readUpToSql, [this.parts.serverId, this.parts.position()]);
      while (this.isOpen && this.session !== null && (await this.session.run(sweepSql)) === sweptRows);
    } catch {
      // The next one does it: the session is lost, or the database is busy.
    }
    if (this.isOpen) this.sweepLater();
  }
}
