import { create } from "@bufbuild/protobuf";
import type { FieldMask } from "@bufbuild/protobuf/wkt";
import {
  SubscriptionSchema,
  SubscriptionState,
  type Subscription as WireSubscription,
} from "../../../gen/sitq/v1/event_service_pb.js";
import { protoEnum } from "../../contract/enums.ts";
import { limits } from "../../contract/limits.ts";
import { invalidField } from "../../domain/errors.ts";
import type { NewSubscription, Subscription, SubscriptionChanges } from "../../domain/events/event.ts";
import { orderingKeyComplaint } from "../../domain/events/event-filter.ts";
import { parseIntegerOr, parseQueueName } from "../convert/checks.ts";
import { fromRetryPolicy, toPartialRetryPolicy } from "../convert/retry-policy.ts";
import { fromDuration, toDuration, toTimestamp } from "../convert/times.ts";
import { converted, refuseField } from "../convert/violations.ts";
import { fromEventFilter, toEventFilter } from "./event-filter.ts";

const { values: states } = protoEnum<Subscription["state"], SubscriptionState>()({
  live: SubscriptionState.LIVE,
  catching_up: SubscriptionState.CATCHING_UP,
  paused: SubscriptionState.PAUSED,
});

/** The subscription that is asked for. @throws SitqError with the field's path */
export function fromSubscription(subscription: WireSubscription | undefined): NewSubscription {
  if (subscription === undefined) throw invalidField("subscription", "is required");
  return converted(() => toNewSubscription(subscription));
}

function toNewSubscription(subscription: WireSubscription): NewSubscription {
  const { queue, orderingKey } = subscription;
  const name = parseQueueName("subscription.name", subscription.name);
  if (subscription.paused) refuseField("subscription.paused", "is for UpdateSubscription: create it first");
  const complaint = orderingKey === "" ? null : orderingKeyComplaint(orderingKey);
  if (complaint !== null) refuseField("subscription.ordering_key", complaint, orderingKey);
  return {
    name,
    filter: readers.filter(subscription),
    queue: queue === "" ? name : parseQueueName("subscription.queue", queue),
    orderingKey: orderingKey === "" ? null : orderingKey,
    maxAttempts: readers.maxAttempts(subscription),
    retryPolicy: readers.retryPolicy(subscription),
    attemptTimeoutMs: readers.attemptTimeoutMs(subscription),
  };
}

type Changeable = Required<SubscriptionChanges>;

/** How each field that can be changed is read; one that is not set goes back to its default. */
const readers: { readonly [Name in keyof Changeable]: (subscription: WireSubscription) => Changeable[Name] } = {
  filter: ({ filter }) => fromEventFilter("subscription.filter", filter),
  maxAttempts: ({ maxAttempts }) =>
    parseIntegerOr("subscription.max_attempts", maxAttempts, 1, limits.maxAttempts, null),
  retryPolicy: ({ retryPolicy }) =>
    retryPolicy === undefined ? null : fromRetryPolicy("subscription.retry_policy", retryPolicy),
  attemptTimeoutMs: ({ attemptTimeout }) =>
    fromDuration("subscription.attempt_timeout", attemptTimeout, 1, limits.attemptTimeoutMs),
  paused: ({ paused }) => paused,
};

/** The fields that can be changed, by their names in the contract. */
const changeable: Readonly<Record<string, keyof Changeable>> = {
  filter: "filter",
  max_attempts: "maxAttempts",
  retry_policy: "retryPolicy",
  attempt_timeout: "attemptTimeoutMs",
  paused: "paused",
};

const isSet: { readonly [Name in keyof Changeable]: (subscription: WireSubscription) => boolean } = {
  filter: ({ filter }) => filter !== undefined,
  maxAttempts: ({ maxAttempts }) => maxAttempts !== 0,
  retryPolicy: ({ retryPolicy }) => retryPolicy !== undefined,
  attemptTimeoutMs: ({ attemptTimeout }) => attemptTimeout !== undefined,
  paused: ({ paused }) => paused,
};

/**
 * The changes that an update asks for (AIP-134): those that the mask names, or without one those that are set.
 *
 * @throws SitqError with the field's path
 */
export function fromSubscriptionUpdate(
  subscription: WireSubscription | undefined,
  mask: FieldMask | undefined,
): { readonly name: string; readonly changes: SubscriptionChanges } {
  if (subscription === undefined) throw invalidField("subscription", "is required");
  const name = parseQueueName("subscription.name", subscription.name);
  const all = Object.values(changeable);
  const names = mask?.paths.length ? namesOf(mask.paths) : all.filter((each) => isSet[each](subscription));
  return { name, changes: Object.fromEntries(names.map((each) => [each, readers[each](subscription)])) };
}

function namesOf(paths: readonly string[]): (keyof Changeable)[] {
  if (paths.includes("*")) return Object.values(changeable);
  return paths.map((path, index) => {
    const name = Object.hasOwn(changeable, path) ? changeable[path] : undefined;
    if (name !== undefined) return name;
    const known = `${Object.keys(changeable).join(", ")}; the rest of a subscription stays as it was made`;
    throw invalidField(`update_mask.paths[${index}]`, `is not one of: ${known}`, path);
  });
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
    position: subscription.position,
    createTime: toTimestamp(subscription.createMs),
    paused: subscription.state === "paused",
    waitingCount: BigInt(subscription.waiting),
    runningCount: BigInt(subscription.running),
    failedCount: BigInt(subscription.failed),
    ...(subscription.oldestWaitingMs !== null && { oldestWaitingTime: toTimestamp(subscription.oldestWaitingMs) }),
  });
}
