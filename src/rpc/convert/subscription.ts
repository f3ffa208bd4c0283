import { create } from "@bufbuild/protobuf";
import {
  SubscriptionSchema,
  SubscriptionState,
  type Subscription as WireSubscription,
} from "../../../gen/sitq/v1/event_service_pb.js";
import { invalidField } from "../../domain/errors.ts";
import type { NewSubscription, Subscription } from "../../domain/event.ts";
import { orderingKeyComplaint } from "../../domain/event-filter.ts";
import { limits } from "../../domain/limits.ts";
import { integerOr, queueName } from "./checks.ts";
import { fromEventFilter, toEventFilter } from "./event-filter.ts";
import { fromRetryPolicy, toPartialRetryPolicy } from "./retry-policy.ts";
import { durationMs, toDuration, toTimestamp } from "./times.ts";

const states: Readonly<Record<Subscription["state"], SubscriptionState>> = {
  live: SubscriptionState.LIVE,
  catching_up: SubscriptionState.CATCHING_UP,
};

/** The subscription that is asked for. @throws SitqError with the field's path */
export function fromSubscription(subscription: WireSubscription | undefined): NewSubscription {
  if (subscription === undefined) throw invalidField("subscription", "is required");
  const { filter, queue, orderingKey, maxAttempts, retryPolicy, attemptTimeout } = subscription;
  const name = queueName("subscription.name", subscription.name);
  const complaint = orderingKey === "" ? null : orderingKeyComplaint(orderingKey);
  if (complaint !== null) throw invalidField("subscription.ordering_key", complaint, orderingKey);
  return {
    name,
    filter: fromEventFilter("subscription.filter", filter),
    queue: queue === "" ? name : queueName("subscription.queue", queue),
    orderingKey: orderingKey === "" ? null : orderingKey,
    maxAttempts: integerOr("subscription.max_attempts", maxAttempts, 1, limits.maxAttempts, null),
    retryPolicy: retryPolicy === undefined ? null : fromRetryPolicy("subscription.retry_policy", retryPolicy),
    attemptTimeoutMs: durationMs("subscription.attempt_timeout", attemptTimeout, 1, limits.attemptTimeoutMs),
  };
}

/** A subscription as it goes out. */
export function toSubscription(subscription: Subscription): WireSubscription {
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
    position: subscription.position ?? "",
    createTime: toTimestamp(subscription.createMs),
  });
}
