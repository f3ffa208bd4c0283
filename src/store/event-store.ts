import type {
  EventFilter,
  EventStart,
  NewEvent,
  NewSubscription,
  StoredEvent,
  Subscription,
  SubscriptionChanges,
} from "../domain/events/event.ts";
import type { Task } from "../domain/tasks/task.ts";

/** What became of an event that was to be stored. */
export type PublishAnswer =
  /** `existing`: the source published the same under this id before. `event` is without data and attributes. */
  | { readonly status: "created" | "existing"; readonly event: StoredEvent; readonly deliveredTo: number }
  /** The source published something else under this id. */
  | { readonly status: "event_id_reused"; readonly position: string };

/** An event with its delivery report. */
export interface EventRecord {
  readonly event: StoredEvent;
  /** How many subscriptions it was delivered to when it was stored. */
  readonly deliveredTo: number;
  /** Its deliveries, those of replays too, oldest first; no more than were asked for. */
  readonly deliveries: readonly Delivery[];
}

/** How the delivery of an event to one subscription stands. */
export interface Delivery {
  readonly subscription: string;
  readonly task: Task;
}

/** A page of events, newest first. */
export interface EventListQuery {
  readonly filter: EventFilter;
  /** Inclusive; `null`: no bound. */
  readonly publishedAfterMs: number | null;
  /** Exclusive; `null`: no bound. */
  readonly publishedBeforeMs: number | null;
  /** Go on below this position; `null`: from the newest. */
  readonly cursor: string | null;
  readonly limit: number;
}

/** A page of events, oldest first. */
export interface EventReadQuery {
  readonly filter: EventFilter;
  /** Go on behind this position. */
  readonly after: string;
  readonly limit: number;
  /** The page ends where the events would pass this; the first always fits. */
  readonly maxBytes: number;
}

/** Events in the order in which they were stored. */
export interface EventPage {
  /** With data and attributes. */
  readonly events: readonly StoredEvent[];
  /** Everything up to here was looked at. */
  readonly position: string;
  /** There was nothing behind it. */
  readonly isEnd: boolean;
}

/** Where a start lies. `expired`: events behind it are no longer kept; the oldest place to begin at is `earliest`. */
export type StartAnswer =
  | { readonly status: "found"; readonly position: string }
  | { readonly status: "expired"; readonly earliest: string };

/** What became of a wish to subscribe. */
export type SubscribeAnswer =
  /** `existing`: it was there with the same content. */
  | { readonly status: "created" | "existing"; readonly subscription: Subscription }
  /** `differs`: the first field that is another. */
  | { readonly status: "other_content"; readonly differs: keyof NewSubscription }
  | { readonly status: "expired"; readonly earliest: string };

/** What became of a change of a subscription. */
export type UpdateSubscriptionAnswer =
  | { readonly status: "updated"; readonly subscription: Subscription }
  | { readonly status: "not_found" }
  /** Events wait that were stored under as many filters as are kept. */
  | { readonly status: "too_many_filters" };

/** What became of a replay. */
export type ReplayAnswer =
  | { readonly status: "replaying"; readonly subscription: Subscription }
  | { readonly status: "expired"; readonly earliest: string }
  | { readonly status: "not_found" };

/** One batch of the deliveries of a subscription that ended. */
export interface EndBatch {
  /** Deliveries that waited, and are CANCELLED by this batch. */
  readonly cancelled: number;
  /** Deliveries that this batch found running; they go on. */
  readonly running: number;
  readonly isDone: boolean;
}

/**
 * Durable storage of events and subscriptions. A delivery is a task: it is claimed, settled, retried and kept like any other,
 * and its payload is the event's data.
 */
export interface EventStore {
  /** Stores events, each with one delivery for every live subscription that matches, in order. */
  publish(events: readonly NewEvent[], nowMs: number): Promise<PublishAnswer[]>;
  /** Reads an event whole; without a source the newest with this id. `null` if it is not there. */
  getEvent(id: string, sourceService: string | null, mostDeliveries: number): Promise<EventRecord | null>;
  /** Reads a page of events without data, newest first, over a bounded number of rows. `nextCursor` is `null` on the last one. */
  listEvents(query: EventListQuery): Promise<{ readonly events: StoredEvent[]; readonly nextCursor: string | null }>;
  /** Reads what comes behind a position, over a bounded number of rows. */
  readEvents(query: EventReadQuery): Promise<EventPage>;
  /** Finds the position behind which a start begins. */
  findStart(start: EventStart): Promise<StartAnswer>;

  /** Makes a subscription; behind older events it begins as `catching_up`. */
  createSubscription(subscription: NewSubscription, start: EventStart, nowMs: number): Promise<SubscribeAnswer>;
  /** Reads the subscriptions with names above `cursor`, by name. */
  listSubscriptions(cursor: string | null, limit: number): Promise<Subscription[]>;
  /** Reads a subscription; `null` if it is not there. */
  getSubscription(name: string): Promise<Subscription | null>;
  /**
   * Changes a subscription in place. An event that was stored before is matched by the filter that it was stored under, also where
   * it is still to be taken in; deliveries that are there stay as they are.
   */
  updateSubscription(name: string, changes: SubscriptionChanges): Promise<UpdateSubscriptionAnswer>;
  /** Lets a subscription catch up again from a place before. */
  replay(name: string, start: EventStart, nowMs: number): Promise<ReplayAnswer>;
  /** Ends a subscription: from now on nothing is delivered to it, and its name is free. Answers its key for `endDeliveries`. */
  endSubscription(name: string): Promise<number | null>;
  /** One batch of cancelling what waits of an ended subscription. */
  endDeliveries(subscription: number, nowMs: number): Promise<EndBatch>;
  /** The ended subscriptions whose deliveries have not all been cancelled. */
  endingSubscriptions(): Promise<number[]>;
  /** One batch of catching up, of every subscription that does; answers whether any is still behind. */
  catchUp(nowMs: number): Promise<{ readonly isBehind: boolean }>;

  /**
   * One batch of retention: deletes events that were stored before `beforeMs`, that no delivery task refers to and that no
   * subscription has still to catch up with, from `cursor` up. `nextCursor` is `null` when the round is done.
   */
  sweepEvents(
    cursor: string | null,
    beforeMs: number,
  ): Promise<{ readonly deleted: number; readonly nextCursor: string | null }>;
}
