import type { InstanceKey } from "../domain/instance.ts";

/** That an instance which registered itself was heard of. */
export interface InstanceHeartbeat extends InstanceKey {
  /** The registration that it is a heartbeat of. */
  readonly registrationId: string;
  /** What it does, as it said last; `null`: it did not say. */
  readonly load: number | null;
  /** How long ago that was, in milliseconds. */
  readonly ageMs: number;
}

/** A worker with a service, as the server of its stream sees it. Times are wall clock, in milliseconds. */
export interface WorkerFacts {
  readonly serviceName: string;
  readonly workerId: string;
  readonly address: string;
  /** How many tasks it takes at a time now; 0: none, so that it drains. */
  readonly capacity: number;
  /** Its share of the calls; 0: it has never taken a task. */
  readonly weight: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Its tasks in flight. */
  readonly load: number;
  readonly connectMs: number;
  readonly lastSeenMs: number;
}

/** What became of a worker with a service. */
export interface WorkerNews extends Pick<WorkerFacts, "serviceName" | "workerId"> {
  /** As it is now; `null`: its stream has ended. */
  readonly facts: WorkerFacts | null;
}

/** What servers let each other know of their instances. */
export interface RegistryNews {
  /** Registrations, or settings of services, have changed in the storage. */
  readonly registryChanged: boolean;
  /** The last heartbeat of each instance, by `nameOf`. */
  readonly heartbeats: ReadonlyMap<string, InstanceHeartbeat>;
  /** The workers of the sender that came, changed or went, by `nameOf`. */
  readonly workers: ReadonlyMap<string, WorkerNews>;
  /** These workers, and those before since the sender is heard, are all that it has. */
  readonly allWorkers: boolean;
}

/** One text for an instance's key; neither part holds a `/`. */
export function nameOf({ serviceName, instanceId }: InstanceKey): string {
  return `${serviceName}/${instanceId}`;
}

/** No news of instances. */
export const noRegistryNews: RegistryNews = {
  registryChanged: false,
  heartbeats: new Map(),
  workers: new Map(),
  allWorkers: false,
};

/** News of instances with later ones: the last of each instance counts. */
export function mergedRegistryNews(news: RegistryNews, added: Partial<RegistryNews>): RegistryNews {
  const { heartbeats, workers } = added;
  return {
    registryChanged: news.registryChanged || (added.registryChanged ?? false),
    heartbeats: heartbeats === undefined ? news.heartbeats : mergedHeartbeats(news.heartbeats, heartbeats),
    workers: workers === undefined ? news.workers : new Map([...news.workers, ...workers]),
    allWorkers: news.allWorkers || (added.allWorkers ?? false),
  };
}

/** So many of each fit into one message, however large they are. */
const heartbeatsAtOnce = 4_000;
const workersAtOnce = 200;

/** Cuts news into such as fit into one message each; at least one. */
export function partsOf<N extends RegistryNews>(news: N, rest: N): N[] {
  const parts: N[] = [];
  const heartbeats = [...news.heartbeats];
  const workers = [...news.workers];
  for (let at = 0; at < heartbeats.length; at += heartbeatsAtOnce) {
    parts.push({ ...rest, heartbeats: new Map(heartbeats.slice(at, at + heartbeatsAtOnce)) });
  }
  for (let at = 0; at < workers.length; at += workersAtOnce) {
    parts.push({ ...rest, workers: new Map(workers.slice(at, at + workersAtOnce)) });
  }
  // What is said of all workers comes behind them.
  parts.push({ ...news, heartbeats: new Map(), workers: new Map() });
  return parts;
}

function mergedHeartbeats(
  before: RegistryNews["heartbeats"],
  added: RegistryNews["heartbeats"],
): RegistryNews["heartbeats"] {
  const all = new Map(before);
  for (const [name, heartbeat] of added) {
    const former = all.get(name);
    const isSame = former?.registrationId === heartbeat.registrationId;
    all.set(name, isSame ? { ...heartbeat, load: heartbeat.load ?? former.load } : heartbeat);
  }
  return all;
}
