import { type Clock, systemClock } from "../../../domain/clock.ts";
import { StoreRefused } from "../../store-refused.ts";
import { checkClock } from "./check-clock.ts";
import { checkDatabase, nameOf, refusalOf } from "./check-database.ts";
import { migrate } from "./migrate.ts";
import { lockSchema, refusePooler, type SchemaUse } from "./schema-lock.ts";
import { Session, type SessionOptions } from "./session.ts";

/** Which database is opened, and how. */
export interface OpenOptions {
  readonly url: string;
  readonly schema: string;
  /** What for. A schema into which a file has not been moved whole is opened for that alone. */
  readonly use: SchemaUse;
  /** Is compared with the database's. Default: the machine's. */
  readonly clock?: Clock;
}

/** A database that can be used. */
export interface OpenedDatabase {
  /** Two sessions: one writes, and has the lock of the only server; the other gives out keys. */
  readonly sessions: readonly [Session, Session];
  /** Of PostgreSQL: `15.14`. */
  readonly version: string;
  /** The schema was made. */
  readonly isNew: boolean;
  /** How far the clock of this machine is ahead of the database's, in milliseconds. */
  readonly clockGapMs: number;
  /** Opens a session once more. */
  readonly openSession: (options?: Pick<SessionOptions, "answerTimeoutMs">) => Promise<Session>;
}

/**
 * Opens a database; its schema is made, or brought up to date.
 *
 * @throws StoreRefused if it cannot be used, with what to do
 */
export async function openDatabase({ url, schema, use, clock = systemClock }: OpenOptions): Promise<OpenedDatabase> {
  const openSession: OpenedDatabase["openSession"] = (options) =>
    Session.open({ url, schema, applicationName: "sitq", ...options });
  const opened: Session[] = [];
  const openOne = async () => {
    const session = await openSession();
    opened.push(session);
    return session;
  };
  try {
    const sessions = [await openOne(), await openOne()] as const;
    const [session, other] = sessions;
    await refusePooler(session, other);
    const { version } = await checkDatabase(session, url);
    const clockGapMs = await checkClock(session, nameOf(url), clock);
    const isNew = await migrate(session, schema);
    await lockSchema(session, schema, use);
    if (use === "serve") await refuseHalfTransfer(session, schema);
    return { sessions, version, isNew, clockGapMs, openSession };
  } catch (error) {
    await Promise.allSettled(opened.map((session) => session.close()));
    throw refusalOf(error, url);
  }
}

async function refuseHalfTransfer(session: Session, schema: string): Promise<void> {
  const row = await session.get("SELECT 1 FROM meta WHERE name = 'transfer' AND value LIKE 'running %'");
  if (row === undefined) return;
  throw new StoreRefused(
    `A file is being moved into the schema ${schema}, and is not there whole. Run the same sitq migrate again: it goes on where it stopped.`,
  );
}
