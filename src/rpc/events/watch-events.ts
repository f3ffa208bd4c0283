import { create } from "@bufbuild/protobuf";
import {
  type SubscribeRequest,
  type SubscribeResponse,
  SubscribeResponseSchema,
} from "../../../gen/sitq/v1/event_service_pb.js";
import type { Scope } from "../../domain/access/scope.ts";
import type { StoredEvent } from "../../domain/events/event.ts";
import type { EventFeed, WatchedEvents } from "../../events/event-feed.ts";
import { encodeAhead } from "../../grpc/message-codec.ts";
import type { StoredWatch } from "../calls/watchers.ts";
import { toEvent } from "../convert/event.ts";
import { fromEventFilter, fromEventStart } from "./event-filter.ts";

/** A watch of the events that match and are in a scope, from a start on. @throws SitqError with the field's path */
export function eventWatch(feed: EventFeed, request: SubscribeRequest, scope: Scope): StoredWatch<SubscribeResponse> {
  const filter = fromEventFilter("filter", request.filter);
  const start = fromEventStart("start", request.start);
  return {
    async *read(end) {
      for await (const page of feed.watch(filter, start, end))
        yield scope.isWhole ? toSharedMessage(page) : toMessage(within(scope, page));
    },
    stopped: feed.stopped,
  };
}

/** Watchers with equal filters are shown the same pages: each is encoded once. */
const messages = new WeakMap<readonly StoredEvent[], SubscribeResponse>();

function toSharedMessage(page: WatchedEvents): SubscribeResponse {
  const { events } = page;
  const known = messages.get(events);
  if (known !== undefined) return known;
  const message = toMessage(page);
  encodeAhead(SubscribeResponseSchema, message);
  messages.set(events, message);
  return message;
}

function toMessage({ events, position }: WatchedEvents): SubscribeResponse {
  const message = create(SubscribeResponseSchema);
  message.events = events.map(toEvent);
  message.position = position;
  return message;
}

function within(scope: Scope, { events, position }: WatchedEvents): WatchedEvents {
  return { events: events.filter(({ type }) => scope.allows("event_type", type)), position };
}
