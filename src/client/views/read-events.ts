import { type Event, type EventFilter, EventFilterSchema, EventSchema } from "../../../gen/sitq/v1/event_pb.js";
import {
  type Delivery,
  DeliverySchema,
  type EventService,
  type GetEventResponse,
  type Subscription,
  SubscriptionSchema,
} from "../../../gen/sitq/v1/event_service_pb.js";
import type { Client } from "../../grpc/client/client.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { timeOf } from "../options/spans.ts";
import { fromPlain, type PlainOptions } from "./from-plain.ts";
import { eachItem, type ListOptions, listNames, present, type ReadOptions, readCall, readNames } from "./pages.ts";
import { type Plain, toPlain } from "./plain.ts";

/** An event as a plain object. */
export type EventRecord = Plain<Event>;

/** How an event was delivered to one subscription, as a plain object. */
export type DeliveryRecord = Plain<Delivery>;

/** A subscription as a plain object. */
export type SubscriptionRecord = Plain<Subscription>;

/** An event and its delivery report. */
export interface EventReport {
  readonly event: EventRecord;
  /** How many subscriptions it was delivered to when it was stored. */
  readonly deliveredTo: number;
  /** One for each subscription that it is delivered to. */
  readonly deliveries: readonly DeliveryRecord[];
}

/** Which event is read. */
export interface EventReadOptions extends ReadOptions {
  /** Its source, where two sources may have published under one id. Default: any. */
  readonly sourceService?: string;
}

/** Which events are listed. */
export interface EventListOptions extends PlainOptions<EventFilter>, ListOptions {
  /** Stored at this time or later. Default: no bound. */
  readonly publishedAfter?: Date;
  /** Stored before this time. Default: no bound. */
  readonly publishedBefore?: Date;
}

const readEventNames: OptionNames<EventReadOptions> = { ...readNames, sourceService: true };

/** Reads events as plain objects. */
export interface EventReader {
  /** One event with its delivery report. @throws CallError NOT_FOUND */
  get(eventId: string, options?: EventReadOptions): Promise<EventReport>;
  /** Events, newest first. @throws CallError INVALID_ARGUMENT of a filter that does not fit */
  list(options?: EventListOptions): AsyncIterable<EventRecord>;
}

/** Reads subscriptions as plain objects. */
export interface SubscriptionReader {
  /** Subscriptions, by name. */
  list(options?: ListOptions): AsyncIterable<SubscriptionRecord>;
}

/** Creates a reader over a typed client. */
export function createEventReader(service: Client<typeof EventService>): EventReader {
  return {
    async get(eventId, options = {}) {
      refuseUnknown(options, readEventNames);
      const { sourceService = "", ...read } = options;
      return eventReport(await service.getEvent({ eventId, sourceService }, readCall(read)));
    },
    list({ publishedAfter, publishedBefore, pageSize, signal, ...wanted } = {}) {
      const filter = fromPlain(EventFilterSchema, "filter", wanted, [
        "publishedAfter",
        "publishedBefore",
        ...Object.keys(listNames),
      ]);
      const range = {
        ...(publishedAfter && { publishedAfter: timeOf("published_after", publishedAfter) }),
        ...(publishedBefore && { publishedBefore: timeOf("published_before", publishedBefore) }),
      };
      return eachItem({ pageSize, signal }, async (page, call) => {
        const { events, nextPageToken } = await service.listEvents({ filter, ...range, ...page }, call);
        return { items: events.map((event) => toPlain(EventSchema, event)), nextPageToken };
      });
    },
  };
}

/** Creates a reader over a typed client. */
export function createSubscriptionReader(service: Client<typeof EventService>): SubscriptionReader {
  return {
    list(options = {}) {
      refuseUnknown(options, listNames);
      return eachItem(options, async (page, call) => {
        const { subscriptions, nextPageToken } = await service.listSubscriptions(page, call);
        return { items: subscriptions.map((each) => toPlain(SubscriptionSchema, each)), nextPageToken };
      });
    },
  };
}

/** An event and its deliveries as they were answered. */
export function eventReport({ event, deliveredTo, deliveries }: GetEventResponse): EventReport {
  return {
    event: toPlain(EventSchema, present(event, "event")),
    deliveredTo,
    deliveries: deliveries.map((delivery) => toPlain(DeliverySchema, delivery)),
  };
}
