import { earlierFilterOf, replayPosition } from "../../../domain/events/subscription-progress.ts";
import { eventOf } from "../../rows/event-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { type FullEventRow, fullEventColumns, isReadable } from "../rows/event-rows.ts";
import type { SubscriptionEntry } from "../rows/subscription-table.ts";
import type { Deliver } from "./deliver.ts";
import type { StartKey } from "./find-start.ts";
import type { ReadSubscription } from "./read-subscription.ts";

/** How many events one batch reads, over all subscriptions. */
const batchEvents = 500;
/** How many bytes of events one batch reads for a subscription to compare their checksums; the one that exceeds it is the last. */
const batchBytes = 2_097_152;

/** Creates the verb `replay` on an open database. */
export function createReplay(
  { subscriptions }: Engine,
  startKey: StartKey,
  subscriptionOf: ReadSubscription,
): SyncVerb<Store["replay"]> {
  return (name, start) => {
    const entry = subscriptions.byName(name);
    if (entry === undefined) return { status: "not_found" };
    const key = startKey(start);
    if (typeof key !== "number") return key;
    subscriptions.moveTo(entry, replayPosition(entry, key));
    return { status: "replaying", subscription: subscriptionOf(entry) };
  };
}

/** Creates the verb `catchUp` on an open database. */
export function createCatchUp({ db, subscriptions, keys }: Engine, deliver: Deliver): SyncVerb<Store["catchUp"]> {
  const selectBehind = db.prepare<[number, number], FullEventRow>(
    `SELECT ${fullEventColumns} FROM event WHERE id > ? ORDER BY id LIMIT ?`,
  );

  function catchUpOne(entry: SubscriptionEntry, most: number, nowMs: number): void {
    const { rows, isEnd } = eventsBehind(entry.positionKey ?? 0, most);
    for (const row of rows) {
      const event = eventOf(row, keys);
      // What the filter compares may be what is damaged: the hand-out of a damaged event fails, where it is seen.
      const { matches } = earlierFilterOf(entry.earlier, row.id) ?? entry;
      if (matches(event) || !isReadable(row)) deliver({ ...event, key: row.id }, entry, nowMs);
    }
    subscriptions.moveTo(entry, isEnd ? null : (rows.at(-1)?.id ?? null));
  }

  /** The next events behind a key; read before one of them is delivered, since nothing is written while a statement is read. */
  function eventsBehind(key: number, most: number): { readonly rows: FullEventRow[]; readonly isEnd: boolean } {
    const rows: FullEventRow[] = [];
    let bytes = 0;
    for (const row of selectBehind.iterate(key, most)) {
      rows.push(row);
      bytes += row.data?.length ?? 0;
      if (bytes > batchBytes) return { rows, isEnd: false };
    }
    return { rows, isEnd: rows.length < most };
  }

  return (nowMs) => {
    const behind = [...subscriptions.all()].filter(({ positionKey, isPaused }) => positionKey !== null && !isPaused);
    const each = Math.max(Math.floor(batchEvents / Math.max(behind.length, 1)), 1);
    for (const entry of behind.slice(0, batchEvents)) catchUpOne(entry, each, nowMs);
    return { isBehind: behind.some(({ positionKey }) => positionKey !== null) };
  };
}
