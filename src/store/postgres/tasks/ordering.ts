import { createHash } from "node:crypto";
import { mayLetNextGo, placeOf } from "../../../domain/tasks/deliveries.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { lockFeed } from "../engine/event-feed.ts";
import type { MovedRow, Transitions } from "./transitions.ts";

/** A delivery that is to be stored, or to be put back. */
export interface PlaceWish {
  readonly subscriptionId: number;
  /** As its row has it; `null`: it waits for no other. */
  readonly orderingKey: string | null;
}

/** The order of deliveries with one key; see `domain/tasks/deliveries.ts`. */
export interface Ordering {
  /**
   * Where deliveries have to wait, in their order: of several with one key the first that finds it free. Until the end of the transaction no
   * other one decides about a key.
   */
  placesFor(wishes: readonly PlaceWish[]): Promise<("pending" | "blocked")[]>;
}

/** Longer keys stand in their column by their digest: an index takes no more than a third of a page. */
const mostKeyBytes = 512;

/** An ordering key as it stands in its column. */
export function orderingColumn(key: string | null): string | null {
  if (key === null || Buffer.byteLength(key) <= mostKeyBytes) return key;
  return `sha256:${createHash("sha256").update(key).digest("hex")}`;
}

/**
 * Creates the ordering of deliveries. It follows the moves of tasks and releases the next one when one is finished.
 *
 * Whether a key is free is decided by what is committed and by the own transaction. A delivery must not be placed behind one that another
 * server is about to finish, which would not see it and leave it waiting. So a transaction that places deliveries has the table
 * `delivery_order` alone, and those that finish some share it: they finish different deliveries of a key, and wait for each other at the row
 * of the next one.
 */
export function createOrdering({ db }: Engine, transitions: Transitions): Ordering {
  // Asked of each key by itself, by the index: of `EXISTS` the planner may make a look through the lines of all keys.
  const ofKey = (wish: string) =>
    `FROM task_live AS task WHERE subscription_id = ${wish}.subscription_id AND task.ordering_key = ${wish}.ordering_key
       AND task.ordering_key IS NOT NULL AND ${taskIs.unfinished}`;
  const active = `state IN (${stateNumber.scheduled}, ${stateNumber.pending}, ${stateNumber.running})`;

  transitions.follow(async (rows, to, nowMs) => {
    if (mayLetNextGo(to)) await letNextGo(rows, nowMs);
  });

  async function letNextGo(rows: readonly MovedRow[], nowMs: number): Promise<void> {
    const ended = columnsOf(
      rows.map(({ subscription_id: id, ordering_key: orderingKey }) => ({ subscriptionId: id ?? 0, orderingKey })),
    );
    if (ended.keys.length === 0) return;
    await db.run("LOCK TABLE delivery_order IN ROW SHARE MODE");
    // The row is locked where it is found: should another transaction be about to end it, the one behind it is taken.
    const next = await db.all<{ id: number }>(
      `SELECT next.id FROM unnest($1::int[], $2::text[]) WITH ORDINALITY AS ended (subscription_id, ordering_key, place),
         LATERAL (SELECT id ${ofKey("ended")} AND state = ${stateNumber.blocked} ORDER BY id LIMIT 1 FOR UPDATE) AS next
       WHERE (SELECT id ${ofKey("ended")} AND ${active} LIMIT 1) IS NULL
       ORDER BY ended.place`,
      [ended.subscriptions, ended.keys],
    );
    await transitions.unblock(
      next.map(({ id }) => id),
      nowMs,
    );
  }

  return {
    async placesFor(wishes) {
      const { subscriptions, keys } = columnsOf(wishes);
      if (keys.length === 0) return wishes.map(() => "pending");
      await db.run(lockFeed);
      await db.run("LOCK TABLE delivery_order IN EXCLUSIVE MODE");
      const rows = await db.all<{ subscription_id: number; ordering_key: string }>(
        `SELECT wished.subscription_id, wished.ordering_key
         FROM unnest($1::int[], $2::text[]) AS wished (subscription_id, ordering_key)
         WHERE (SELECT id ${ofKey("wished")} LIMIT 1) IS NOT NULL`,
        [subscriptions, keys],
      );
      const busy = new Set(rows.map((row) => nameOf(row.subscription_id, row.ordering_key)));
      return wishes.map(({ subscriptionId, orderingKey }) => {
        const place = placeOf(orderingKey, (key) => busy.has(nameOf(subscriptionId, key)));
        if (orderingKey !== null) busy.add(nameOf(subscriptionId, orderingKey));
        return place;
      });
    },
  };
}

/** The keys, each once, in the order in which they first come, as two columns. */
function columnsOf(wishes: readonly PlaceWish[]): { readonly subscriptions: number[]; readonly keys: string[] } {
  const wanted = new Map<string, readonly [number, string]>();
  for (const { subscriptionId, orderingKey } of wishes) {
    if (orderingKey !== null) wanted.set(nameOf(subscriptionId, orderingKey), [subscriptionId, orderingKey]);
  }
  const all = [...wanted.values()];
  return { subscriptions: all.map(([id]) => id), keys: all.map(([, key]) => key) };
}

function nameOf(subscriptionId: number, orderingKey: string): string {
  return `${subscriptionId} ${orderingKey}`;
}
