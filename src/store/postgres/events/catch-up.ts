import { earlierFilterOf, replayPosition } from "../../../domain/events/subscription-progress.ts";
import type { EventStore } from "../../event-store.ts";
import { type EventRow, eventColumns, eventOf } from "../../rows/event-rows.ts";
import type { KnownSubscription } from "../../rows/subscription-rows.ts";
import type { Engine } from "../engine/engine.ts";
import type { SubscriptionMove } from "../engine/subscription-table.ts";
import type { Deliver, NewDelivery } from "./deliver.ts";
import type { StartKey } from "./find-start.ts";
import type { ReadSubscriptions } from "./read-subscription.ts";

/** How many events one batch reads, over all subscriptions. */
const batchEvents = 500;

/** Creates the verb `replay`. */
export function createReplay(
  { subscriptions }: Engine,
  startKey: StartKey,
  readSubscriptions: ReadSubscriptions,
): EventStore["replay"] {
  return async (name, start) => {
    const entry = await subscriptions.find(name);
    if (entry === undefined) return { status: "not_found" };
    const key = await startKey(start);
    if (typeof key !== "number") return key;
    const toKey = replayPosition(entry, key);
    await subscriptions.move([{ one: entry, toKey }]);
    const [subscription] = await readSubscriptions([{ ...entry, positionKey: toKey }]);
    if (subscription === undefined) throw new Error("the subscription was not read");
    return { status: "replaying", subscription };
  };
}

/** Creates the verb `catchUp`. It runs while the feed of events is locked. */
export function createCatchUp({ db, subscriptions, keys, upkeep }: Engine, deliver: Deliver): EventStore["catchUp"] {
  /** The next events of each subscription, as many as `most`, by its number. */
  async function eventsBehind(
    entries: readonly KnownSubscription[],
    most: number,
  ): Promise<ReadonlyMap<number, EventRow[]>> {
    const rows = await db.all<EventRow & { subscription_id: number }>(
      `SELECT behind.subscription_id, next.* FROM unnest($1::int[], $2::bigint[]) AS behind (subscription_id, position_id),
         LATERAL (SELECT ${eventColumns} FROM event WHERE id > behind.position_id ORDER BY id LIMIT $3) AS next
       ORDER BY next.id`,
      [entries.map(({ id }) => id), entries.map(({ positionKey }) => positionKey), most],
    );
    return Map.groupBy(rows, (row) => row.subscription_id);
  }

  return async (nowMs) => {
    const behind = await subscriptions.allBehind();
    if (behind.length === 0) return { isBehind: false };
    const most = upkeep.portion("catchUp", batchEvents);
    const each = Math.max(Math.floor(most / behind.length), 1);
    const entries = behind.slice(0, most);
    const found = await eventsBehind(entries, each);
    const deliveries: Omit<NewDelivery, "key">[] = [];
    const moves = entries.map((one): SubscriptionMove => {
      const rows = found.get(one.id) ?? [];
      for (const row of rows) {
        const event = eventOf(row, keys);
        const { matches } = earlierFilterOf(one.earlier, row.id) ?? one;
        if (matches(event)) deliveries.push({ eventKey: row.id, event, to: one });
      }
      return { one, toKey: rows.length === each ? (rows.at(-1)?.id ?? null) : null };
    });
    if (deliveries.length > 0) {
      const first = await keys.take(deliveries.length, nowMs);
      await deliver(
        deliveries.map((delivery, index) => ({ ...delivery, key: first + index })),
        nowMs,
      );
    }
    await subscriptions.move(moves);
    return { isBehind: behind.length > entries.length || moves.some(({ toKey }) => toKey !== null) };
  };
}
