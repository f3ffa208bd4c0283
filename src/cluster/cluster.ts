import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { Random } from "../domain/random.ts";
import { workerNotFound } from "../domain/refusals/workers.ts";
import { createService, type Service } from "../domain/service.ts";
import type { ClusterStore, SharingServer } from "../store/cluster-store.ts";
import type { StoredLease } from "../store/task-store.ts";
import { Listeners } from "./listeners.ts";
import type { News } from "./news.ts";
import type { PeerCalls } from "./peer-link.ts";
import { type OtherServer, PeerLinks } from "./peer-links.ts";
import { KnownRevisions, type ReadAgain, type Revised } from "./revisions.ts";
import { type SharedMap, SharedMaps, unsharedMap, type ValueCodec } from "./shared-maps.ts";
import type { StorageClock } from "./storage-clock.ts";

/** What became of another server: it is heard from now on, before its first news come; it is not, for now; it has ended. */
export type PeerEvent = "heard" | "lost" | "ended";

/**
 * The servers that share one storage, as one of them sees the others. A server that has its storage for itself leads, and neither sends
 * news nor gets any.
 */
export interface Cluster extends Service {
  /** The number of this server; `null`: it has its storage for itself. */
  readonly serverId: number | null;
  /** By which all of them live; `null`: the machine's clock counts. */
  readonly storageClock: StorageClock | null;
  /** Whether upkeep is this server's: what is due, retention, what ended servers have left. */
  readonly isLeader: boolean;
  /** This one, as the last renewal found it; `null`: it has not joined the others yet, or has its storage for itself. */
  readonly own: SharingServer | null;
  /** The others that are known to live, by their numbers. */
  readonly others: readonly OtherServer[];
  /** Whether all of them are heard now. */
  readonly hearsAll: boolean;
  /** Those of them that listen to this one. */
  readonly listeners: Listeners;
  /** What only servers of this storage know; empty: there are no others. */
  secret(): Promise<string>;
  /** Lets the others know where this server is. Again: it is elsewhere now, or has another certificate. */
  join(where: { readonly address: string; readonly certificate: string | null }): Promise<void>;
  /** A server listens to this one: it is looked up, should it be unknown. */
  met(serverId: number): void;
  /** Tells every other server, soon; call it after the commit of what it is about. */
  tell(news: Partial<News>): void;
  /** Tells every server that begins to listen what there is, before anything else. */
  beginsWith(news: () => Partial<News>): void;
  /**
   * Sends `drain` to a worker that is connected to another server; answers the worker as it is then, encoded as `sitq.v1.Worker`.
   *
   * @throws SitqError WORKER_NOT_FOUND
   */
  drainWorker(serverId: number, workerId: string, graceMs: number): Promise<Uint8Array>;
  /** A map in which each server has entries of its own. @param name of which there is one */
  sharedMap<T>(name: string, codec: ValueCodec<T>): SharedMap<T>;
  /** Calls `listener` with what another server tells. */
  onNews(listener: (news: News, serverId: number) => void): void;
  /** Calls `listener` with what becomes of each of the others. */
  onPeer(listener: (serverId: number, event: PeerEvent) => void): void;
  /**
   * Calls `listener` when anything may have happened elsewhere that was not told: another server was not heard for a while, and every
   * few seconds anyway.
   */
  onMissed(listener: () => void): void;
  /** Calls `listener` when this server becomes the leader. */
  onLeading(listener: () => void): void;
  /**
   * Calls `listener` when another server has changed what is kept in memory, and again within seconds after it has rejected. It may come without a
   * change.
   */
  onRevised(what: Revised, listener: ReadAgain): void;
  /** Calls `listener` with leases that this server watches from now on: of workers of servers that have ended. */
  onAdopted(listener: (leases: readonly StoredLease[]) => void): void;
}

/** What a cluster is made of. */
export interface ClusterOptions {
  readonly store: ClusterStore;
  /** The machine's: others judge by the storage's clock whether this server lives. */
  readonly clock: Clock;
  /** Is looked at with each renewal. */
  readonly storageClock: StorageClock;
  readonly random: Random;
  readonly log: Log;
  readonly version: string;
  readonly calls: PeerCalls;
}

/** How often a server renews its time, in milliseconds; see ClusterStore.renew. */
const renewMs = 2_000;

/** Of a server that has its storage for itself. */
export const noCluster: Cluster = {
  ...createService({}),
  serverId: null,
  storageClock: null,
  isLeader: true,
  own: null,
  others: [],
  hearsAll: true,
  listeners: new Listeners(),
  secret: async () => "",
  join: async () => undefined,
  met: () => undefined,
  tell: () => undefined,
  beginsWith: () => undefined,
  drainWorker: (_, workerId) => Promise.reject(workerNotFound(workerId)),
  sharedMap: () => unsharedMap,
  onNews: () => undefined,
  onPeer: () => undefined,
  onMissed: () => undefined,
  onLeading: () => undefined,
  onRevised: () => undefined,
  onAdopted: () => undefined,
};

/** Creates the cluster of a server; it begins to renew its time at the start, and ends it at the stop. */
export function createCluster(options: ClusterOptions): Cluster {
  const { store, clock, storageClock, random, log, version, calls } = options;
  const listeners = new Listeners(clock);
  const maps = new SharedMaps((entry) => listeners.tell({ entries: new Map([[keyOf(entry), entry]]) }));
  listeners.beginWith(() => ({ entries: new Map(maps.all().map((entry) => [keyOf(entry), entry])) }));
  const onNews: ((news: News, serverId: number) => void)[] = [];
  const onPeer: ((serverId: number, event: PeerEvent) => void)[] = [];
  const onMissed: (() => void)[] = [];
  const onLeading: (() => void)[] = [];
  const revisions = new KnownRevisions();
  const onAdopted: ((leases: readonly StoredLease[]) => void)[] = [];
  let secret: Promise<string> | null = null;
  let own: SharingServer | null = null;
  let isLeader = false;
  let isFailing = false;
  let stopped = false;
  let callOff: () => void = () => undefined;
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;

  const missed = () => {
    for (const listener of onMissed) listener();
  };

  const peer = (serverId: number, event: PeerEvent) => {
    for (const listener of onPeer) listener(serverId, event);
  };

  const links = new PeerLinks(
    { serverId: store.serverId, listenTo: calls.listenTo, clock, storageClock, random, log },
    {
      begun(serverId) {
        // What it has comes again.
        maps.forget(serverId);
        peer(serverId, "heard");
        missed();
      },
      news(serverId, told) {
        if (told.revised) renewSoon();
        for (const listener of onNews) listener(told, serverId);
        // Behind the news: a worker that has come there has its leases there.
        maps.take(serverId, told.entries.values());
      },
      lost: (serverId) => peer(serverId, "lost"),
      gone(serverId, isEnded) {
        maps.forget(serverId);
        peer(serverId, isEnded ? "ended" : "lost");
        missed();
      },
    },
  );

  function lead(leads: boolean, term: number | null): void {
    if (leads === isLeader) return;
    isLeader = leads;
    log.info(
      { server: store.serverId, term },
      leads ? "this server leads: due tasks and retention are its work" : "this server leads no more",
    );
    if (leads) for (const listener of onLeading) listener();
  }

  async function adopt(): Promise<void> {
    for (let isMore = true; isMore && !stopped; ) {
      const adopted = await store.adopt();
      const { ended, leases } = adopted;
      ({ isMore } = adopted);
      if (ended.length > 0) log.warn({ servers: ended }, "servers were not heard of in time and have ended");
      if (leases.length === 0) continue;
      log.info({ leases: leases.length }, "took over leases of servers that have ended");
      for (const listener of onAdopted) listener(leases);
    }
  }

  async function renew(): Promise<void> {
    try {
      secret ??= store.secret();
      const key = await secret;
      const renewal = await storageClock.look(() => store.renew());
      if (stopped) return;
      lead(renewal.isLeader, renewal.term);
      own = renewal.servers.find(({ id }) => id === store.serverId) ?? null;
      links.follow(renewal.servers, key);
      revisions.found(renewal.revisions);
      if (isLeader) await adopt();
      if (isFailing) log.info({}, "the time of this server is renewed again");
      isFailing = false;
    } catch (error) {
      secret = null;
      if (!isFailing && !stopped) log.warn({ error }, "the time of this server could not be renewed");
      isFailing = true;
      lead(false, null);
    }
    if (links.others.length > 0) missed();
  }

  /** After the one that runs; one that has not begun yet is enough. */
  function renewNow(): Promise<void> {
    next ??= running.then(() => {
      next = null;
      return renew();
    });
    running = next;
    return next;
  }

  function renewLater(): void {
    if (stopped) return;
    // Servers that began together do not stay together.
    callOff = clock.after(renewMs * (0.75 + random() / 2), () => void renewNow().then(renewLater));
  }

  function renewSoon(): void {
    if (!stopped) void renewNow();
  }

  const service = createService({
    async start() {
      store.onChangesUpTo((changes) => listeners.tell({ changes }));
      onNews.push(({ changes }) => {
        if (changes > 0) store.changesUpTo(changes);
      });
      await renewNow();
      renewLater();
    },
    async stop() {
      stopped = true;
      callOff();
      links.stop();
      await running;
      await store
        .leave()
        .catch((error: unknown) =>
          log.warn({ error }, "the other servers have to find out by themselves that this one has ended"),
        );
    },
  });

  return {
    ...service,
    serverId: store.serverId,
    storageClock,
    get isLeader() {
      return isLeader;
    },
    get own() {
      return own && { ...own, isLeader };
    },
    get others() {
      return links.others;
    },
    get hearsAll() {
      return links.others.every(({ isHeard }) => isHeard);
    },
    listeners,
    secret: () => {
      secret ??= store.secret();
      return secret;
    },
    async join(where) {
      await store.join({ ...where, version });
      // The others learn of it from this one, which listens to them.
      await renewNow();
    },
    met(serverId) {
      if (!links.others.some(({ id }) => id === serverId)) renewSoon();
    },
    async drainWorker(serverId, workerId, graceMs) {
      const server = links.others.find(({ id }) => id === serverId);
      if (server === undefined) throw workerNotFound(workerId);
      return calls.drainWorker(server, { secret: await store.secret(), callerId: store.serverId }, workerId, graceMs);
    },
    tell: (news) => listeners.tell(news),
    beginsWith: (news) => listeners.beginWith(news),
    sharedMap: (name, codec) => maps.create(name, codec),
    onNews: (listener) => void onNews.push(listener),
    onPeer: (listener) => void onPeer.push(listener),
    onMissed: (listener) => void onMissed.push(listener),
    onLeading: (listener) => void onLeading.push(listener),
    onRevised: (what, listener) => revisions.on(what, listener),
    onAdopted: (listener) => void onAdopted.push(listener),
  };
}

/** One text for an entry's place; no map's name has a space. */
function keyOf({ map, key }: { readonly map: string; readonly key: string }): string {
  return `${map} ${key}`;
}
