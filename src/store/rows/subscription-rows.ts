/** Rows of `subscription` to records of the domain, and back. */

import type { NewSubscription, Subscription } from "../../domain/events/event.ts";
import { createEventMatcher, type EventFacts } from "../../domain/events/event-filter.ts";
import {
  type EarlierFilter,
  type SubscriptionStanding,
  stateOfSubscription,
} from "../../domain/events/subscription-progress.ts";
import { idOfKey } from "../../domain/ids.ts";
import type { KeySequence } from "../../domain/key-sequence.ts";
import type { DeliveryCounts } from "../../domain/tasks/deliveries.ts";
import { optionsText } from "../../domain/tasks/task-options.ts";

/** The states of a row. */
export const subscriptionState = { live: 1, catchingUp: 2, ending: 3, ended: 4 } as const;

/** A row of `subscription` that has not ended. */
export interface SubscriptionRow {
  readonly id: number;
  readonly name: string;
  readonly position_id: number | null;
  readonly content: string;
  readonly create_ms: number;
  readonly paused: number;
  readonly earlier: string | null;
}

/** The columns of a SubscriptionRow. */
export const subscriptionColumns = "id, name, position_id, content, create_ms, paused, earlier";

/** An earlier filter, ready to be asked. */
export interface CompiledFilter extends EarlierFilter {
  readonly matches: (event: EventFacts) => boolean;
}

/** What a subscription is, with its filters ready to be asked. */
export interface CompiledStanding extends SubscriptionStanding {
  /** Whether an event that is stored now is meant for it. */
  readonly matches: (event: EventFacts) => boolean;
  readonly earlier: readonly CompiledFilter[];
  /** The `options` column of its deliveries. */
  readonly options: string | null;
}

/** A subscription that has not ended. */
export interface KnownSubscription extends CompiledStanding {
  readonly id: number;
  readonly createMs: number;
}

/** The state of the row of a subscription that has not ended. */
export function stateAt(positionKey: number | null): number {
  return positionKey === null ? subscriptionState.live : subscriptionState.catchingUp;
}

/** The `earlier` column. */
export function earlierText(earlier: readonly EarlierFilter[]): string | null {
  return earlier.length === 0 ? null : JSON.stringify(earlier.map(({ untilKey, filter }) => ({ untilKey, filter })));
}

/** Makes the filters of a subscription ready to be asked. */
export function compiledStanding({ content, positionKey, isPaused, earlier }: SubscriptionStanding): CompiledStanding {
  return {
    content,
    positionKey,
    isPaused,
    earlier: earlier.map(({ untilKey, filter }) => ({ untilKey, filter, matches: createEventMatcher(filter) })),
    matches: createEventMatcher(content.filter),
    options: optionsText(content),
  };
}

/**
 * The subscription of a row.
 *
 * @throws SyntaxError if it cannot be read: which events are meant for it is not known, so without it, those that are published would be
 *   lost to it
 */
export function knownSubscriptionOf(row: SubscriptionRow): KnownSubscription {
  try {
    const content = JSON.parse(row.content) as NewSubscription;
    const earlier = row.earlier === null ? [] : (JSON.parse(row.earlier) as EarlierFilter[]);
    const standing = { content, positionKey: row.position_id, isPaused: row.paused === 1, earlier };
    return { id: row.id, createMs: row.create_ms, ...compiledStanding(standing) };
  } catch (cause) {
    throw new SyntaxError(`the subscription ${row.name} cannot be read`, { cause });
  }
}

/** What is found out about a subscription beside its row. */
export interface SubscriptionFacts {
  /** The last event that was stored, or any later key. */
  readonly lastKey: number;
  readonly counts: DeliveryCounts;
  /** The delivery that was stored first of those that may be handed out. */
  readonly oldestKey: number | null;
  /** The first event that it has still to take in. */
  readonly nextKey: number | null;
}

/** A subscription with how it stands. */
export function subscriptionOf(
  { content, createMs, positionKey, isPaused }: KnownSubscription,
  { lastKey, counts, oldestKey, nextKey }: SubscriptionFacts,
  keys: Pick<KeySequence, "timeOf">,
): Subscription {
  const oldest = Math.min(oldestKey ?? Number.POSITIVE_INFINITY, nextKey ?? Number.POSITIVE_INFINITY);
  return {
    ...content,
    state: stateOfSubscription({ positionKey, isPaused }),
    position: idOfKey(positionKey ?? lastKey),
    createMs,
    ...counts,
    oldestWaitingMs: Number.isFinite(oldest) ? keys.timeOf(oldest) : null,
  };
}
