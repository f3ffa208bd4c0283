import type { Clock } from "../domain/clock.ts";
import { quoted, SitqError } from "../domain/errors.ts";
import type { EventStart, NewSubscription, Subscription } from "../domain/event.ts";
import type { EventStore } from "../store/event-store.ts";
import type { CatchUp } from "./catch-up.ts";
import type { EndedDeliveries, Endings } from "./endings.ts";
import { positionExpired } from "./position-expired.ts";

/** What is done with subscriptions. */
export interface Subscriptions {
  /** @throws SitqError SUBSCRIPTION_EXISTS, POSITION_EXPIRED */
  create(
    subscription: NewSubscription,
    start: EventStart,
  ): Promise<{ readonly subscription: Subscription; readonly created: boolean }>;
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
  endings: Endings,
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
          throw new SitqError(
            "SUBSCRIPTION_EXISTS",
            `There is a subscription ${wanted.name} with other content. Delete it first, or choose another name.`,
            { field: "subscription.name", metadata: { subscription: wanted.name } },
          );
      }
    },

    list: (afterName, limit) => store.listSubscriptions(afterName, limit),

    async delete(name) {
      const ended = await store.endSubscription(name);
      if (ended === null) throw subscriptionNotFound("name", name);
      return endings.finish(ended);
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

function subscriptionNotFound(field: string, name: string): SitqError {
  return new SitqError("SUBSCRIPTION_NOT_FOUND", `There is no subscription ${quoted(name)}.`, {
    field,
    metadata: { subscription: name },
  });
}
