import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { type ListenResponse, ListenResponseSchema } from "../../../gen/peers/v1/peer_service_pb.js";
import type { News } from "../../cluster/news.ts";
import { fromRegistryNews, toRegistryNews } from "./peer-registry-news.ts";

/** What stands for an unknown number of tasks. */
const unknownNumber = -1n;

/** News as a message. */
export function toListenResponse(news: News): ListenResponse {
  const { ready, endedQueues, published, changes, dueMs, revised } = news;
  const message: MessageInitShape<typeof ListenResponseSchema> = {
    ready: Object.fromEntries([...ready].map(([queue, n]) => [queue, Number.isFinite(n) ? BigInt(n) : unknownNumber])),
    endedQueues: [...endedQueues],
    published,
    changes: BigInt(changes),
    dueMs: BigInt(dueMs === null ? 0 : Math.ceil(dueMs)),
    revised,
    ...toRegistryNews(news),
  };
  return create(ListenResponseSchema, message);
}

/** News of a message. */
export function fromListenResponse(message: ListenResponse): News {
  const { ready, endedQueues, published, changes, dueMs, revised } = message;
  return {
    ready: new Map(Object.entries(ready).map(([queue, n]) => [queue, n < 0n ? Number.POSITIVE_INFINITY : Number(n)])),
    endedQueues: new Set(endedQueues),
    published,
    changes: Number(changes),
    dueMs: dueMs === 0n ? null : Number(dueMs),
    revised,
    ...fromRegistryNews(message),
  };
}
