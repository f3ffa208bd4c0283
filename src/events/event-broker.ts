import { type Cluster, noCluster } from "../cluster/cluster.ts";
import type { Clock } from "../domain/clock.ts";
import type { FanOut } from "../domain/fan-out.ts";
import type { Retries } from "../domain/retries.ts";
import { createService, type Service, startAll, stopAll } from "../domain/service.ts";
import type { Admission } from "../store/admission.ts";
import type { EventStore } from "../store/event-store.ts";
import { createCatchUp } from "./catch-up.ts";
import { EventFeed } from "./event-feed.ts";
import { createEventPublisher, type EventPublisher } from "./event-publisher.ts";
import { createEventReads, type EventReads } from "./event-reads.ts";
import { createSubscriptionRemover } from "./subscription-remover.ts";
import { createSubscriptions, type DeliveryRate, type Subscriptions } from "./subscriptions.ts";

/**
 * Events as a whole: every use case, over one store. Deliveries are tasks, and the queue's to hand out. Its start takes up what an
 * earlier process left: subscriptions that are behind, and deletions that are not finished.
 */
export interface EventBroker extends Service {
  readonly publisher: EventPublisher;
  readonly subscriptions: Subscriptions;
  readonly reads: EventReads;
  readonly feed: EventFeed;
}

/** What events need. */
export interface EventBrokerOptions {
  readonly store: EventStore;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly retries: Retries;
  /** Wakes those who watch. */
  readonly fanOut: FanOut;
  readonly rateOf: DeliveryRate;
  /** The servers that share the store. Default: none does. */
  readonly cluster?: Cluster;
}

/** Creates the event broker over a store. */
export function createEventBroker(options: EventBrokerOptions): EventBroker {
  const { store, admission, clock, retries, fanOut, rateOf, cluster = noCluster } = options;
  const feed = new EventFeed(store, clock, fanOut);
  const catchUp = createCatchUp(store, clock, retries);
  const remover = createSubscriptionRemover(store, clock, retries);

  const parts = [feed, remover, catchUp];
  const published = () => {
    feed.wake();
    cluster.tell({ published: true });
  };
  cluster.onNews((news) => {
    if (news.published) feed.wake();
  });
  cluster.onMissed(() => feed.wake());
  // What a server has left that ended: subscriptions that are behind, and deletions that are not finished.
  cluster.onLeading(() => {
    catchUp.wake();
    remover.runOnce().catch(() => undefined);
  });

  return {
    ...createService({ start: () => startAll(parts), stop: () => stopAll(parts) }),
    publisher: createEventPublisher(store, admission, clock, published),
    subscriptions: createSubscriptions(store, clock, catchUp, remover, rateOf),
    reads: createEventReads(store),
    feed,
  };
}
