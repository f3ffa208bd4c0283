import type { Clock } from "../../../domain/clock.ts";
import type { Random } from "../../../domain/random.ts";
import type { Watched } from "../../changes.ts";
import type { Session } from "../database/session.ts";
import type { Statements } from "../database/statements.ts";
import { changesOf, type FeedChanges, textsOf } from "./change-rows.ts";
import { type ChangeRow, ChangeTail, readUpToSql, sweepChanges } from "./change-tail.ts";
import { forgetEnded, setWatched } from "./watchers.ts";

/** What a feed works with. */
export interface ChangeFeedParts {
  /** The row of this server in `server`. */
  readonly serverId: number;
  /** The session that writes. */
  readonly db: Statements;
  /** Opens a session. */
  readonly open: () => Promise<Session>;
  readonly clock: Pick<Clock, "after">;
  readonly random: Random;
  /** Runs work on the session that writes before the next transaction, again if the connection is lost meanwhile. */
  readonly between: (work: () => Promise<void>) => void;
  /** Is called with the changes of all servers, in the order of their commits. */
  readonly onChanges: (changes: FeedChanges) => void;
  /** Is called when changes are not there any more that were not delivered: they became too many while this server did not read them. */
  readonly onMissed: () => void;
}

/** The rows of a commit. */
interface Numbered {
  /** The number of the last one; `null`: its answer was lost. */
  last: number | null;
  readonly count: number;
}

/** How long this server goes on watching when it has no listener any more, in milliseconds: callers that wait for one task each come and go. */
const lingerMs = 10_000;
/** How much is sent by one statement, in characters: a commit that changes more has several. */
const statementLength = 4 * 1_024 * 1_024;

const none: Watched = { tasks: false, workflows: false };

const writeSql = `
  WITH feed AS (UPDATE change_feed SET last = last + cardinality($1::text[]) RETURNING last),
  rows AS (
    INSERT INTO change (number, changes) SELECT feed.last - cardinality($1::text[]) + each.number, each.changes
    FROM feed, unnest($1::text[]) WITH ORDINALITY AS each (changes, number)
  )
  SELECT last FROM feed`;

/**
 * The changes of tasks and workflows, of all servers, for those who listen at this one.
 *
 * While some server watches, each commit of any of them ends with a statement that stores its changes as rows, with the next numbers of the
 * one feed: what is committed is in it, also where its server is killed a moment later. A server that watches delivers the rows in the order of their
 * numbers: what it commits itself at once if that is the next, and everything else as its tail reads it.
 */
export class ChangeFeed {
  private readonly parts: ChangeFeedParts;
  private readonly tail: ChangeTail;
  private readonly listeners = new Set<(n: number) => void>();
  /** Who listens at this server. */
  private wanted = none;
  /** What this server watches, as the servers know, or are about to. */
  private watched = none;
  private isChanging = false;
  /** The number of the last change that was delivered; `null`: nothing is watched. */
  private position: number | null = null;
  /** What the open transaction has stored; `null`: nothing. */
  private written: Numbered | null = null;
  private stopLinger: () => void = () => undefined;

  constructor(parts: ChangeFeedParts) {
    this.parts = parts;
    this.tail = new ChangeTail({
      open: parts.open,
      clock: parts.clock,
      random: parts.random,
      serverId: parts.serverId,
      position: () => this.position ?? 0,
      onRows: (rows) => this.deliver(rows),
      onMissed: parts.onMissed,
      onBehind: (last) => {
        this.position = last;
      },
      // A database that took over may lack what the lost one knew last.
      onReopened: () => this.change(),
    });
  }

  /**
   * Says who listens. What is called from now on waits until all servers know it, so that one who listens and then reads misses nothing.
   */
  watch(wanted: Watched): void {
    this.wanted = wanted;
    this.stopLinger();
    const { tasks, workflows } = this.watched;
    if ((wanted.tasks && !tasks) || (wanted.workflows && !workflows)) {
      this.watched = { tasks: tasks || wanted.tasks, workflows: workflows || wanted.workflows };
      this.change();
    }
    if (tasks !== wanted.tasks || workflows !== wanted.workflows)
      this.stopLinger = this.parts.clock.after(lingerMs, () => this.settleDown());
  }

  /** Stores what the open transaction has changed, as the last thing that it does. To be sent before its commit. */
  async write(changes: FeedChanges): Promise<void> {
    this.written = null;
    const texts = textsOf(changes);
    if (texts.length === 0) return;
    const written: Numbered = { last: null, count: texts.length };
    this.written = written;
    const answers = await Promise.all(
      portionsOf(texts).map((portion) => this.parts.db.get<{ last: number }>(writeSql, [portion])),
    );
    written.last = answers.at(-1)?.last ?? null;
  }

  /** The transaction is committed: what it has stored is delivered once all before it is. */
  committed(changes: FeedChanges): void {
    const { written } = this;
    this.written = null;
    if (written === null) return;
    const { last, count } = written;
    if (last !== null && this.position === last - count) {
      this.position = last;
      this.parts.onChanges(changes);
    } else {
      this.tail.wake();
    }
    if (last !== null) for (const listener of this.listeners) listener(last);
  }

  /** See ClusterStore.changesUpTo. */
  changesUpTo(n: number): void {
    if (this.position !== null && n > this.position) this.tail.wake();
  }

  /** See ClusterStore.onChangesUpTo. */
  onChangesUpTo(listener: (n: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Other servers have ended: nothing has to be stored for them, and what was stored for them alone is deleted. */
  othersEnded(): void {
    this.parts.between(async () => {
      await forgetEnded(this.parts.db);
      await sweepChanges(this.parts.db);
    });
  }

  /** Takes all listeners for gone. To be called before the last transaction; idempotent. */
  async close(): Promise<void> {
    this.wanted = none;
    this.stopLinger();
    this.settleDown();
    await this.tail.stop();
  }

  private settleDown(): void {
    const { tasks, workflows } = this.watched;
    if (tasks === this.wanted.tasks && workflows === this.wanted.workflows) return;
    this.watched = this.wanted;
    this.change();
  }

  /** Lets all servers know what this one watches, before its next transaction. */
  private change(): void {
    if (this.isChanging) return;
    this.isChanging = true;
    this.parts.between(async () => {
      const { watched } = this;
      await setWatched(this.parts.db, this.parts.serverId, watched);
      if (watched.tasks || watched.workflows) await this.begin();
      else await this.end();
      this.isChanging = false;
      if (this.watched !== watched) this.change();
    });
  }

  private async begin(): Promise<void> {
    await this.parts.db.run(readUpToSql, [this.parts.serverId, this.position ?? 0]);
    if (this.position !== null) return;
    // Behind the flags: what is committed up to here is seen by whatever is called next.
    const row = await this.parts.db.get<{ last: number }>("SELECT last FROM change_feed");
    this.position = row?.last ?? 0;
    this.tail.start();
  }

  private async end(): Promise<void> {
    this.position = null;
    await this.tail.stop();
    await this.parts.db.run(readUpToSql, [this.parts.serverId, null]);
    // Others do it only while they watch.
    await sweepChanges(this.parts.db);
  }

  private deliver(rows: readonly ChangeRow[]): void {
    for (const { number, changes } of rows) {
      if (this.position === null || number <= this.position) continue;
      this.position = number;
      this.parts.onChanges(changesOf(changes));
    }
  }
}

/** The texts in their order, cut into lists that one statement takes each. */
function portionsOf(texts: readonly string[]): string[][] {
  const portions: string[][] = [];
  let length = statementLength;
  for (const text of texts) {
    if (length + text.length > statementLength) {
      portions.push([]);
      length = 0;
    }
    portions.at(-1)?.push(text);
    length += text.length;
  }
  return portions;
}
