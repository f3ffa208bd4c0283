import type { MessageInitShape } from "@bufbuild/protobuf";
import { onTestFinished } from "vitest";
import type { Event, EventFilterSchema, EventSchema, EventStart } from "../../../gen/sitq/v1/event_pb.js";
import type {
  EventService,
  GetEventResponse,
  PublishResponse,
  SubscribeResponse,
  Subscription,
  SubscriptionSchema,
} from "../../../gen/sitq/v1/event_service_pb.js";
import { SubscriptionState } from "../../../gen/sitq/v1/event_service_pb.js";
import type { Client } from "../../../src/grpc/client/client.ts";
import { createCondition } from "../condition.ts";
import { present } from "./tasks.ts";

/** What of a server is needed here. */
type Events = { readonly event: Client<typeof EventService> };
/** An event as a publisher writes it. */
export type EventInit = Exclude<MessageInitShape<typeof EventSchema>, Event>;
/** A subscription as it is asked for. */
export type SubscriptionInit = Exclude<MessageInitShape<typeof SubscriptionSchema>, Subscription>;
/** A place to begin at. */
export type StartInit = EventStart["start"];

/** Which events are meant. */
export type FilterInit = MessageInitShape<typeof EventFilterSchema>;

/** Behind the newest event. */
export const fromNow: StartInit = { case: "now", value: true };
/** At the oldest event. */
export const fromEarliest: StartInit = { case: "earliest", value: true };

/** Behind a position. */
export function behind(position: string): StartInit {
  return { case: "position", value: position };
}

/** Publishes an event of the service `shop`, with what a test changes of it. */
export function publish({ event }: Events, changes: EventInit = {}): Promise<PublishResponse> {
  return event.publish({ event: { type: "order.created", sourceService: "shop", ...changes } });
}

/** Publishes one event for each id, in one batch. */
export async function publishAll({ event }: Events, ids: readonly string[], changes: EventInit = {}): Promise<Event[]> {
  const requests = ids.map((id) => ({ event: { type: "order.created", sourceService: "shop", ...changes, id } }));
  const { results } = await event.publishBatch({ requests });
  return results.map((result) => present(result.event));
}

/** Makes a subscription, by default to all that is published from now on. */
export async function subscribe(
  { event }: Events,
  subscription: SubscriptionInit,
  start: StartInit = fromNow,
): Promise<Subscription> {
  const answer = await event.createSubscription({ subscription, start: { start } });
  return present(answer.subscription);
}

/** An event with its delivery report. */
export function report({ event }: Events, eventId: string, sourceService = ""): Promise<GetEventResponse> {
  return event.getEvent({ eventId, sourceService });
}

/** A subscription as it is now. */
export async function readSubscription({ event }: Events, name: string): Promise<Subscription> {
  const { subscriptions } = await event.listSubscriptions({ pageSize: 1_000 });
  return present(subscriptions.find((each) => each.name === name));
}

/** Whether a subscription has caught up. */
export async function isLive(server: Events, name: string): Promise<boolean> {
  return (await readSubscription(server, name)).state === SubscriptionState.LIVE;
}

/** Somebody who follows events and remembers them. */
export interface EventWatch {
  /** Every event so far, in order. */
  readonly events: readonly Event[];
  /** Every message so far. */
  readonly messages: readonly SubscribeResponse[];
  /** The newest position. */
  readonly position: string;
  /** Resolves once `n` messages have come. */
  message(n: number): Promise<void>;
  /** The ids of the first `n` events, once they have come. */
  ids(n: number): Promise<string[]>;
  /** Why it ended; `null`: it did so cleanly. */
  readonly ended: Promise<unknown>;
  /** Goes away. */
  stop(): void;
}

/** Begins to follow events; from its return on nothing is missed. It ends with the test. */
export async function watchEvents(
  { event }: Events,
  { filter = {}, start = fromNow }: { readonly filter?: FilterInit; readonly start?: StartInit } = {},
): Promise<EventWatch> {
  const leave = new AbortController();
  onTestFinished(() => leave.abort());
  const messages: SubscribeResponse[] = [];
  const events: Event[] = [];
  const condition = createCondition();
  const began = Promise.withResolvers<void>();

  async function follow(): Promise<unknown> {
    try {
      for await (const message of event.subscribe({ filter, start: { start } }, { signal: leave.signal })) {
        messages.push(message);
        events.push(...message.events);
        began.resolve();
        condition.changed();
      }
      return null;
    } catch (error) {
      return error;
    }
  }
  const ended = follow().then((why) => {
    began.reject(why);
    condition.end(why);
    return why;
  });

  await began.promise;
  return {
    events,
    messages,
    ended,
    get position() {
      return present(messages.at(-1)).position;
    },
    async ids(n) {
      await condition.until(() => events.length >= n, `${n} events came`);
      return events.slice(0, n).map(({ id }) => id);
    },
    message: (n) => condition.until(() => messages.length >= n, `${n} messages came`),
    stop: () => leave.abort(),
  };
}
