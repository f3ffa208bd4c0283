import { firstDifference } from "../../../domain/events/subscription-content.ts";
import { changedSubscription, positionAt } from "../../../domain/events/subscription-progress.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { StartKey } from "./find-start.ts";
import type { ReadSubscription } from "./read-subscription.ts";

/** Creates the verbs that make, read and change subscriptions, on an open database. */
export function createSubscriptions(
  { db, subscriptions, keys }: Engine,
  startKey: StartKey,
  subscriptionOf: ReadSubscription,
) {
  const selectNext = db.prepare<[number], number>("SELECT id FROM event WHERE id > ? ORDER BY id LIMIT 1").pluck();
  const hasBehind = (key: number) => selectNext.get(key) !== undefined;

  const createSubscription: SyncVerb<Store["createSubscription"]> = (content, start, nowMs) => {
    const known = subscriptions.byName(content.name);
    if (known !== undefined) {
      const differs = firstDifference(known.content, content);
      return differs === null
        ? { status: "existing", subscription: subscriptionOf(known) }
        : { status: "other_content", differs };
    }
    const key = startKey(start);
    if (typeof key !== "number") return key;
    const entry = subscriptions.add(content, positionAt(key, hasBehind), nowMs);
    return { status: "created", subscription: subscriptionOf(entry) };
  };

  const listSubscriptions: SyncVerb<Store["listSubscriptions"]> = (cursor, limit) =>
    [...subscriptions.all()]
      .filter(({ content }) => cursor === null || content.name > cursor)
      .sort((a, b) => (a.content.name < b.content.name ? -1 : 1))
      .slice(0, limit)
      .map(subscriptionOf);

  const getSubscription: SyncVerb<Store["getSubscription"]> = (name) => {
    const entry = subscriptions.byName(name);
    return entry === undefined ? null : subscriptionOf(entry);
  };

  const updateSubscription: SyncVerb<Store["updateSubscription"]> = (name, changes) => {
    const entry = subscriptions.byName(name);
    if (entry === undefined) return { status: "not_found" };
    const changed = changedSubscription(entry, changes, { lastKey: keys.last, hasBehind });
    if (changed === null) return { status: "too_many_filters" };
    subscriptions.change(entry, changed);
    return { status: "updated", subscription: subscriptionOf(entry) };
  };

  return { createSubscription, listSubscriptions, getSubscription, updateSubscription };
}
