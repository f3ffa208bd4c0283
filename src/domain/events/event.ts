import type { AttributeValue } from "../../contract/json-value.ts";
import type { RetryPolicy } from "../retry.ts";

/** A moment of the publisher's clock, as exact as given. */
export interface EventTime {
  /** Since 1970; whole. */
  readonly seconds: number;
  /** 0 to 999,999,999. */
  readonly nanos: number;
}

/** Something that happened, as its publisher reports it. */
export interface NewEvent {
  /** Its name within its source; `null`: the store makes one. */
  readonly id: string | null;
  readonly type: string;
  readonly sourceService: string;
  /** What it happened to. */
  readonly subject: string | null;
  /** When it happened; `null`: when it was stored. */
  readonly time: EventTime | null;
  /** An encoded sitq.v1.Payload; the server never looks inside. `null`: empty. */
  readonly data: Uint8Array | null;
  readonly correlationId: string | null;
  readonly causationId: string | null;
  /** Sorted by key; `null`: none. */
  readonly attributes: Readonly<Record<string, AttributeValue>> | null;
}

/** An event as it is stored. Times are wall clock, in milliseconds. */
export interface StoredEvent extends NewEvent {
  readonly id: string;
  /** Its place among all events; sorts as text. */
  readonly position: string;
  readonly publishMs: number;
  /** What is `null` because it is damaged on the disk; nothing else of the event is certain then. Not there: nothing. */
  readonly damagedFields?: readonly ("data" | "attributes")[];
}

/** Which events are meant; every field that says something must match. */
export interface EventFilter {
  /** Patterns, any of them; empty: every type. */
  readonly types: readonly string[];
  readonly sourceService: string | null;
  /** All of them, compared as text. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly subject: string | null;
  readonly correlationId: string | null;
}

/** A place among the events to begin at. */
export type EventStart =
  /** Behind the newest. */
  | { readonly kind: "now" }
  /** At the oldest that is kept. */
  | { readonly kind: "earliest" }
  /** At the first that was stored at this time or later, in milliseconds. */
  | { readonly kind: "time"; readonly ms: number }
  /** Behind this position. */
  | { readonly kind: "position"; readonly position: string };

/** A durable subscription to events. */
export interface NewSubscription {
  readonly name: string;
  readonly filter: EventFilter;
  /** The queue of its deliveries. */
  readonly queue: string;
  /** What of an event is its ordering key, as `orderingKeyOf` reads it; `null`: no order but the queue's. */
  readonly orderingKey: string | null;
  /** Of its deliveries; `null`: the queue's. */
  readonly maxAttempts: number | null;
  readonly retryPolicy: Partial<RetryPolicy> | null;
  readonly attemptTimeoutMs: number | null;
}

/** What of a subscription can be changed in place. */
export interface SubscriptionChanges {
  /** Of the events that are stored from now on. */
  readonly filter?: EventFilter;
  /** Of the deliveries that are stored from now on, as the next two. */
  readonly maxAttempts?: NewSubscription["maxAttempts"];
  readonly retryPolicy?: NewSubscription["retryPolicy"];
  readonly attemptTimeoutMs?: NewSubscription["attemptTimeoutMs"];
  /** Whether it takes in no events. */
  readonly paused?: boolean;
}

/** A subscription as it is stored, with how far it is. */
export interface Subscription extends NewSubscription {
  /**
   * `live`: events are delivered in the transaction that stores them; `catching_up`: it is behind those from before; `paused`: it
   * takes in none.
   */
  readonly state: "live" | "catching_up" | "paused";
  /** Everything up to here was taken in. */
  readonly position: string;
  readonly createMs: number;
  /** Deliveries that wait, run, and have failed. */
  readonly waiting: number;
  readonly running: number;
  readonly failed: number;
  /** When the oldest was stored that is ready to be handed out, or that is not taken in; `null`: there is none. */
  readonly oldestWaitingMs: number | null;
}

/** How fast a subscription is. */
export interface SubscriptionPace {
  /** Deliveries that ended a second, over the last minute. */
  readonly deliveryRate: number;
  /** In what time nothing waits any more; `null`: it does not get less, or it is not known. */
  readonly catchUpMs: number | null;
}
