import { Worker } from "node:worker_threads";
import { TransientMap } from "../../../collections/transient-map.ts";
import { systemClock } from "../../../domain/clock.ts";
import { draining, storeFailed } from "../../../domain/refusals/server.ts";
import type { Changes, Watched } from "../../changes.ts";
import type { AnswerMeasures } from "../../measures.ts";
import type { DiskState, FoundDamages, SlowCommit } from "../../store.ts";
import { StoreRefused } from "../../store-refused.ts";
import { AnswerTimes } from "../../tallies/answer-times.ts";
import type { VerbName } from "../engine/verb.ts";
import { claimFile } from "../file/open-files.ts";
import { createBackupCalls } from "./backup-calls.ts";
import { packArgs, unpackAnswer } from "./packed-verbs.ts";
import { errorOf } from "./store-errors.ts";
import { createNews } from "./store-news.ts";
import type { Answer, Call, Request, Response, ThreadOptions } from "./thread-messages.ts";

/** What the engine's thread reports beside its answers. */
export interface ThreadListener {
  /** What a commit changed, before its calls are answered. */
  readonly onChanges: (changes: Changes) => void;
  readonly onDisk: (disk: DiskState) => void;
  readonly onSlowCommit: (commit: SlowCommit) => void;
  readonly onDamages: (found: FoundDamages) => void;
}

/** What the thread says when it has opened the database. */
export type Opened = Extract<Response, { kind: "opened" }>;

/** A call that is not answered yet. */
interface Pending extends PromiseWithResolvers<unknown> {
  readonly verb: VerbName;
}

/**
 * How many batches of calls are under way: while one commits, the next one lies ready, and a third takes its place, since this side hears
 * of a commit when the thread has begun the next. With two, batches of 100, 4 in flight, are stored at 149,000/s, with three at
 * 192,000, and with four as many. More would only make them smaller.
 */
const batchesUnderWay = 3;

/**
 * The store's link to the thread of the engine.
 *
 * Calls of one turn of the event loop go over in one message and share a transaction; while the thread is busy they gather, so
 * that commits grow with the load.
 */
export class ThreadClient {
  /** Resolves with the cause when the storage failed for good; never rejects. */
  readonly failed: Promise<Error>;
  /** Resolves when the database is open; rejects with StoreRefused if it cannot be used, once its file is free again. */
  readonly opened: Promise<Opened>;

  private readonly worker: Worker;
  private readonly listener: ThreadListener;
  /** Gives up the file, which this process must not open twice. */
  private readonly release: () => void;
  private readonly backups = createBackupCalls(
    (request) => this.say(request),
    () => this.assertOpen(),
  );
  private readonly news = createNews(
    (changes) => this.listener.onChanges(changes),
    (answer) => this.settle(answer),
  );
  /** Counts how long batches of calls take; `null`: that is not counted. */
  private readonly answers: AnswerTimes | null;
  private readonly failure = Promise.withResolvers<Error>();
  private readonly opening = Promise.withResolvers<Opened>();
  private readonly exited = Promise.withResolvers<void>();

  /** The calls that are not answered, by id. */
  private readonly pending = new TransientMap<number, Pending>();
  /** The calls that are not sent. */
  private outbox: Call[] = [];
  private lastId = 0;
  /** How many messages of calls are not answered. */
  private underWay = 0;
  /** The outbox is sent at the end of this turn. */
  private isFlushing = false;
  private isClosing = false;
  private broken: Error | null = null;

  /** Starts the thread. @throws StoreRefused if this process has the file open already */
  constructor(options: ThreadOptions, listener: ThreadListener) {
    this.listener = listener;
    this.release = claimFile(options.path);
    this.answers = options.measuredQueues === null ? null : new AnswerTimes(systemClock);
    const program = import.meta.url.endsWith(".ts") ? "./thread.ts" : "./thread.js";
    this.worker = new Worker(new URL(program, import.meta.url), { workerData: options });
    this.worker.on("message", (response: Response) => this.receive(response));
    this.worker.on("error", (error) => {
      this.opening.reject(error);
      this.fail(error.stack ?? error.message);
    });
    this.worker.on("exit", () => this.ended());
    this.failed = this.failure.promise;
    this.opened = this.opening.promise.catch(async (error: unknown) => {
      // Only then the file is free again.
      await this.exited.promise;
      throw error;
    });
  }

  /** Runs a verb in one of the next transactions; resolves with its answer after the commit. */
  call(verb: VerbName, args: readonly unknown[]): Promise<unknown> {
    if (this.broken !== null) return Promise.reject(storeFailed());
    if (this.isClosing) return Promise.reject(draining());
    const id = ++this.lastId;
    const pending = { verb, ...Promise.withResolvers<unknown>() };
    this.pending.set(id, pending);
    this.news.called(id, verb);
    this.outbox.push({ id, verb, args: packArgs(verb, args) });
    this.flushSoon();
    return pending.promise;
  }

  /** Tells the thread which changes have listeners: it records no others. It applies to later calls. */
  watch(watched: Watched): void {
    this.flush();
    this.say({ kind: "watch", watched });
  }

  /** How it answers; `null`: that is not counted. */
  answerMeasures(): AnswerMeasures | null {
    if (this.answers === null) return null;
    const { active } = this.worker.performance.eventLoopUtilization();
    return { duration: this.answers.read(), busySeconds: active / 1_000 };
  }

  /** Copies the database to a new file. */
  readonly copyTo = this.backups.copyTo;

  /** Ends the thread after everything that was called before is answered. Idempotent. */
  async close(): Promise<void> {
    if (!this.isClosing) {
      this.flush();
      this.isClosing = true;
      this.say({ kind: "close" });
    }
    await this.exited.promise;
  }

  private receive(response: Response): void {
    switch (response.kind) {
      case "opened":
        this.opening.resolve(response);
        return;
      case "refused":
        this.opening.reject(new (response.expected ? StoreRefused : Error)(response.message));
        return;
      case "answers":
        this.underWay -= response.batches;
        this.answers?.answered(response.batches);
        this.news.passOn(response.changes, response.answers);
        this.flushSoon();
        return;
      case "damages":
        this.listener.onDamages(response.found);
        return;
      case "disk":
        this.listener.onDisk(response.disk);
        return;
      case "slow_commit":
        this.listener.onSlowCommit(response.commit);
        return;
      case "failed":
        this.fail(response.message);
        return;
      case "backup_progress":
        this.backups.progress(response.copiedPages, response.totalPages);
        return;
      case "backup_done":
        this.backups.done(response.failure);
        return;
    }
  }

  private settle(answer: Answer): void {
    const pending = this.pending.delete(answer.id);
    if (pending === undefined) return;
    if ("value" in answer) pending.resolve(unpackAnswer(pending.verb, answer.value));
    else pending.reject(errorOf(answer));
  }

  private flushSoon(): void {
    if (this.isFlushing || this.underWay >= batchesUnderWay) return;
    this.isFlushing = true;
    // At the end of this turn: what its other callbacks call goes along.
    setImmediate(() => this.flush());
  }

  private flush(): void {
    this.isFlushing = false;
    if (this.outbox.length === 0 || this.broken !== null) return;
    this.underWay++;
    this.answers?.sent();
    this.say({ kind: "calls", calls: this.outbox });
    this.outbox = [];
  }

  private say(request: Request): void {
    this.worker.postMessage(request);
  }

  private assertOpen(): void {
    if (this.broken !== null) throw storeFailed();
    if (this.isClosing) throw draining();
  }

  private fail(message: string): void {
    if (this.broken !== null) return;
    // What was committed before is answered as that.
    this.news.flush();
    this.broken = new Error(`storage failed: ${message}`);
    for (const { reject } of this.pending.values()) reject(storeFailed());
    this.pending.clear();
    this.backups.done({ kind: "failed", message });
    this.failure.resolve(this.broken);
  }

  private ended(): void {
    this.news.flush();
    this.backups.done({ kind: "failed", message: "the store was closed" });
    if (!this.isClosing) this.fail("the store's thread ended");
    this.release();
    this.exited.resolve();
  }
}
