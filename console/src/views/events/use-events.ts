import { useRef, useState } from "preact/hooks";
import type { Event } from "../../../../gen/sitq/v1/event_pb.js";
import type { ListEventsResponse, SubscribeResponse } from "../../../../gen/sitq/v1/event_service_pb.js";
import { serverNowMs } from "../../live/clock.ts";
import { useReread } from "../../live/use-live.ts";
import { type FollowedStream, useStream } from "../../live/use-stream.ts";
import type { Route } from "../../route.ts";
import { rpc } from "../../rpc/clients.ts";
import { pageOf } from "../../ui/pager.tsx";
import { type Loaded, useLoad } from "../../ui/use-load.ts";
import { eventFilterOf, eventQueryOf, eventsRequestOf } from "./event-query.ts";
import { newestFirst } from "./newest-first.ts";

const pageSize = 50;
/** So many that came are put before the page; with more of them the page is read anew, and not shown until then: some are between. */
const mostCame = 50;

/** A page of the log of events. */
export interface ShownEvents extends Pick<Loaded<ListEventsResponse>, "failure" | "reload"> {
  /** Newest first; `null`: they are not read yet. */
  readonly events: readonly Event[] | null;
  readonly nextPageToken: string;
  /** Only the first page is live; `null`: it is another one. */
  readonly stream: FollowedStream | null;
}

/** Reads the page of the log that the address asks for. The first one goes on with what is published. */
export function useEvents(route: Route): ShownEvents {
  const query = eventQueryOf(route.query);
  const pageToken = pageOf(route);
  const key = `events?${route.query}`;
  const sinceRead = useRef(0);
  const { value, failure, reload } = useLoad(key, (signal) => {
    sinceRead.current = 0;
    return rpc.events.listEvents({ ...eventsRequestOf(query, serverNowMs()), pageSize, pageToken }, { signal });
  });
  const reread = useReread(reload);
  const [came, setCame] = useState<{ readonly key: string; readonly events: readonly Event[] }>({ key, events: [] });
  const isLive = pageToken === "";

  const stream = useStream<SubscribeResponse>(isLive ? key : null, {
    open(signal) {
      const start = { start: { case: "now", value: true } } as const;
      return rpc.events.subscribe({ filter: eventFilterOf(query), start }, { signal, timeoutMs: 0 });
    },
    onMessage({ events }) {
      // The first message has none: what was stored before is read, what is stored after comes.
      if (events.length === 0) return reload();
      for (const event of events) delete event.data;
      setCame((before) => ({
        key,
        events: [...events.toReversed(), ...(before.key === key ? before.events : [])].slice(0, mostCame),
      }));
      sinceRead.current += events.length;
      if (sinceRead.current > mostCame) reread();
    },
  });
  const read = sinceRead.current > mostCame ? [] : (value?.events ?? []);
  return {
    events: value === null ? null : isLive && came.key === key ? newestFirst(came.events, read) : value.events,
    nextPageToken: value?.nextPageToken ?? "",
    failure,
    reload,
    stream: isLive ? stream : null,
  };
}
