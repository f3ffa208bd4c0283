import { systemClock } from "../../domain/clock.ts";
import { systemRandom } from "../../domain/random.ts";
import { storeUnreachable, unsupportedBackup } from "../../domain/refusals/server.ts";
import type { Changes } from "../changes.ts";
import type { Store, StoreVerbs } from "../store.ts";
import { StoreListeners } from "../store-listeners.ts";
import { AnswerTimes } from "../tallies/answer-times.ts";
import { Tallies } from "../tallies/tallies.ts";
import { createCluster } from "./cluster.ts";
import { CommitAlong } from "./database/commit-along.ts";
import { Keys } from "./database/keys.ts";
import { Membership, type MembershipOptions, registerServer } from "./database/membership.ts";
import { type OpenedDatabase, openDatabase } from "./database/open-database.ts";
import { lockSchema } from "./database/schema-lock.ts";
import { type Session, statementTimeoutMs } from "./database/session.ts";
import { Writer } from "./database/writer.ts";
import { ChangeFeed } from "./engine/change-feed.ts";
import { ChangeLog } from "./engine/change-log.ts";
import type { Engine, OtherServers } from "./engine/engine.ts";
import { GroupCommit } from "./engine/group-commit.ts";
import { QueueTable } from "./engine/queue-table.ts";
import { SubscriptionTable } from "./engine/subscription-table.ts";
import { Upkeep } from "./engine/upkeep.ts";
import { readWatchers } from "./engine/watchers.ts";
import { defaultSchema, type PostgresStoreOptions } from "./options.ts";
import { keepPartitions } from "./retention/keep-partitions.ts";
import { isBetweenPartitions } from "./retention/sweep-tasks.ts";
import { createDeliveryOrigins } from "./rows/delivery-origins.ts";
import { createOrigins } from "./rows/origins.ts";
import { Plans } from "./rows/plans.ts";
import { createStepOrigins } from "./rows/step-origins.ts";
import { refusedWhileAway } from "./verb-kinds.ts";
import { createVerbs } from "./verbs.ts";

/**
 * Opens the engine on PostgreSQL: its schema is made, or brought up to date.
 *
 * @throws StoreRefused if the database cannot be used, with what to do
 */
export async function openPostgres({
  url,
  schema = defaultSchema,
  maxQueueDepth = 10_000_000,
  measuredQueues = null,
  aliveMs = 10_000,
  upkeepTimeoutMs = 5_000,
}: PostgresStoreOptions): Promise<Store> {
  const { sessions, version, isNew, clockGapMs, openSession } = await openDatabase({ url, schema, use: "serve" });
  const [session, other] = sessions;
  const listeners = new StoreListeners();
  const reopen = () => openWriter(openSession, schema);
  const serverId = await registerServer(session, aliveMs);
  const writer = new Writer(serverId, session, reopen, systemClock, (is) => listeners.reportReachable(is));
  const others: OtherServers = { count: null };
  const keys = new Keys(writer, other, openSession, others);
  await Promise.all([keys.read(), readWatchers(writer, serverId)]);
  const cluster = { aliveMs, clockGapMs, schema, open: openSession };
  const facts = {
    engine: `PostgreSQL ${version}`,
    location: locationOf(url, schema),
    isNew,
    maxQueueDepth,
    measuredQueues,
    upkeepTimeoutMs,
  };
  return createStore(facts, writer, keys, others, listeners, cluster);
}

/** Opens the session that writes once more. */
async function openWriter(open: () => Promise<Session>, schema: string): Promise<Session> {
  const session = await open();
  try {
    await lockSchema(session, schema, "serve");
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

/** What the store says of itself. */
interface Facts extends Pick<Store, "engine" | "location" | "isNew"> {
  readonly maxQueueDepth: number;
  readonly measuredQueues: number | null;
  readonly upkeepTimeoutMs: number;
}

function createStore(
  facts: Facts,
  writer: Writer,
  keys: Keys,
  others: OtherServers,
  listeners: StoreListeners,
  sharing: Pick<MembershipOptions, "aliveMs" | "schema"> &
    Pick<OpenedDatabase, "clockGapMs"> & { readonly open: OpenedDatabase["openSession"] },
): Store {
  const { maxQueueDepth, measuredQueues, upkeepTimeoutMs, ...shown } = facts;
  const tallies = measuredQueues === null ? null : new Tallies(measuredQueues, () => noFiles);
  const answers = measuredQueues === null ? null : new AnswerTimes(systemClock);
  const along = new CommitAlong();
  const queues = new QueueTable(writer, writer.serverId, tallies);
  const plans = new Plans(writer);
  const changed: Engine["changed"] = async (what) => void (await writer.run(revised[what]));
  const subscriptions = new SubscriptionTable(writer, () => changed("subscriptions"));
  const upkeep = new Upkeep(writer, upkeepTimeoutMs, statementTimeoutMs);
  const changes = new ChangeLog(writer, keys, queues, plans, subscriptions);
  const engine: Engine = {
    db: writer,
    along,
    serverId: writer.serverId,
    others,
    keys,
    queues,
    subscriptions,
    changes,
    plans,
    origins: createOrigins(createDeliveryOrigins(writer, keys), createStepOrigins(writer, plans)),
    tallies,
    upkeep,
    maxQueueDepth,
    changed,
  };
  const verbs = createVerbs(engine);
  const failure = Promise.withResolvers<Error>();
  let hasGivenUp = false;
  const giveUp = () => {
    hasGivenUp = true;
    writer.giveUp();
  };
  const onFailed = (cause: Error) => {
    // A server that stops leaves what it cannot find out to its callers, which repeat it.
    if (!hasGivenUp) failure.resolve(cause);
  };
  const feed = new ChangeFeed({
    serverId: writer.serverId,
    db: writer,
    open: sharing.open,
    clock: systemClock,
    random: systemRandom,
    between: (work) => commit.between(work),
    onChanges: ({ tasks, workflows }) => listeners.report({ ...noChanges, tasks, workflows }),
    onMissed: () =>
      commit.fail(new Error("there were too many changes of other servers before this one had read them")),
  });
  const onChanges = (made: Changes) => {
    listeners.report({ ...made, tasks: [], workflows: [] });
    feed.committed(made);
  };
  const commit = new GroupCommit({
    writer,
    along,
    keys,
    queues,
    subscriptions,
    changes,
    feed,
    verbs,
    upkeep,
    onChanges,
    onFailed,
    tallies,
    answers,
    clock: systemClock,
  });
  const { serverId } = writer;
  const membership = new Membership({ ...sharing, serverId, onEnded: (cause) => commit.fail(cause) });
  let isReachable = true;
  const onReachable = listeners.functions(() => undefined).onReachable;
  onReachable((is) => {
    isReachable = is;
    if (!is) commit.refuse(refusedWhileAway, storeUnreachable);
  });

  const calls = Object.fromEntries(
    [...Object.keys(verbs.single), ...Object.keys(verbs.together)].map((name) => {
      const verb = name as keyof StoreVerbs;
      const call = (...args: readonly unknown[]) =>
        !isReachable && refusedWhileAway.has(verb) ? Promise.reject(storeUnreachable()) : commit.call(verb, args);
      return [verb, call];
    }),
  ) as unknown as StoreVerbs;

  return {
    ...calls,
    async sweep(cursor, nowMs) {
      if (isBetweenPartitions(cursor)) await keepPartitions(sharing.open, sharing.schema, nowMs);
      return calls.sweep(cursor, nowMs);
    },
    ...shown,
    asOfMs: null,
    warnings: [],
    cluster: createCluster(membership, commit, feed, others, {
      serverId,
      aliveMs: sharing.aliveMs,
      clockGapMs: sharing.clockGapMs,
    }),
    watchesDisk: false,
    failed: failure.promise,
    ...listeners.functions((watched) => feed.watch(watched)),
    answerMeasures: () =>
      tallies && answers && { duration: answers.read(), busySeconds: tallies.readCommits().duration.sum },
    backup: () => Promise.reject(unsupportedBackup()),
    giveUp,
    async close() {
      giveUp();
      const closed = feed.close();
      await commit.close();
      // Otherwise the others end it when its time is up.
      if (isReachable) await membership.leave().catch(() => undefined);
      await Promise.all([closed, keys.close(), writer.close(), membership.close()]);
    },
  };
}

const noChanges: Changes = { tasks: [], workflows: [], flows: [], deliveries: [], ready: [] };

/** Counts a change of what servers keep in memory; `value` is of what transactions keep there. */
const revised = {
  subscriptions: "UPDATE revision SET value = value + 1",
  settings: "UPDATE revision SET value = value + 1, settings = settings + 1",
  access: "UPDATE revision SET access = access + 1",
} as const;

/** What the database takes, the verb `measure` reads. */
const noFiles = { databaseBytes: 0, walBytes: 0, freeBytes: null, reserveBytes: 0 };

/** Where the data are, without the user and the password. */
function locationOf(url: string, schema: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}?schema=${schema}`;
}
