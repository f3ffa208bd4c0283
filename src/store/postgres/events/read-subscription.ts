import type { Subscription } from "../../../domain/events/event.ts";
import { type KnownSubscription, subscriptionOf } from "../../rows/subscription-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import { readFeed } from "../engine/event-feed.ts";

/** How many tasks are looked at for the oldest: to look through all of them would hold up the others. */
const mostLookedAt = 1_000;

interface StandingRow {
  readonly waiting: number;
  readonly running: number;
  readonly failed: number;
  readonly oldest: number | null;
  readonly next: number | null;
}

/** Subscriptions with how they stand, in their order. */
export type ReadSubscriptions = (entries: readonly KnownSubscription[]) => Promise<Subscription[]>;

/** Creates a reader of the state of subscriptions. */
export function createReadSubscriptions({ db, queues, keys }: Engine): ReadSubscriptions {
  // Of those that are first in line, or first among what stands beside it.
  const ready = `SELECT id, subscription_id FROM task_live AS task WHERE queue_id = wanted.queue_id AND state = ${stateNumber.pending}`;
  const oldest = `SELECT min(id) FROM (
      (${ready} AND lane IS NULL ORDER BY priority DESC, ready_key, id LIMIT ${mostLookedAt})
      UNION ALL (${ready} AND lane IS NOT NULL LIMIT ${mostLookedAt})
    ) AS first WHERE subscription_id = wanted.id`;
  const counted = ["waiting", "running", "failed"].map((name) => `coalesce(sum(${name}), 0)::bigint AS ${name}`);
  const select = `
    SELECT counts.*, CASE WHEN counts.waiting > 0 THEN (${oldest}) END AS oldest,
      (SELECT id FROM event WHERE id > wanted.position_id ORDER BY id LIMIT 1) AS next
    FROM unnest($1::int[], $2::int[], $3::bigint[]) WITH ORDINALITY AS wanted (id, queue_id, position_id, place),
      LATERAL (SELECT ${counted.join(", ")} FROM delivery_count
        WHERE queue_id = wanted.queue_id AND subscription_id = wanted.id) AS counts
    ORDER BY place`;

  return async (entries) => {
    if (entries.length === 0) return [];
    const known = await queues.find(entries.map(({ content }) => content.queue));
    await queues.flush();
    const { lastKey } = await readFeed(db);
    const rows = await db.all<StandingRow>(select, [
      entries.map(({ id }) => id),
      entries.map(({ content }) => known.get(content.queue)?.id ?? null),
      entries.map(({ positionKey }) => positionKey),
    ]);
    return entries.map((entry, index) => {
      const { oldest: oldestKey, next: nextKey, ...counts } = rows[index] as StandingRow;
      return subscriptionOf(entry, { lastKey, counts, oldestKey, nextKey }, keys);
    });
  };
}
