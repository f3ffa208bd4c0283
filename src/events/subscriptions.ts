import type { Clock } from "../domain/clock.ts";
import { quoted, SitqError } from "../domain/errors.ts";
import type { EventStart, NewSubscription, Subscription, SubscriptionChanges } from "../domain/events/event.ts";
import type { EventStore } from "../store/event-store.ts";
import type { CatchUp } from "./catch-up.ts";
import { positionExpired } from "./position-expired.ts";
import type { EndedDeliveries, SubscriptionRemover } from "./subscription-remover.ts";

/** What is done with subscriptions. */
export interface Subscriptions {
  /** @throws SitqError SUBSCRIPTION_EXISTS, POSITION_EXPIRED */
  create(
    subscription: NewSubscription,
    start: EventStart,
  ): Promise<{ readonly subscription: Subscription; readonly created: boolean }>;
  /** @throws SitqError SUBSCRIPTION_NOT_FOUND */
  get(name: string): Promise<Subscription>;
  /** Changes one in place. @throws SitqError SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_BEHIND */
  update(name: string, changes: SubscriptionChanges): Promise<Subscription>;
  /** By name, above `afterName`. */
  list(afterName: string | null, limit: number): Promise<Subscription[]>;
  /** Answers when its waiting deliveries are cancelled. @throws SitqError SUBSCRIPTION_NOT_FOUND, DRAINING */
  delete(name: string): Promise<EndedDeliveries>;
  /** @throws SitqError SUBSCRIPTION_NOT_FOUND, POSITION_EXPIRED */
  replay(name: string, start: EventStart): Promise<Subscription>;
}

/** The use cases of subscriptions. */
export function createSubscriptions(
  store: EventStore,
  clock: Clock,
  catchUp: CatchUp,
  remover: SubscriptionRemover,
): Subscriptions {
  return {
    async create(wanted, start) {
      const answer = await store.createSubscription(wanted, start, clock.now());
      switch (answer.status) {
        case "created":
        case "existing":
          if (answer.subscription.state === "catching_up") catchUp.wake();
          return { subscription: answer.subscription, created: answer.status === "created" };
        case "expired":
          throw positionExpired(answer.earliest);
        case "other_content":
          throw subscriptionExists(wanted.name, answer.differs);
      }
    },

    async get(name) {
      const subscription = await store.getSubscription(name);
      if (subscription === null) throw subscriptionNotFound("name", name);
      return subscription;
    },

    async update(name, changes) {
      const answer = await store.updateSubscription(name, changes);
      switch (answer.status) {
        case "updated":
          if (answer.subscription.state === "catching_up") catchUp.wake();
          return answer.subscription;
        case "not_found":
          throw subscriptionNotFound("subscription.name", name);
        case "too_many_filters":
          throw new SitqError(
            "SUBSCRIPTION_BEHIND",
            `Events wait for the subscription ${name} that were published under 100 other filters. Let it catch up first.`,
            { field: "subscription.filter", metadata: { subscription: name } },
          );
      }
    },

    list: (afterName, limit) => store.listSubscriptions(afterName, limit),

    async delete(name) {
      const ended = await store.endSubscription(name);
      if (ended === null) throw subscriptionNotFound("name", name);
      return remover.finish(ended);
    },

    async replay(name, start) {
      const answer = await store.replay(name, start, clock.now());
      switch (answer.status) {
        case "replaying":
          catchUp.wake();
          return answer.subscription;
        case "expired":
          throw positionExpired(answer.earliest);
        case "not_found":
          throw subscriptionNotFound("subscription", name);
      }
    },
  };
}

/** The fields of a subscription by their names in the contract. */
const fieldNames: Readonly<Record<keyof NewSubscription, string>> = {
  name: "name",
  filter: "filter",
  queue: "queue",
  orderingKey: "ordering_key",
  maxAttempts: "max_attempts",
  retryPolicy: "retry_policy",
  attemptTimeoutMs: "attempt_timeout",
};

function subscriptionExists(name: string, differs: keyof NewSubscription): SitqError {
  const field = fieldNames[differs];
  const advice =
    differs === "queue" || differs === "orderingKey"
      ? "That cannot be changed: choose another name, or delete it first, which cancels its waiting deliveries."
      : "Change it in place with UpdateSubscription (sitq subscription update), or choose another name.";
  return new SitqError("SUBSCRIPTION_EXISTS", `There is a subscription ${name} with another ${field}. ${advice}`, {
    field: `subscription.${field}`,
    metadata: { subscription: name, differs: field },
  });
}

function subscriptionNotFound(field: string, name: string): SitqError {
  return new SitqError("SUBSCRIPTION_NOT_FOUND", `There is no subscription ${quoted(name)}.`, {
    field,
    metadata: { subscription: name },
  });
}
