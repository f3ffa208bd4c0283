import type { Socket } from "node:net";
import { Client, type ClientConfig, type QueryConfig, types } from "pg";
import { systemClock } from "../../../domain/clock.ts";
import { type ListEncoder, listEncoders } from "./lists.ts";
import { fromStored, toStored } from "./text.ts";

/** A row of an answer, by its columns: `bigint` as a number, `bytea` as bytes, `text` as it was sent, U+0000 included. */
export type Row = Record<string, unknown>;

/** The type numbers of PostgreSQL's catalogue, which never change. */
const int8 = 20;
const bytea = 17;
const textType = 25;
const toBytes = types.getTypeParser(bytea, "text") as (text: string) => Buffer;

/** Keys and times are below 2^53, so that each is exact in a JavaScript number. */
const typeParsers: ClientConfig["types"] = {
  getTypeParser: ((type: number, format?: "text" | "binary") => {
    if (type === int8) return Number;
    if (type === textType) return fromStored;
    // A view of its own: a Buffer of a pool would keep other rows in memory.
    if (type === bytea && format !== "binary") return (text: string) => new Uint8Array(toBytes(text));
    return types.getTypeParser(type, format);
  }) as typeof types.getTypeParser,
};

/** Where a database is, and what a session on it is called. */
export interface SessionOptions {
  /** A URL of libpq's form, with `sslmode` and the other parameters that the driver `pg` takes. */
  readonly url: string;
  /** The schema that holds the tables. */
  readonly schema: string;
  /** Shown by `pg_stat_activity`. */
  readonly applicationName: string;
  /** How long an answer may take, in milliseconds: then the connection counts as lost. Default 20,000. */
  readonly answerTimeoutMs?: number;
}

/**
 * One session of PostgreSQL. Statements run one after the other, in the order of the calls; each text is prepared once and stays
 * prepared.
 */
export class Session {
  /** Fulfilled with the cause when the session has ended, also when it was closed; never rejected. */
  readonly ended: Promise<Error>;
  private readonly client: Client;
  private readonly answerTimeoutMs: number;
  /** What is called is held back until the end of this go. */
  private gathers = false;
  private readonly prepared = new Map<string, Prepared>();

  /** Opens a session. @throws what the driver throws if the database cannot be reached, or refuses it */
  static async open({
    url,
    schema,
    applicationName,
    answerTimeoutMs = defaultAnswerTimeoutMs,
  }: SessionOptions): Promise<Session> {
    const client = new Client({
      connectionString: url,
      application_name: applicationName,
      types: typeParsers,
      keepAlive: true,
      // Statements that are called without waiting for the one before are sent at once.
      pipeline: true,
      connectionTimeoutMillis: Math.min(connectTimeoutMs, answerTimeoutMs),
    });
    const session = new Session(client, answerTimeoutMs);
    try {
      await client.connect();
      await client.query(
        [
          `SET search_path TO ${quoted(schema)}`,
          "SET client_encoding TO 'UTF8'",
          // Work that was acknowledged is on the disk, whatever the database does by itself.
          "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
          ...asWritten,
          `SET statement_timeout TO ${Math.min(statementTimeoutMs, answerTimeoutMs)}`,
          `SET idle_in_transaction_session_timeout TO ${idleTimeoutMs}`,
          // A session whose server is gone must not hold its locks for hours: the database looks for it every few seconds.
          "SET tcp_keepalives_idle TO 5",
          "SET tcp_keepalives_interval TO 2",
          "SET tcp_keepalives_count TO 3",
          noticeTheEnd,
        ].join("; "),
      );
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
    return session;
  }

  private constructor(client: Client, answerTimeoutMs: number) {
    this.client = client;
    this.answerTimeoutMs = answerTimeoutMs;
    this.ended = new Promise((resolve) => {
      let cause = new Error("the session was closed");
      client.on("error", (error) => {
        cause = error;
      });
      client.on("end", () => resolve(cause));
    });
  }

  /** Runs a statement; answers its rows. */
  async all<R = Row>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.query(text, values)).rows as R[];
  }

  /** Runs a statement that answers one row at the most. */
  async get<R = Row>(text: string, values: readonly unknown[] = []): Promise<R | undefined> {
    return (await this.query(text, values)).rows[0] as R | undefined;
  }

  /** Runs a statement; answers how many rows it wrote. */
  async run(text: string, values: readonly unknown[] = []): Promise<number> {
    return (await this.query(text, values)).rowCount ?? 0;
  }

  /**
   * Runs statements that take no values, such as those of a migration. They are not prepared.
   *
   * @param timeoutMs how long the database may take. Default: as for other statements; 0: as long as it likes
   * @returns the rows of a single statement
   */
  async script(text: string, timeoutMs = this.answerTimeoutMs): Promise<Row[]> {
    return (await this.answered({ text, query_timeout: timeoutMs } as QueryConfig)).rows as Row[];
  }

  /** Ends the transaction. @returns whether it is committed; false: a statement of it has failed, and nothing of it took effect */
  async commit(): Promise<boolean> {
    const statement = { text: "COMMIT", query_timeout: this.answerTimeoutMs } as QueryConfig;
    return (await this.answered(statement)).command === "COMMIT";
  }

  /** Drops the connection at once, whatever runs. */
  destroy(): void {
    this.socket().destroy();
  }

  /** Ends the session: what was called before is done first, unless the database does not answer. Idempotent. */
  async close(): Promise<void> {
    const callOff = systemClock.after(closeMs, () => this.destroy());
    await this.client.end();
    callOff();
  }

  private query(text: string, values: readonly unknown[]) {
    const { name, lists } = this.prepare(text);
    const sent = values.map((value, index) => {
      const encode = lists[index];
      return encode !== undefined && Array.isArray(value) ? encode(value) : toStored(value);
    });
    return this.answered({ name, text, values: sent, query_timeout: this.answerTimeoutMs } as QueryConfig);
  }

  private socket(): Socket {
    return (this.client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
  }

  /** What is called in one go is written at once: each write costs both sides more than a statement in it. */
  private gather(): void {
    if (this.gathers) return;
    this.gathers = true;
    const socket = this.socket();
    socket.cork();
    process.nextTick(() => {
      this.gathers = false;
      socket.uncork();
    });
  }

  /** An answer that does not come is the end of the session: the statements behind it wait for it without end. */
  private async answered(statement: QueryConfig) {
    this.gather();
    try {
      return await this.client.query(statement);
    } catch (error) {
      if (error instanceof Error && error.message === answerMissing) this.destroy();
      throw error;
    }
  }

  private prepare(text: string): Prepared {
    const known = this.prepared.get(text);
    if (known !== undefined) return known;
    const prepared = { name: `s${this.prepared.size}`, lists: listEncoders(text) };
    this.prepared.set(text, prepared);
    return prepared;
  }
}

/** A statement that stays prepared. */
interface Prepared {
  readonly name: string;
  /** By which its values that are lists are sent; those without are sent as text. */
  readonly lists: readonly (ListEncoder | undefined)[];
}

/**
 * Statements run as they are written: by their indexes, from the values that they are given. What is known of a table that is filled and
 * emptied within seconds is always out of date, and a plan made of it, such as to read all running tasks since there were none, took fifty
 * times as long. Each statement is planned once.
 */
const asWritten = [
  ...["seqscan", "bitmapscan", "hashjoin", "mergejoin"].map((name) => `SET enable_${name} TO off`),
  "SET plan_cache_mode TO force_generic_plan",
  // It would be worth it for long queries only, and what is off above makes each that cannot do without look long.
  "SET jit TO off",
];

/** What the driver says of an answer that took too long. */
const answerMissing = "Query read timeout";
/** A session whose server was killed ends within two seconds also while it waits for a lock. Not every system can look. */
const noticeTheEnd = `DO $$ BEGIN PERFORM set_config('client_connection_check_interval', '2s', false);
  EXCEPTION WHEN invalid_parameter_value THEN NULL; END $$`;

/** How long a statement may take in the database, in milliseconds: each does a bounded amount of work, or waits for a lock. */
export const statementTimeoutMs = 15_000;
/** The default of `SessionOptions.answerTimeoutMs`: longer than any statement may take. */
const defaultAnswerTimeoutMs = 20_000;
/** How long opening a session may take, in milliseconds. */
const connectTimeoutMs = 10_000;
/** How long a session may take to end, in milliseconds: then its connection is dropped. */
const closeMs = 5_000;
/**
 * How long a session may be idle in a transaction, in milliseconds: a server that stands still keeps the others waiting for its locks, and its
 * own statements take milliseconds. A server that goes on later finds the connection lost, and begins its transaction anew.
 */
const idleTimeoutMs = 5_000;

/** A name as SQL quotes it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
