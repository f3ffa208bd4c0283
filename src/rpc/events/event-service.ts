import { create } from "@bufbuild/protobuf";
import type { EventFilter as ProtoFilter } from "../../../gen/sitq/v1/event_pb.js";
import { EventSchema, type Event as WireEvent } from "../../../gen/sitq/v1/event_pb.js";
import {
  CreateSubscriptionResponseSchema,
  DeleteSubscriptionResponseSchema,
  type EventService,
  GetEventResponseSchema,
  GetSubscriptionResponseSchema,
  ListEventsResponseSchema,
  ListSubscriptionsResponseSchema,
  PublishBatchResponseSchema,
  PublishResponseSchema,
  type PublishResult,
  PublishResultSchema,
  ReplayEventsResponseSchema,
  SubscriptionSchema,
  UpdateSubscriptionResponseSchema,
} from "../../../gen/sitq/v1/event_service_pb.js";
import { limits } from "../../contract/limits.ts";
import { firstWithin } from "../../contract/message-size.ts";
import type { Scope } from "../../domain/access/scope.ts";
import { allowsAll, namesOfSubscription } from "../../domain/access/scoped-name.ts";
import { invalidField, SitqError } from "../../domain/errors.ts";
import type { EventFilter, Subscription } from "../../domain/events/event.ts";
import type { Log } from "../../domain/log.ts";
import { contentFieldDenied } from "../../domain/refusals/access.ts";
import type { EventBroker } from "../../events/event-broker.ts";
import type { Published } from "../../events/event-publisher.ts";
import type { ServiceHandlers } from "../../grpc/handlers.ts";
import { codecOf } from "../../grpc/message-codec.ts";
import { answerEach, convertEach, refuseOutOfScope } from "../calls/batch.ts";
import { noteStored } from "../calls/call-notes.ts";
import type { RpcContext } from "../calls/rpc-context.ts";
import { statusOf } from "../calls/status.ts";
import type { Watchers } from "../calls/watchers.ts";
import { checkCount, parseOptionalText, parsePageSize, parseQueueName, parseRequestId } from "../convert/checks.ts";
import { fromEvent, toEvent, toEventHead } from "../convert/event.ts";
import { fromTimestamp } from "../convert/times.ts";
import { listAllowed } from "../paging/list-allowed.ts";
import { fromPageToken, toPageToken } from "../paging/page-token.ts";
import type { SealedPageTokens } from "../paging/sealed-page-token.ts";
import { toDeliveries, withoutContent } from "./delivery.ts";
import { fromEventFilter, fromEventStart } from "./event-filter.ts";
import { fromCreateRequest, fromSubscriptionUpdate, toSubscription } from "./subscription.ts";
import { eventWatch } from "./watch-events.ts";

/** What the service needs. */
export interface EventServiceOptions {
  readonly pageTokens: SealedPageTokens;
  readonly broker: EventBroker;
  readonly watchers: Watchers;
  readonly log: Pick<Log, "error">;
  readonly maxPayloadBytes: number;
}

const { sizeOf: eventBytes } = codecOf(EventSchema);
const { sizeOf: subscriptionBytes } = codecOf(SubscriptionSchema);

/** The handlers of sitq.v1.EventService. */
export function eventServiceHandlers(options: EventServiceOptions): ServiceHandlers<typeof EventService, RpcContext> {
  const { broker, pageTokens, watchers, log, maxPayloadBytes } = options;
  const { publisher, subscriptions, reads, feed } = broker;
  const shown = (subscription: Subscription) => toSubscription(subscription, subscriptions.paceOf(subscription));

  function resultOf(answer: Published | SitqError, index: number): PublishResult {
    const result = create(PublishResultSchema);
    if (answer instanceof SitqError) result.error = statusOf(answer.under(`requests[${index}]`), log);
    else Object.assign(result, answerOf(answer));
    return result;
  }

  return {
    async publish({ event }) {
      const [answer] = await publisher.publish([fromEvent(event, { maxPayloadBytes })]);
      if (answer === undefined || answer instanceof SitqError) throw answer;
      return Object.assign(create(PublishResponseSchema), answerOf(answer));
    },

    async publishBatch({ requests }, context) {
      if (requests.length === 0) throw invalidField("requests", "at least one is required");
      checkCount("requests", requests.length, limits.batchSize, "items");
      const checked = convertEach(requests, ({ event }) => fromEvent(event, { maxPayloadBytes }));
      refuseOutOfScope(checked, context, { kind: "event_type", field: "event.type" }, ({ type }) => type);
      const published = answerEach(checked, (events) => publisher.publish(events));
      const answers = await noteStored(published, context.notes, "event_type", ({ created, event }) =>
        created ? event.type : null,
      );
      return create(PublishBatchResponseSchema, { results: answers.map(resultOf) });
    },

    async createSubscription(request, { scope }) {
      const wanted = fromCreateRequest(request);
      requireQueue(scope, wanted.subscription.queue);
      requireTypes(scope, wanted.subscription.filter);
      const { subscription, created } = await subscriptions.create(wanted.subscription, wanted.start);
      return create(CreateSubscriptionResponseSchema, { subscription: shown(subscription), created });
    },

    async getSubscription(request) {
      const subscription = await subscriptions.get(parseQueueName("name", request.name));
      return create(GetSubscriptionResponseSchema, { subscription: shown(subscription) });
    },

    async updateSubscription(request, { scope }) {
      const { name, changes } = fromSubscriptionUpdate(request.subscription, request.updateMask);
      if (changes.filter !== undefined) requireTypes(scope, changes.filter);
      const subscription = await subscriptions.update(name, changes);
      return create(UpdateSubscriptionResponseSchema, { subscription: shown(subscription) });
    },

    async listSubscriptions(request, { scope }) {
      const limit = parsePageSize(request.pageSize);
      const query = { list: "subscriptions" };
      const found = await listAllowed(
        (cursor, most) => subscriptions.list(cursor, most),
        (each) => scope.isWhole || allowsAll(scope, namesOfSubscription(each)),
        fromPageToken(query, request.pageToken),
        limit + 1,
      );
      const page = firstWithin(found.slice(0, limit).map(shown), subscriptionBytes);
      return create(ListSubscriptionsResponseSchema, {
        subscriptions: page,
        nextPageToken: toPageToken(query, found.length > page.length ? (page.at(-1)?.name ?? null) : null),
      });
    },

    async deleteSubscription(request) {
      const { cancelled, running } = await subscriptions.delete(parseQueueName("name", request.name));
      return create(DeleteSubscriptionResponseSchema, {
        cancelledCount: BigInt(cancelled),
        runningCount: BigInt(running),
      });
    },

    async replayEvents(request) {
      const name = parseQueueName("subscription", request.subscription);
      const start = fromEventStart("start", request.start);
      if (start.kind === "now") throw invalidField("start.now", "there is nothing after the newest event to replay");
      return create(ReplayEventsResponseSchema, {
        subscription: shown(await subscriptions.replay(name, start)),
      });
    },

    async subscribe(request, context, out) {
      requireContent(context.scope, request.filter);
      await watchers.serve(eventWatch(feed, request, context.scope), context, out);
    },

    async getEvent(request, { scope }) {
      const id = parseRequestId("event_id", request.eventId);
      if (id === null) throw invalidField("event_id", "is required");
      const source = parseOptionalText("source_service", request.sourceService, limits.serviceBytes);
      const { event, deliveredTo, deliveries } = await reads.get(id, source);
      // The call names the event; what its deliveries came to is content of their queues.
      const shown = deliveries
        .filter(({ task }) => scope.allows("queue", task.queue))
        .map((each) => (scope.seesContentOf("queue", each.task.queue) ? each : withoutContent(each)));
      return create(GetEventResponseSchema, {
        event: toEvent(event),
        deliveredTo,
        deliveries: toDeliveries(shown, (event.data?.length ?? 0) + limits.attributeBytes),
      });
    },

    async listEvents(request, { scope }) {
      requireContent(scope, request.filter);
      const filter = fromEventFilter("filter", request.filter);
      const publishedAfterMs = fromTimestamp("published_after", request.publishedAfter);
      const publishedBeforeMs = fromTimestamp("published_before", request.publishedBefore);
      const limit = parsePageSize(request.pageSize);
      const query = { list: "events", filter, publishedAfterMs, publishedBeforeMs };
      const cursor = await pageTokens.open(query, request.pageToken);
      const found = await reads.list({ filter, publishedAfterMs, publishedBeforeMs, cursor, limit });
      const events = firstWithin(found.events.map(toEventHead), eventBytes);
      const isCut = events.length < found.events.length;
      const nextCursor = isCut ? (events.at(-1)?.position ?? null) : found.nextCursor;
      const shown = events.filter(({ type }) => scope.allows("event_type", type));
      const nextPageToken = await pageTokens.seal(query, nextCursor);
      return create(ListEventsResponseSchema, { events: shown, nextPageToken });
    },
  };
}

/** The queue of a new subscription: where none is named it has the subscription's name. */
function requireQueue(scope: Scope, queue: string): void {
  scope.mustAllow("queue", queue, "subscription.queue");
}

/** Who may not read attributes may not ask for them either, value by value. */
function requireContent(scope: Scope, filter: ProtoFilter | undefined): void {
  if (scope.seesContent || Object.keys(filter?.attributes ?? {}).length === 0) return;
  throw contentFieldDenied("filter.attributes");
}

/** A filter without types means all. */
function requireTypes(scope: Scope, { types }: EventFilter): void {
  if (types.length === 0) scope.mustAllow("event_type", "*", "subscription.filter.types");
}

function answerOf({ event, created, deliveredTo }: Published): {
  event: WireEvent;
  created: boolean;
  deliveredTo: number;
} {
  return { event: toEventHead({ ...event, attributes: null }), created, deliveredTo };
}
