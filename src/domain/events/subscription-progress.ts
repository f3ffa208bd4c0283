/**
 * Where a subscription stands in the one order of all events, by their keys.
 *
 * A live one gets each event in the transaction that publishes it. One that catches up or is paused has a position, the last event
 * that it has taken in; it is live again once nothing is stored behind it. An event is matched by the filter that was set when it
 * was stored, also where the filter was changed before the event is taken in.
 */

import { keyOfId } from "../ids.ts";
import type { KeySequence } from "../key-sequence.ts";
import type { EventFilter, EventStart, NewSubscription, Subscription, SubscriptionChanges } from "./event.ts";
import { firstDifference } from "./subscription-content.ts";

/** What of a subscription decides what it takes in. */
export interface SubscriptionStanding {
  readonly content: NewSubscription;
  /** The last event that it has taken in while it catches up or is paused; `null`: it is live. */
  readonly positionKey: number | null;
  /** It takes in nothing. */
  readonly isPaused: boolean;
  /** The filters of events that were stored before it was changed, and that it has not taken in yet; oldest first. */
  readonly earlier: readonly EarlierFilter[];
}

/** The filter of the events up to a key. */
export interface EarlierFilter {
  readonly untilKey: number;
  readonly filter: EventFilter;
}

/** What is stored of events. */
export interface StoredEvents {
  readonly lastKey: number;
  /** Whether an event is stored behind a key. */
  readonly hasBehind: (key: number) => boolean;
}

/** How many filters are kept for events that a subscription has not taken in. */
const mostEarlierFilters = 100;

/**
 * In what time nothing of a subscription waits any more, in milliseconds, at the rates of the last time; `null`: it does not get less, or
 * is not known, since it has events to take in. @param rate deliveries a second
 */
export function catchUpMs(
  { state, waiting }: Pick<Subscription, "state" | "waiting">,
  rate: { readonly enqueued: number; readonly finished: number },
): number | null {
  if (state !== "live") return null;
  if (waiting === 0) return 0;
  const fewer = rate.finished - rate.enqueued;
  return fewer > 0 ? (waiting / fewer) * 1_000 : null;
}

/** How a subscription stands, in a word. */
export function stateOfSubscription({
  positionKey,
  isPaused,
}: Omit<SubscriptionStanding, "content" | "earlier">): Subscription["state"] {
  if (isPaused) return "paused";
  return positionKey === null ? "live" : "catching_up";
}

/**
 * The key behind which a start begins; `null`: what comes behind it is no longer kept.
 *
 * @param sweptKey the last event that retention has deleted; 0: it has deleted none. What is older is kept only for the deliveries
 *   that name it, with gaps between
 */
export function startKey(start: EventStart, sweptKey: number, keys: Pick<KeySequence, "at" | "last">): number | null {
  switch (start.kind) {
    case "now":
      return keys.last;
    case "earliest":
      return sweptKey;
    case "time":
    case "position": {
      const key = start.kind === "time" ? keys.at(start.ms) - 1 : keyOfId(start.position);
      return key === null || (sweptKey > 0 && key < sweptKey) ? null : Math.min(key, keys.last);
    }
  }
}

/** The position of a subscription that has taken in what is stored up to a key; `null`: it is live, for nothing is behind it. */
export function positionAt(key: number, hasBehind: StoredEvents["hasBehind"]): number | null {
  return hasBehind(key) ? key : null;
}

/** How a subscription stands after a change; `null`: more filters would have to be kept than are. */
export function changedSubscription(
  standing: SubscriptionStanding,
  { paused, ...changes }: SubscriptionChanges,
  stored: StoredEvents,
): SubscriptionStanding | null {
  const content = { ...standing.content, ...changes };
  const isPaused = paused ?? standing.isPaused;
  const earlier = earlierFilters(standing, content, stored);
  if (earlier.length > mostEarlierFilters) return null;
  // What it has taken in so far, even if nothing is behind it: from now on nothing is delivered in the publisher's transaction.
  const key = isPaused ? (standing.positionKey ?? stored.lastKey) : standing.positionKey;
  const positionKey = isPaused || key === null ? key : positionAt(key, stored.hasBehind);
  return { content, isPaused, positionKey, earlier: positionKey === null ? [] : earlier };
}

/** What is matched by another filter than by the new one: events that are stored and not taken in. */
function earlierFilters(
  { content, positionKey, earlier }: SubscriptionStanding,
  next: NewSubscription,
  { lastKey, hasBehind }: StoredEvents,
): readonly EarlierFilter[] {
  if (positionKey === null || firstDifference(content, next) !== "filter") return earlier;
  const sinceKey = earlier.at(-1)?.untilKey ?? positionKey;
  return hasBehind(sinceKey) ? [...earlier, { untilKey: lastKey, filter: content.filter }] : earlier;
}

/** The position of a replay: what it had not caught up with yet is not passed over. */
export function replayPosition(standing: Pick<SubscriptionStanding, "positionKey">, key: number): number {
  return Math.min(key, standing.positionKey ?? key);
}

/** The filters that are still needed at a position; `null`: it is live. */
export function filtersBehind<Filter extends EarlierFilter>(
  earlier: readonly Filter[],
  positionKey: number | null,
): Filter[] {
  return earlier.filter(({ untilKey }) => positionKey !== null && positionKey < untilKey);
}

/** The filter that the event was stored under; `undefined`: the current one. */
export function earlierFilterOf<Filter extends EarlierFilter>(
  earlier: readonly Filter[],
  eventKey: number,
): Filter | undefined {
  return earlier.find(({ untilKey }) => eventKey <= untilKey);
}
