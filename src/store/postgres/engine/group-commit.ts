import type { Clock } from "../../../domain/clock.ts";
import { draining, overloaded, storeFailed } from "../../../domain/refusals/server.ts";
import type { Settlement } from "../../../domain/tasks/outcome.ts";
import type { Changes } from "../../changes.ts";
import type { AnswerTimes } from "../../tallies/answer-times.ts";
import { lockTimeoutMs } from "../database/keys.ts";
import { statementTimeoutMs } from "../database/session.ts";
import { isConflict, isConnectionLost, isLockTimeout, isTooSlow } from "../database/sql-state.ts";
import { OutcomeUnknown, ServerEnded } from "../database/writer.ts";
import { begunByLast } from "../rows/held.ts";
import { type Call, endsOf } from "./calls.ts";
import { Gathering } from "./gathering.ts";
import type { EngineVerb } from "./set-verbs.ts";
import { type TransactionParts, Transactions } from "./transactions.ts";
import { UpkeepTimeout } from "./upkeep.ts";

/** What transactions of calls work on, and what is done with their outcomes. */
export interface CommitParts extends TransactionParts {
  /** Is called with what a commit changed, before its calls are answered. */
  readonly onChanges: (changes: Changes) => void;
  /** Is called once nothing is acknowledged any more. */
  readonly onFailed: (cause: Error) => void;
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
  private readonly transactions: Transactions;
  private readonly outbox: Call[] = [];
  /** What runs before the next transaction. */
  private readonly betweens: (() => Promise<void>)[] = [];
  /** Calls whose transaction was lost before its commit. */
  private undone: readonly Call[] = [];
  private isRunning = false;
  private isClosing = false;
  private broken = false;
  /** Resolves when nothing is left to do. */
  private idle = Promise.withResolvers<void>();

  constructor(parts: CommitParts) {
    this.parts = parts;
    this.gathering = new Gathering(parts.clock);
    this.transactions = new Transactions(parts, this.gathering);
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

  /** Returns to their queues the tasks of claims whose answers were lost: no worker was handed them. */
  private async giveBack(claims: readonly Call[]): Promise<void> {
    const { writer } = this.parts;
    const nowMs = Math.max(...claims.map(({ args }) => Number(args[1])));
    for (;;) {
      try {
        const leases = await begunByLast(writer, writer.serverId);
        if (leases.length === 0) return;
        const settlements = leases.map((lease): Settlement => ({ ...lease, outcome: { kind: "unsent" } }));
        const { promise, ...settled } = Promise.withResolvers<unknown>();
        await this.settle([{ verb: "settle", args: [settlements, nowMs], promise, ...settled }]);
        await promise;
        return;
      } catch (error) {
        if (error instanceof OutcomeUnknown || error instanceof ServerEnded) throw error;
        // Behind another transaction they would not be found again.
        if (isConnectionLost(error)) await writer.reconnect();
        else if (!isConflict(error) && error !== overloaded)
          throw new OutcomeUnknown("tasks of a lost claim stay begun", { cause: error });
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
        const answers = await this.transactions.run(calls);
        if (answers === null) continue;
        this.parts.onChanges(this.parts.changes.take());
        for (const [call, answer] of answers) call.resolve(answer);
        calls = calls.filter((call) => !answers.has(call));
        const claims = calls.filter(({ verb }) => verb === "claim");
        if (claims.length > 0) await this.giveBack(claims);
      } catch (error) {
        this.transactions.undo();
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
}
