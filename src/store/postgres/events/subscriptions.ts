import { firstDifference } from "../../../domain/events/subscription-content.ts";
import { changedSubscription, positionAt, type StoredEvents } from "../../../domain/events/subscription-progress.ts";
import type { EventStore } from "../../event-store.ts";
import type { KnownSubscription } from "../../rows/subscription-rows.ts";
import type { Engine } from "../engine/engine.ts";
import { readFeed } from "../engine/event-feed.ts";
import type { StartKey } from "./find-start.ts";
import type { ReadSubscriptions } from "./read-subscription.ts";

/** Creates the verbs that make, read and change subscriptions. */
export function createSubscriptions(
  { db, subscriptions }: Engine,
  startKey: StartKey,
  readSubscriptions: ReadSubscriptions,
): Pick<EventStore, "createSubscription" | "listSubscriptions" | "getSubscription" | "updateSubscription"> {
  async function storedEvents(): Promise<StoredEvents> {
    const { lastKey } = await readFeed(db);
    const row = await db.get<{ id: number }>("SELECT id FROM event ORDER BY id DESC LIMIT 1");
    return { lastKey, hasBehind: (key) => row !== undefined && row.id > key };
  }

  async function read(entry: KnownSubscription) {
    const [subscription] = await readSubscriptions([entry]);
    if (subscription === undefined) throw new Error("the subscription was not read");
    return subscription;
  }

  return {
    async createSubscription(content, start, nowMs) {
      const known = await subscriptions.find(content.name);
      if (known !== undefined) {
        const differs = firstDifference(known.content, content);
        return differs === null
          ? { status: "existing", subscription: await read(known) }
          : { status: "other_content", differs };
      }
      const key = await startKey(start);
      if (typeof key !== "number") return key;
      const { hasBehind } = await storedEvents();
      const entry = await subscriptions.add(content, positionAt(key, hasBehind), nowMs);
      return { status: "created", subscription: await read(entry) };
    },

    listSubscriptions: async (cursor, limit) => readSubscriptions(await subscriptions.list(cursor ?? "", limit)),

    async getSubscription(name) {
      const entry = await subscriptions.find(name);
      return entry === undefined ? null : read(entry);
    },

    async updateSubscription(name, changes) {
      const entry = await subscriptions.find(name);
      if (entry === undefined) return { status: "not_found" };
      const changed = changedSubscription(entry, changes, await storedEvents());
      if (changed === null) return { status: "too_many_filters" };
      return { status: "updated", subscription: await read(await subscriptions.change(entry, changed)) };
    },
  };
}
