import type { Clock } from "../../../domain/clock.ts";
import { draining, overloaded, storeFailed } from "../../../domain/refusals/server.ts";
import type { Changes } from "../../changes.ts";
import type { AnswerTimes } from "../../tallies/answer-times.ts";
import type { Tallies } from "../../tallies/tallies.ts";
import type { Begun } from "../database/beginning.ts";
import { type Keys, lockTimeoutMs } from "../database/keys.ts";
import { statementTimeoutMs } from "../database/session.ts";
import { isConflict, isConnectionLost, isLockTimeout, isTooSlow } from "../database/sql-state.ts";
import { OutcomeUnknown, ServerEnded, type Writer } from "../database/writer.ts";
import { answersOf, areAhead, beginsForOthers, beginsOf, type Call, endsOf, type Run, runsOf } from "./calls.ts";
import type { ChangeFeed } from "./change-feed.ts";
import type { ChangeLog } from "./change-log.ts";
import { lockFeed, needsFeed } from "./event-feed.ts";
import { Gathering } from "./gathering.ts";
import type { QueueTable } from "./queue-table.ts";
import type { EngineVerb, EngineVerbs } from "./set-verbs.ts";
import type { SubscriptionTable } from "./subscription-table.ts";
import { type Upkeep, UpkeepTimeout } from "./upkeep.ts";

/** What a transaction of calls works on. */
export interface CommitParts {
  readonly writer: Writer;
  readonly keys: Pick<Keys, "begin" | "undo">;
  readonly queues: QueueTable;
  readonly subscriptions: SubscriptionTable;
  readonly changes: ChangeLog;
  readonly feed: Pick<ChangeFeed, "write">;
  readonly verbs: EngineVerbs;
  readonly upkeep: Upkeep;
  /** Is called with what a commit changed, before its calls are answered. */
  readonly onChanges: (changes: Changes) => void;
  /** Is called once nothing is acknowledged any more. */
  readonly onFailed: (cause: Error) => void;
  /** Counts commits; `null`: nothing does. */
  readonly tallies: Tallies | null;
  /** Counts how long calls take; `null`: nothing does. */
  readonly answers: AnswerTimes | null;
  readonly clock: Pick<Clock, "monotonic" | "after">;
}

/** How many calls share a transaction at the most. */
const mostCalls = 1_024;
/** How often a transaction runs again that another one was in the way of. */
const mostConflicts = 20;
/**
 * The same of one that took too long, or waited too long for a lock: longer together than a session of another server that hangs may hold
 * locks (`idle_in_transaction_session_timeout`). Then its calls are refused, and the others go on.
 */
const mostTimeouts = 3;
/** The same of one that waited too long for keys, for as long in all. */
const mostKeyTimeouts = (mostTimeouts * statementTimeoutMs) / lockTimeoutMs;
/** So many transactions claim behind the ends of attempts, after one has begun steps or deliveries: such ends make others ready. */
const orderedCommits = 100;

/**
 * Runs calls in transactions, in their order: those that gather while one runs share the next, so that commits grow with the load. They are
 * answered after the commit.
 *
 * A call that throws is a bug, or the database refuses it. The transaction is undone and every call runs again alone, so that only
 * the one at fault is refused. Where the connection is lost, calls wait until the database is there again. Once it cannot be known what a
 * commit did, or another server has ended this one, everything is refused.
 */
export class GroupCommit {
  private readonly parts: CommitParts;
  private readonly gathering: Gathering;
  private readonly outbox: Call[] = [];
  /** What runs before the next transaction. */
  private readonly betweens: (() => Promise<void>)[] = [];
  /** Calls whose transaction was lost before its commit. */
  private undone: readonly Call[] = [];
  /**
   * What the last transaction found when it began. The next one nearly always finds the same, so that neither what it does nor its commit need
   * wait for that; where it does not, it is undone and runs again. `null`: it is waited for.
   */
  private found: Begun | null = null;
  /** So many transactions wait for the ends of attempts before they claim. */
  private orderedLeft = 0;
  private isRunning = false;
  private isClosing = false;
  private broken = false;
  /** Resolves when nothing is left to do. */
  private idle = Promise.withResolvers<void>();

  constructor(parts: CommitParts) {
    this.parts = parts;
    this.gathering = new Gathering(parts.clock);
    this.idle.resolve();
  }

  /** Runs a verb in one of the next transactions; resolves with its answer after the commit. */
  call(verb: EngineVerb, args: readonly unknown[]): Promise<unknown> {
    if (this.broken) return Promise.reject(storeFailed());
    if (this.isClosing) return Promise.reject(draining());
    const call = { verb, args, ...Promise.withResolvers<unknown>() };
    if (this.outbox.length === 0) this.parts.answers?.sent();
    this.outbox.push(call);
    this.gathering.add(endsOf(call));
    this.run();
    return call.promise;
  }

  /** Runs work on the session that writes, before the next transaction and outside any; again if the connection is lost meanwhile. */
  between(work: () => Promise<void>): void {
    if (this.broken || this.isClosing) return;
    this.betweens.push(work);
    this.run();
  }

  /** Takes no more calls; resolves when those before are answered. */
  async close(): Promise<void> {
    this.isClosing = true;
    await this.idle.promise;
  }

  /** Refuses those of the calls that wait whose verbs these are, unless they may be committed already. */
  refuse(verbs: ReadonlySet<EngineVerb>, refusal: () => Error): void {
    const others = (calls: readonly Call[]) => {
      for (const { verb, reject } of calls) if (verbs.has(verb)) reject(refusal());
      return calls.filter(({ verb }) => !verbs.has(verb));
    };
    this.outbox.splice(0, this.outbox.length, ...others(this.outbox));
    this.undone = others(this.undone);
  }

  private run(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.idle = Promise.withResolvers<void>();
    // At the end of this turn: what its other callbacks call goes along.
    setImmediate(() => void this.work());
  }

  private async work(): Promise<void> {
    while (this.outbox.length > 0 || this.betweens.length > 0) {
      if (this.outbox.length > 0) await this.gathering.next();
      // Until there is none: what is called behind one waits for it.
      for (let between = this.betweens.shift(); between !== undefined; between = this.betweens.shift())
        await this.workBetween(between);
      const calls = this.outbox.splice(0, mostCalls);
      if (calls.length === 0) continue;
      this.gathering.taken(endsOf(...calls));
      try {
        await this.settle(calls);
        this.parts.answers?.answered(1);
      } catch (error) {
        // Otherwise the database is away, and is not waited for any more.
        if (error instanceof OutcomeUnknown || error instanceof ServerEnded) this.fail(error);
        for (const { reject } of calls) reject(storeFailed());
      }
    }
    this.isRunning = false;
    this.idle.resolve();
  }

  private async workBetween(work: () => Promise<void>): Promise<void> {
    const { writer } = this.parts;
    for (;;) {
      try {
        return await work();
      } catch (error) {
        if (isConflict(error)) continue;
        if (!isConnectionLost(error)) return this.fail(error as Error);
        try {
          await writer.reconnect();
        } catch {
          // The database is away, and is not waited for any more.
          return;
        }
      }
    }
  }

  /** Refuses everything from now on, but for what a transaction runs with. Idempotent. */
  fail(cause: Error): void {
    if (this.broken) return;
    this.broken = true;
    for (const { reject } of this.outbox.splice(0)) reject(storeFailed());
    this.parts.onFailed(cause);
  }

  /** Runs the calls until they are answered. */
  private async settle(called: readonly Call[]): Promise<void> {
    let calls = called;
    for (let conflicts = 0; calls.length > 0; ) {
      try {
        const answers = await this.transact(calls);
        if (answers === null) continue;
        this.parts.onChanges(this.parts.changes.take());
        for (const [index, call] of calls.entries()) call.resolve(answers[index]);
        return;
      } catch (error) {
        this.undo();
        if (error instanceof OutcomeUnknown) throw error;
        if (error instanceof ServerEnded) {
          // Its locks are in the way of others.
          await this.parts.writer.rollback();
          throw error;
        }
        if (isConnectionLost(error)) {
          this.undone = calls;
          await this.parts.writer.reconnect();
          calls = this.undone;
          continue;
        }
        await this.parts.writer.rollback();
        if (error instanceof UpkeepTimeout) {
          for (const { verb, reject } of calls) if (verb === error.verb) reject(error);
          calls = calls.filter(({ verb }) => verb !== error.verb);
          continue;
        }
        const mostSlow = isTooSlow(error) ? mostTimeouts : isLockTimeout(error) ? mostKeyTimeouts : null;
        if (isConflict(error) && ++conflicts < (mostSlow ?? mostConflicts)) continue;
        if (mostSlow !== null) {
          for (const { reject } of calls) reject(overloaded);
          return;
        }
        const [only, ...rest] = calls;
        if (rest.length === 0) return only?.reject(error);
        for (const call of calls) await this.settle([call]);
        return;
      }
    }
  }

  /** @returns the answers; `null`: it was not committed, and may run again */
  private async transact(calls: readonly Call[]): Promise<unknown[] | null> {
    const { writer, keys, queues, subscriptions, changes, tallies, clock } = this.parts;
    const beginMs = clock.monotonic();
    tallies?.begin();
    const last = writer.isConnected ? this.found : null;
    const first = calls.some(({ verb, args }) => needsFeed(verb, args)) ? lockFeed : "";
    if (last !== null) writer.beginAsFound(last, first);
    const found = last ?? (await writer.begin(first));
    keys.begin();
    queues.begin(found.revision);
    subscriptions.begin(found.revision);
    changes.watched = found.watched;
    const answers = await this.answersOf(calls);
    if (queues.movesDeliveries) await subscriptions.load();
    const commitMs = clock.monotonic();
    if (!(await this.flushAndCommit())) {
      this.undo();
      return null;
    }
    const endMs = clock.monotonic();
    this.gathering.committed(beginsOf(answers), endMs - beginMs);
    this.orderedLeft = beginsForOthers(answers) ? orderedCommits : Math.max(this.orderedLeft - 1, 0);
    tallies?.begin();
    tallies?.committed(calls.length, endMs - beginMs, endMs - commitMs);
    queues.committed();
    this.found = found;
    return calls.map((call) => answers.get(call));
  }

  private async answersOf(calls: readonly Call[]): Promise<Map<Call, unknown>> {
    const { verbs, upkeep, queues } = this.parts;
    const answers = new Map<Call, unknown>();
    let endedMs = 0;
    const answer = async (run: Run) => {
      const answering = upkeep.bounded(run[0].verb, () => answersOf(verbs, run, endedMs));
      if (run[0].verb === "settle") endedMs = Math.max(endedMs, ...run.map(({ args }) => Number(args[1])));
      for (const [index, some] of (await answering).entries()) answers.set(run[index] as Call, some);
    };
    const runs = runsOf(calls);
    for (let next = runs.shift(); next !== undefined; next = runs.shift()) {
      const answering = [answer(next)];
      if (this.orderedLeft === 0 && areAhead(next, runs[0], queues)) answering.push(answer(runs.shift() as Run));
      // Nothing may be called behind one that fails: the first cause is that of all.
      for (const each of await Promise.allSettled(answering)) if (each.status === "rejected") throw each.reason;
    }
    return answers;
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

  private undo(): void {
    this.found = null;
    this.parts.keys.undo();
    this.parts.queues.undo();
    this.parts.subscriptions.undo();
    this.parts.changes.undo();
    this.parts.tallies?.undo();
  }
}
