import type { NewSubscription } from "../../../domain/events/event.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { EarlierFilter, SubscriptionEntry } from "../rows/subscription-table.ts";
import type { StartKey } from "./find-start.ts";
import type { ReadSubscription } from "./read-subscription.ts";

/** How many filters are kept for events that a subscription has not taken in. */
const mostEarlierFilters = 100;

/** The verbs that make, read and change subscriptions, on an open database. */
export function createSubscriptions(
  { db, subscriptions, keys }: Engine,
  startKey: StartKey,
  subscriptionOf: ReadSubscription,
) {
  const selectNext = db.prepare<[number], number>("SELECT id FROM event WHERE id > ? ORDER BY id LIMIT 1").pluck();

  const createSubscription: SyncVerb<Store["createSubscription"]> = (content, start, nowMs) => {
    const known = subscriptions.byName(content.name);
    if (known !== undefined) {
      const differs = difference(known.content, content);
      return differs === null
        ? { status: "existing", subscription: subscriptionOf(known) }
        : { status: "other_content", differs };
    }
    const key = startKey(start);
    if (typeof key !== "number") return key;
    const position = selectNext.get(key) === undefined ? null : key;
    return { status: "created", subscription: subscriptionOf(subscriptions.add(content, position, nowMs)) };
  };

  const listSubscriptions: SyncVerb<Store["listSubscriptions"]> = (afterName, limit) =>
    [...subscriptions.all()]
      .filter(({ content }) => afterName === null || content.name > afterName)
      .sort((a, b) => (a.content.name < b.content.name ? -1 : 1))
      .slice(0, limit)
      .map(subscriptionOf);

  const getSubscription: SyncVerb<Store["getSubscription"]> = (name) => {
    const entry = subscriptions.byName(name);
    return entry === undefined ? null : subscriptionOf(entry);
  };

  const updateSubscription: SyncVerb<Store["updateSubscription"]> = (name, { paused, ...changes }) => {
    const entry = subscriptions.byName(name);
    if (entry === undefined) return { status: "not_found" };
    const content = { ...entry.content, ...changes };
    const isPaused = paused ?? entry.isPaused;
    const earlier = earlierFilters(entry, content);
    if (earlier.length > mostEarlierFilters) return { status: "too_many_filters" };
    // What it has taken in so far, even if nothing is behind it: from now on nothing is delivered in the publisher's transaction.
    const key = isPaused ? (entry.positionKey ?? keys.last) : entry.positionKey;
    const positionKey = isPaused || key === null || selectNext.get(key) !== undefined ? key : null;
    subscriptions.change(entry, { content, isPaused, positionKey, earlier: positionKey === null ? [] : earlier });
    return { status: "updated", subscription: subscriptionOf(entry) };
  };

  /** What is matched by another filter than by the new one: events that are stored and not taken in. */
  function earlierFilters(entry: SubscriptionEntry, content: NewSubscription): readonly EarlierFilter[] {
    const { positionKey, earlier, matches } = entry;
    if (positionKey === null || difference(entry.content, content) !== "filter") return earlier;
    const sinceKey = earlier.at(-1)?.untilKey ?? positionKey;
    if (selectNext.get(sinceKey) === undefined) return earlier;
    return [...earlier, { untilKey: keys.last, filter: entry.content.filter, matches }];
  }

  return { createSubscription, listSubscriptions, getSubscription, updateSubscription };
}

/** The first field in which two wishes differ, the filter before the others; `null`: in none. */
function difference(a: NewSubscription, b: NewSubscription): keyof NewSubscription | null {
  const names = ["filter", "queue", "orderingKey", "maxAttempts", "retryPolicy", "attemptTimeoutMs"] as const;
  return names.find((name) => contentText(a[name]) !== contentText(b[name])) ?? null;
}

/** The same text for the same content, whatever the order in which it was said. */
function contentText(content: NewSubscription[keyof NewSubscription]): string {
  return JSON.stringify(content, (_, value: unknown) =>
    value !== null && typeof value === "object" && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
