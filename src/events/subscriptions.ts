import type { Clock } from "../domain/clock.ts";
import type {
  EventStart,
  NewSubscription,
  Subscription,
  SubscriptionChanges,
  SubscriptionPace,
} from "../domain/events/event.ts";
import { catchUpMs } from "../domain/events/subscription-progress.ts";
import {
  positionExpired,
  subscriptionBehind,
  subscriptionExists,
  subscriptionNotFound,
} from "../domain/refusals/events.ts";
import type { EventStore } from "../store/event-store.ts";
import type { CatchUp } from "./catch-up.ts";
import type { EndedDeliveries, SubscriptionRemover } from "./subscription-remover.ts";

/** Deliveries a second over the last minute: those that came, and those that ended. */
export type DeliveryRate = (subscription: string) => { readonly enqueued: number; readonly finished: number };

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
  /** By name, above `cursor`. */
  list(cursor: string | null, limit: number): Promise<Subscription[]>;
  /** Answers when its waiting deliveries are cancelled. @throws SitqError SUBSCRIPTION_NOT_FOUND, DRAINING */
  delete(name: string): Promise<EndedDeliveries>;
  /** @throws SitqError SUBSCRIPTION_NOT_FOUND, POSITION_EXPIRED */
  replay(name: string, start: EventStart): Promise<Subscription>;
  /** How fast one is now. */
  paceOf(subscription: Subscription): SubscriptionPace;
}

/** Creates the use cases of subscriptions. */
export function createSubscriptions(
  store: EventStore,
  clock: Clock,
  catchUp: CatchUp,
  remover: SubscriptionRemover,
  rateOf: DeliveryRate,
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
          throw subscriptionExists(wanted.name, fieldNames[answer.differs]);
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
          throw subscriptionBehind(name);
      }
    },

    list: (cursor, limit) => store.listSubscriptions(cursor, limit),

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

    paceOf(subscription) {
      const rate = rateOf(subscription.name);
      return { deliveryRate: rate.finished, catchUpMs: catchUpMs(subscription, rate) };
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
