import type { StoreVerbs } from "../../store.ts";
import type { Row, Session } from "../database/session.ts";
import type { Statements } from "../database/statements.ts";
import { answersOf, type Call, runsOf } from "./calls.ts";
import type { EngineVerbs } from "./set-verbs.ts";

/** The session that reads. It is opened by the first read, and again by the first one after it was lost. */
export class ReadSession implements Statements {
  private readonly open: () => Promise<Session>;
  private session: Session | null = null;

  /** @param open opens a session */
  constructor(open: () => Promise<Session>) {
    this.open = open;
  }

  all<R = Row>(text: string, values?: readonly unknown[]): Promise<R[]> {
    return this.current().all<R>(text, values);
  }

  get<R = Row>(text: string, values?: readonly unknown[]): Promise<R | undefined> {
    return this.current().get<R>(text, values);
  }

  run(): Promise<number> {
    return Promise.reject(new Error("this session only reads"));
  }

  send(): void {
    throw new Error("this session only reads");
  }

  /** Begins a transaction that sees what is committed now, and nothing later. Answers the revision of what servers keep in memory. */
  async begin(): Promise<number> {
    const session = this.session ?? (await this.open());
    this.session = session;
    const [, row] = await Promise.all([
      session.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
      session.get<{ value: number }>("SELECT value FROM revision"),
    ]);
    if (row === undefined) throw new Error("there is no revision");
    return row.value;
  }

  async end(): Promise<void> {
    await this.current().script("COMMIT");
  }

  /** Ends the session, and whatever runs on it. */
  drop(): void {
    this.session?.destroy();
    this.session = null;
  }

  private current(): Session {
    if (this.session === null) throw new Error("no connection to the database");
    return this.session;
  }
}

/** What reads run with. */
export interface ReadParts {
  readonly session: ReadSession;
  readonly verbs: EngineVerbs;
  /** Is called at the beginning of each transaction with the revision of what servers keep in memory. */
  readonly onBegin: (revision: number) => void;
  /** Resolves when all is answered that was called before to be written. */
  readonly written: () => Promise<void>;
  /** Runs a verb among those that write. */
  readonly fallBack: (verb: keyof StoreVerbs, args: readonly unknown[]) => Promise<unknown>;
}

/** A read that is not answered yet. */
interface Read extends Call {
  readonly verb: keyof StoreVerbs;
  /** What was called before it to be written is answered. */
  readonly written: Promise<void>;
}

/**
 * Runs verbs that only read, beside those that write: a list makes no commit wait, and no commit that was called after it makes it wait. Those that
 * gather while some run share the next snapshot. What fails runs once more among those that write, where a database that is away is
 * waited for.
 */
export class Reads {
  private readonly parts: ReadParts;
  private readonly outbox: Read[] = [];
  /** Those that run. */
  private running: readonly Read[] = [];
  private isRunning = false;
  private isClosed = false;

  constructor(parts: ReadParts) {
    this.parts = parts;
  }

  /** Runs a verb behind all that was called before to be written. */
  call(verb: keyof StoreVerbs, args: readonly unknown[]): Promise<unknown> {
    if (this.isClosed) return this.parts.fallBack(verb, args);
    const read = { verb, args, written: this.parts.written(), ...Promise.withResolvers<unknown>() };
    this.outbox.push(read);
    if (!this.isRunning) {
      this.isRunning = true;
      // At the end of this turn: what its other callbacks read goes along.
      setImmediate(() => void this.work());
    }
    return read.promise;
  }

  /** Refuses what is not answered. */
  refuse(refusal: () => Error): void {
    for (const { reject } of [...this.running, ...this.outbox.splice(0)]) reject(refusal());
    this.running = [];
    this.parts.session.drop();
  }

  /** Ends the session: what it has not answered is left to those that write. Idempotent. */
  close(): void {
    this.isClosed = true;
    this.parts.session.drop();
  }

  private async work(): Promise<void> {
    while (this.outbox.length > 0) {
      const reads = this.outbox.splice(0);
      this.running = reads;
      await reads.at(-1)?.written;
      try {
        const answers = await this.transact(reads);
        for (const read of reads) read.resolve(answers.get(read));
      } catch {
        this.parts.session.drop();
        for (const { verb, args, resolve, reject } of this.running)
          this.parts.fallBack(verb, args).then(resolve, reject);
      }
      this.running = [];
    }
    this.isRunning = false;
  }

  private async transact(reads: readonly Read[]): Promise<ReadonlyMap<Call, unknown>> {
    const { session, verbs, onBegin } = this.parts;
    if (this.isClosed) throw new Error("closed");
    onBegin(await session.begin());
    const answers = new Map<Call, unknown>();
    for (const run of runsOf(reads)) {
      const some = await answersOf(verbs, run, 0);
      for (const [index, call] of run.entries()) answers.set(call, some[index]);
    }
    await session.end();
    return answers;
  }
}
