import { create } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import {
  type CreateSubscriptionRequest,
  SubscriptionSchema,
  SubscriptionState,
  type Subscription as WireSubscription,
} from "../../../gen/sitq/v1/event_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import type {
  EventStart,
  NewSubscription,
  Subscription,
  SubscriptionChanges,
  SubscriptionPace,
} from "../../domain/events/event.ts";
import { orderingKeyComplaint } from "../../domain/events/event-filter.ts";
import { parseIntegerOr, parseQueueName } from "../convert/checks.ts";
import { type ChangeableFields, changesOf } from "../convert/field-mask.ts";
import { fromRetryPolicy, toPartialRetryPolicy } from "../convert/retry-policy.ts";
import { fromDuration, toDuration, toTimestamp, toTimestamps } from "../convert/times.ts";
import { converted, refuseField } from "../convert/violations.ts";
import { fromEventFilter, fromEventStart, toEventFilter } from "./event-filter.ts";

const { values: states } = protoEnum<Subscription["state"], SubscriptionState>()({
  live: SubscriptionState.LIVE,
  catching_up: SubscriptionState.CATCHING_UP,
  paused: SubscriptionState.PAUSED,
});

/** What CreateSubscription asks for. @throws SitqError with the field's path */
export function fromCreateRequest({ subscription, start }: CreateSubscriptionRequest): {
  readonly subscription: NewSubscription;
  readonly start: EventStart;
} {
  if (subscription === undefined) throw invalidField("subscription", "is required");
  return converted(() => ({
    subscription: fromSubscription(subscription),
    start: fromEventStart("start", start),
  }));
}

function fromSubscription(subscription: WireSubscription): NewSubscription {
  const { queue, orderingKey } = subscription;
  const name = parseQueueName("subscription.name", subscription.name);
  if (subscription.paused) refuseField("subscription.paused", "is for UpdateSubscription: create it first");
  const complaint = orderingKey === "" ? null : orderingKeyComplaint(orderingKey);
  if (complaint !== null) refuseField("subscription.ordering_key", complaint, orderingKey);
  return {
    name,
    filter: changeable.filter.read(subscription),
    queue: queue === "" ? name : parseQueueName("subscription.queue", queue),
    orderingKey: orderingKey === "" ? null : orderingKey,
    maxAttempts: changeable.maxAttempts.read(subscription),
    retryPolicy: changeable.retryPolicy.read(subscription),
    attemptTimeoutMs: changeable.attemptTimeoutMs.read(subscription),
  };
}

/** The fields that an update can change. */
const changeable: ChangeableFields<WireSubscription, Required<SubscriptionChanges>> = {
  filter: {
    path: "filter",
    isSet: ({ filter }) => filter !== undefined,
    read: ({ filter }) => fromEventFilter("subscription.filter", filter),
  },
  maxAttempts: {
    path: "max_attempts",
    isSet: ({ maxAttempts }) => maxAttempts !== 0,
    read: ({ maxAttempts }) => parseIntegerOr("subscription.max_attempts", maxAttempts, 1, limits.maxAttempts, null),
  },
  retryPolicy: {
    path: "retry_policy",
    isSet: ({ retryPolicy }) => retryPolicy !== undefined,
    read: ({ retryPolicy }) =>
      retryPolicy === undefined ? null : fromRetryPolicy("subscription.retry_policy", retryPolicy),
  },
  attemptTimeoutMs: {
    path: "attempt_timeout",
    isSet: ({ attemptTimeout }) => attemptTimeout !== undefined,
    read: ({ attemptTimeout }) =>
      fromDuration("subscription.attempt_timeout", attemptTimeout, 1, limits.attemptTimeoutMs),
  },
  paused: { path: "paused", isSet: ({ paused }) => paused, read: ({ paused }) => paused },
};

/** The changes that an update asks for. @throws SitqError with the field's path */
export function fromSubscriptionUpdate(
  subscription: WireSubscription | undefined,
  mask: FieldMask | undefined,
): { readonly name: string; readonly changes: SubscriptionChanges } {
  if (subscription === undefined) throw invalidField("subscription", "is required");
  return converted(() => ({
    name: parseQueueName("subscription.name", subscription.name),
    changes: changesOf(subscription, mask, changeable, "; the rest of a subscription stays as it was made"),
  }));
}

/** A subscription as it goes out, with how fast it is. */
export function toSubscription(
  subscription: Subscription,
  { deliveryRate, catchUpMs }: SubscriptionPace,
): WireSubscription {
  const { retryPolicy, attemptTimeoutMs } = subscription;
  return create(SubscriptionSchema, {
    name: subscription.name,
    filter: toEventFilter(subscription.filter),
    queue: subscription.queue,
    orderingKey: subscription.orderingKey ?? "",
    maxAttempts: subscription.maxAttempts ?? 0,
    ...(retryPolicy !== null && { retryPolicy: toPartialRetryPolicy(retryPolicy) }),
    ...(attemptTimeoutMs !== null && { attemptTimeout: toDuration(attemptTimeoutMs) }),
    state: states[subscription.state],
    position: subscription.position,
    createTime: toTimestamp(subscription.createMs),
    paused: subscription.state === "paused",
    waitingCount: BigInt(subscription.waiting),
    runningCount: BigInt(subscription.running),
    failedCount: BigInt(subscription.failed),
    deliveryRate,
    ...(catchUpMs !== null && { catchUpDuration: toDuration(Math.round(catchUpMs)) }),
    ...toTimestamps({ oldestWaitingTime: subscription.oldestWaitingMs }),
  });
}
