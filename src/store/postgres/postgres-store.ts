import { systemClock } from "../../domain/clock.ts";
import { unsupportedBackup } from "../../domain/refusals/server.ts";
import type { Store, StoreVerbs } from "../store.ts";
import { StoreListeners } from "../store-listeners.ts";
import { checkDatabase, refusalOf } from "./database/check-database.ts";
import { Keys } from "./database/keys.ts";
import { migrate } from "./database/migrate.ts";
import { Session, type SessionOptions } from "./database/session.ts";
import { Writer } from "./database/writer.ts";
import { ChangeLog } from "./engine/change-log.ts";
import type { Engine } from "./engine/engine.ts";
import { GroupCommit } from "./engine/group-commit.ts";
import { QueueTable } from "./engine/queue-table.ts";
import type { PostgresStoreOptions } from "./options.ts";
import { createDeliveryOrigins } from "./rows/delivery-origins.ts";
import { createOrigins } from "./rows/origins.ts";
import { createStepOrigins } from "./rows/step-origins.ts";
import { createVerbs } from "./verbs.ts";

/** The engine on PostgreSQL: several servers may share one database. */
export const PostgresStore = {
  /**
   * Opens a database; its schema is made, or brought up to date.
   *
   * @throws StoreRefused if the database cannot be used, with what to do
   */
  async open({ url, schema = "sitq", maxQueueDepth = 10_000_000 }: PostgresStoreOptions): Promise<Store> {
    const options: SessionOptions = { url, schema, applicationName: "sitq" };
    const openSession = () => Session.open(options);
    const session = await openSession().catch((error: unknown) => {
      throw refusalOf(error, url);
    });
    try {
      const { version } = await checkDatabase(session, url);
      const isNew = await migrate(session, schema);
      const writer = await Writer.start(session, openSession, systemClock, () => undefined);
      return await createStore(
        { version, isNew, location: locationOf(url, schema), maxQueueDepth },
        writer,
        openSession,
      );
    } catch (error) {
      await session.close().catch(() => undefined);
      throw refusalOf(error, url);
    }
  },
};

/** What the store says of itself. */
interface Facts {
  readonly version: string;
  readonly isNew: boolean;
  readonly location: string;
  readonly maxQueueDepth: number;
}

async function createStore(facts: Facts, writer: Writer, openSession: () => Promise<Session>): Promise<Store> {
  const keys = new Keys(openSession);
  await keys.read();
  const queues = new QueueTable(writer, writer.serverId);
  const changes = new ChangeLog(writer, keys, queues);
  const engine: Engine = {
    db: writer,
    serverId: writer.serverId,
    keys,
    queues,
    changes,
    origins: createOrigins(createDeliveryOrigins(writer, keys), createStepOrigins(writer)),
    maxQueueDepth: facts.maxQueueDepth,
    async changed() {
      await writer.run("UPDATE revision SET value = value + 1");
    },
  };
  const verbs = createVerbs(engine);
  const listeners = new StoreListeners();
  const commit = new GroupCommit({ writer, queues, changes, verbs, onChanges: (made) => listeners.report(made) });
  const failure = Promise.withResolvers<Error>();

  const calls = Object.fromEntries(
    Object.keys(verbs).map((name) => {
      const verb = name as keyof StoreVerbs;
      return [verb, (...args: readonly unknown[]) => commit.call(verb, args)];
    }),
  ) as unknown as StoreVerbs;

  return {
    ...calls,
    engine: `PostgreSQL ${facts.version}`,
    location: facts.location,
    isNew: facts.isNew,
    asOfMs: null,
    warnings: [],
    failed: failure.promise,
    ...listeners.functions((watched) => {
      changes.watched = watched;
    }),
    answerMeasures: () => null,
    backup: () => Promise.reject(unsupportedBackup()),
    async close() {
      await commit.close();
      await Promise.all([keys.close(), writer.close()]);
    },
  };
}

/** Where the data are, without the password. */
function locationOf(url: string, schema: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}?schema=${schema}`;
}
