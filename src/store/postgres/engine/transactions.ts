import type { Clock } from "../../../domain/clock.ts";
import type { Tallies } from "../../tallies/tallies.ts";
import type { Begun } from "../database/beginning.ts";
import type { CommitAlong } from "../database/commit-along.ts";
import type { Keys } from "../database/keys.ts";
import { isConflict, isConnectionLost, isDivisionByZero, Repeatable } from "../database/sql-state.ts";
import { OutcomeUnknown, type Writer } from "../database/writer.ts";
import { answersOf, areAhead, beginsForOthers, beginsOf, type Call, type Run, runsOf } from "./calls.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { ChangeLog } from "./change-log.ts";
import { lockFeed, needsFeed } from "./event-feed.ts";
import type { Gathering } from "./gathering.ts";
import type { QueueTable } from "./queue-table.ts";
import type { EngineVerbs } from "./set-verbs.ts";
import type { SubscriptionTable } from "./subscription-table.ts";
import type { Upkeep } from "./upkeep.ts";

/** What a transaction of calls works on. */
export interface TransactionParts {
  readonly writer: Writer;
  readonly along: CommitAlong;
  readonly keys: Pick<Keys, "begin" | "undo">;
  readonly queues: QueueTable;
  readonly subscriptions: SubscriptionTable;
  readonly changes: ChangeLog;
  readonly feed: Pick<ChangeFeed, "write">;
  readonly verbs: EngineVerbs;
  readonly upkeep: Upkeep;
  /** Counts commits; `null`: nothing does. */
  readonly tallies: Tallies | null;
  readonly clock: Pick<Clock, "monotonic">;
}

/** So many transactions claim behind the ends of attempts, after one has begun steps or deliveries: such ends make others ready. */
const orderedCommits = 100;

/** Runs calls in a transaction, one transaction at a time. */
export class Transactions {
  private readonly parts: TransactionParts;
  private readonly gathering: Pick<Gathering, "committed">;
  /**
   * What the last transaction found when it began. The next one nearly always finds the same, so that neither what it does nor its commit need
   * wait for that; where it does not, it is undone and runs again. `null`: it is waited for.
   */
  private found: Begun | null = null;
  /** So many transactions wait for the ends of attempts before they claim. */
  private orderedLeft = 0;

  /** @param gathering hears of what was committed */
  constructor(parts: TransactionParts, gathering: Pick<Gathering, "committed">) {
    this.parts = parts;
    this.gathering = gathering;
  }

  /** @returns the answers, without those that were lost after the commit; `null`: it was not committed, and may run again */
  async run(calls: readonly Call[]): Promise<ReadonlyMap<Call, unknown> | null> {
    const { writer, along, keys, queues, subscriptions, changes, tallies, clock } = this.parts;
    const beginMs = clock.monotonic();
    tallies?.begin();
    const last = writer.isConnected ? this.found : null;
    const first = calls.some(({ verb, args }) => needsFeed(verb, args)) ? lockFeed : "";
    const runs = runsOf(calls);
    const isWatched = last === null || last.watched.tasks || last.watched.workflows;
    along.begin(runs.length, !isWatched && first === "" && this.orderedLeft === 0);
    let committing: Promise<boolean> | null = null;
    let commitMs = 0;
    const commit = () => {
      commitMs = clock.monotonic();
      committing = this.flushAndCommit();
      // It is waited for below.
      committing.catch(() => undefined);
      return committing;
    };
    let mayGoAlong = true;
    // Behind all that is sent without a wait.
    process.nextTick(() => mayGoAlong && along.end() && commit());
    if (last !== null) writer.beginAsFound(last, first);
    const found = last ?? (await writer.begin(first));
    keys.begin();
    queues.begin(found.revision);
    subscriptions.begin(found.revision);
    changes.watched = found.watched;
    const answers = new Map<Call, unknown>();
    try {
      await this.answerInto(answers, runs);
      if (queues.movesDeliveries) await subscriptions.load();
    } catch (error) {
      mayGoAlong = false;
      // A statement that was announced as the last one, and is not.
      const isEarly = isDivisionByZero(error);
      if (isEarly) along.judge(false);
      const cause = isEarly ? new Repeatable() : error;
      if (committing === null) throw cause;
      // Where the connection is lost, the commit finds out what became of it. Otherwise a read behind it may have failed.
      if (!isConnectionLost(error) && !(await isKept(committing))) throw cause;
      if (!isConnectionLost(error) && !isConflict(error)) throw unanswered(cause);
    }
    mayGoAlong = false;
    // Its answer comes behind those of the statements: what it took itself is the rest.
    if (committing !== null) commitMs = clock.monotonic();
    const isCommitted = await (committing ?? commit());
    if (!isCommitted) {
      this.undo();
      return null;
    }
    if (committing !== null) along.judge(true);
    const endMs = clock.monotonic();
    this.gathering.committed(beginsOf(answers), endMs - beginMs);
    this.orderedLeft = beginsForOthers(answers) ? orderedCommits : Math.max(this.orderedLeft - 1, 0);
    tallies?.begin();
    tallies?.committed(calls.length, endMs - beginMs, endMs - commitMs);
    queues.committed();
    this.found = found;
    return answers;
  }

  private async answerInto(answers: Map<Call, unknown>, runs: Run[]): Promise<void> {
    const { verbs, along, upkeep, queues } = this.parts;
    let endedMs = 0;
    const answer = async (run: Run) => {
      const answering = upkeep.bounded(run[0].verb, () => answersOf(verbs, run, endedMs));
      if (run[0].verb === "settle") endedMs = Math.max(endedMs, ...run.map(({ args }) => Number(args[1])));
      for (const [index, some] of (await answering).entries()) answers.set(run[index] as Call, some);
      along.answered();
    };
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
      const answering = [answer(next)];
      if (this.orderedLeft === 0 && areAhead(next, runs[0], queues)) answering.push(answer(runs.shift() as Run));
      // Nothing may be called behind one that fails: the first cause is that of all.
      for (const each of await Promise.allSettled(answering)) if (each.status === "rejected") throw each.reason;
    }
  }

  /** Writes the counts and the changes and commits, sent together. @returns as Writer.commit */
  private async flushAndCommit(): Promise<boolean> {
    const { writer, queues, changes, feed } = this.parts;
    const flush = [queues.flush(), feed.write(changes.noted())];
    const [committed, ...flushed] = await Promise.allSettled([writer.commit(), ...flush]);
    // Then the commit was a rollback. Where the connection is gone, the commit has found out what became of all.
    for (const each of flushed) if (each.status === "rejected" && !isConnectionLost(each.reason)) throw each.reason;
    if (committed.status === "rejected") throw committed.reason;
    return committed.value;
  }

  /** Forgets what the open transaction did. */
  undo(): void {
    this.found = null;
    this.parts.keys.undo();
    this.parts.queues.undo();
    this.parts.subscriptions.undo();
    this.parts.changes.undo();
    this.parts.tallies?.undo();
  }
}

/** Whether a commit has taken effect, as far as it is known. */
async function isKept(committing: Promise<boolean>): Promise<boolean> {
  try {
    return await committing;
  } catch {
    return false;
  }
}

/** A commit took effect whose answers make no sense: a bug. Its calls must be neither answered nor repeated. */
function unanswered(cause: unknown): OutcomeUnknown {
  return new OutcomeUnknown("the answers of a transaction were not understood", { cause });
}
