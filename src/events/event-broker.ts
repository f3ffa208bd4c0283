import type { Clock } from "../domain/clock.ts";
import type { FanOut } from "../domain/fan-out.ts";
import type { Retries } from "../domain/retries.ts";
import type { Admission } from "../store/admission.ts";
import type { EventStore } from "../store/event-store.ts";
import { createCatchUp } from "./catch-up.ts";
import { createEventFeed, type EventFeed } from "./event-feed.ts";
import { createEventPublisher, type EventPublisher } from "./event-publisher.ts";
import { createEventReads, type EventReads } from "./event-reads.ts";
import { createSubscriptionRemover } from "./subscription-remover.ts";
import { createSubscriptions, type Subscriptions } from "./subscriptions.ts";

/** Events as a whole: every use case, over one store. Deliveries are tasks, and the queue's to hand out. */
export interface EventBroker {
  readonly publisher: EventPublisher;
  readonly subscriptions: Subscriptions;
  readonly reads: EventReads;
  readonly feed: EventFeed;
  /** Takes up what an earlier process left: subscriptions that are behind, and deletions that are not through. */
  start(): Promise<void>;
  /** Ends every watch and loop. Idempotent. */
  stop(): void;
}

/** What events need. */
export interface EventBrokerOptions {
  readonly store: EventStore;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly retries: Retries;
  /** Wakes those who watch. */
  readonly fanOut: FanOut;
}

/** Events over a store. */
export function createEventBroker({ store, admission, clock, retries, fanOut }: EventBrokerOptions): EventBroker {
  const feed = createEventFeed(store, clock, fanOut);
  const catchUp = createCatchUp(store, clock, retries);
  const remover = createSubscriptionRemover(store, clock, retries);

  return {
    publisher: createEventPublisher(store, admission, clock, () => feed.wake()),
    subscriptions: createSubscriptions(store, clock, catchUp, remover),
    reads: createEventReads(store),
    feed,

    async start() {
      await remover.start();
      catchUp.start();
    },

    stop() {
      feed.stop();
      catchUp.stop();
      remover.stop();
    },
  };
}
