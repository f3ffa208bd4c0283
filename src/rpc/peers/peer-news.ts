import { create } from "@bufbuild/protobuf";
import {
  EndedLeaseSchema,
  LeaseSchema,
  type ListenResponse,
  ListenResponseSchema,
  MapEntrySchema,
  type Lease as PeerLease,
} from "../../../gen/peers/v1/peer_service_pb.js";
import type { News } from "../../cluster/news.ts";
import type { MapEntry } from "../../cluster/shared-maps.ts";
import type { Lease } from "../../domain/lease.ts";
import { fromRegistryNews, toRegistryNews } from "./peer-registry-news.ts";

/** What stands for an unknown number of tasks. */
const unknownNumber = -1n;
/** How many entries of maps a message has at the most: each has a few hundred bytes. */
const mostEntries = 1_000;

/** News as messages. */
export function* toListenResponses(news: News): Generator<ListenResponse, void> {
  const entries = [...news.entries.values()];
  yield toListenResponse(news, entries.slice(0, mostEntries));
  for (let from = mostEntries; from < entries.length; from += mostEntries) {
    yield create(ListenResponseSchema, { entries: entries.slice(from, from + mostEntries).map(toEntry) });
  }
}

function toListenResponse(news: News, entries: readonly MapEntry[]): ListenResponse {
  const { ready, endedQueues, published, changes, dueMs, revised, endedLeases, takenLeases } = news;
  return create(ListenResponseSchema, {
    ready: Object.fromEntries([...ready].map(([queue, n]) => [queue, Number.isFinite(n) ? BigInt(n) : unknownNumber])),
    endedQueues: [...endedQueues],
    published,
    changes: BigInt(changes),
    dueMs: BigInt(dueMs === null ? 0 : Math.ceil(dueMs)),
    revised,
    entries: entries.map(toEntry),
    endedLeases: endedLeases.map(({ lease, reason }) => {
      const { queue, serverId } = lease;
      return create(EndedLeaseSchema, { lease: toLease(lease), queue, serverId: serverId ?? 0, reason });
    }),
    takenLeases: takenLeases.map(toLease),
    ...toRegistryNews(news),
  });
}

/** News of a message. */
export function fromListenResponse(message: ListenResponse): News {
  const { ready, endedQueues, published, changes, dueMs, revised, entries, endedLeases, takenLeases } = message;
  return {
    ready: new Map(Object.entries(ready).map(([queue, n]) => [queue, n < 0n ? Number.POSITIVE_INFINITY : Number(n)])),
    endedQueues: new Set(endedQueues),
    published,
    changes: Number(changes),
    dueMs: dueMs === 0n ? null : Number(dueMs),
    revised,
    ...fromRegistryNews(message),
    entries: new Map(entries.map(({ map, key, value = null }) => [`${map} ${key}`, { map, key, value }])),
    endedLeases: endedLeases.flatMap(({ lease, queue, serverId, reason }) =>
      lease === undefined ? [] : [{ lease: { ...fromLease(lease), queue, serverId }, reason }],
    ),
    takenLeases: takenLeases.map(fromLease),
  };
}

function toEntry({ map, key, value }: MapEntry) {
  return create(MapEntrySchema, { map, key, ...(value !== null && { value }) });
}

function toLease({ taskId, attempt, workerId, leaseKind }: Lease) {
  return create(LeaseSchema, { taskId, attempt, workerId, unary: leaseKind === "unary" });
}

function fromLease({ taskId, attempt, workerId, unary }: PeerLease): Lease {
  return { taskId, attempt, workerId, leaseKind: unary ? "unary" : "stream" };
}
