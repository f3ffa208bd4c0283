import type { EndedLease, Lease } from "../domain/lease.ts";
import { mergedRegistryNews, noRegistryNews, type RegistryNews } from "./registry-news.ts";
import type { MapEntry } from "./shared-maps.ts";

/** A lease that ended with its task, and why that was cancelled. */
export interface CalledOff {
  readonly lease: EndedLease;
  readonly reason: string;
}

/**
 * What a server tells the others of what its commits did. News are hints: all that counts is in the storage, and news that is lost
 * costs time alone.
 */
export interface News extends RegistryNews {
  /** How many more tasks of a queue may be claimed; `Infinity`: an unknown number. */
  readonly ready: ReadonlyMap<string, number>;
  /** Queues of which attempts or tasks have ended: those that `max_running` holds back may go. */
  readonly endedQueues: ReadonlySet<string>;
  /** Events were stored. */
  readonly published: boolean;
  /** The last number in the feed of changes of tasks and workflows; 0: no news of it. */
  readonly changes: number;
  /** Something is due at this time, by the wall clock; `null`: no news of it. It is for the leader. */
  readonly dueMs: number | null;
  /** What servers keep in memory of principals, services or settings has changed. */
  readonly revised: boolean;
  /** What the server has in shared maps and has changed, by map and key. */
  readonly entries: ReadonlyMap<string, MapEntry>;
  /** Leases that ended with their tasks, and that other servers watched. */
  readonly endedLeases: readonly CalledOff[];
  /** Leases that the server watches from now on in place of another one. */
  readonly takenLeases: readonly Lease[];
}

/** No news. */
export const noNews: News = {
  ...noRegistryNews,
  ready: new Map(),
  endedQueues: new Set(),
  published: false,
  changes: 0,
  dueMs: null,
  revised: false,
  entries: new Map(),
  endedLeases: [],
  takenLeases: [],
};

/** News for one server, put together until they are sent: however much happens, they stay small. */
export class NewsOutbox {
  private news: News = noNews;

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.news === noNews;
  }

  /** Adds news. */
  add(added: Partial<News>): void {
    this.news = merged(this.news, added);
  }

  /** What was added since the last call. */
  take(): News {
    const { news } = this;
    this.news = noNews;
    return news;
  }
}

function merged(news: News, added: Partial<News>): News {
  const { ready, endedQueues } = added;
  return {
    ...mergedRegistryNews(news, added),
    ready: ready === undefined ? news.ready : sums(news.ready, ready),
    endedQueues: endedQueues === undefined ? news.endedQueues : new Set([...news.endedQueues, ...endedQueues]),
    published: news.published || (added.published ?? false),
    changes: Math.max(news.changes, added.changes ?? 0),
    dueMs: earlier(news.dueMs, added.dueMs ?? null),
    revised: news.revised || (added.revised ?? false),
    entries: added.entries === undefined ? news.entries : new Map([...news.entries, ...added.entries]),
    endedLeases: joined(news.endedLeases, added.endedLeases),
    takenLeases: joined(news.takenLeases, added.takenLeases),
  };
}

function sums(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const all = new Map(a);
  for (const [queue, n] of b) all.set(queue, (all.get(queue) ?? 0) + n);
  return all;
}

function joined<T>(a: readonly T[], b: readonly T[] = []): readonly T[] {
  return b.length === 0 ? a : [...a, ...b];
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}
