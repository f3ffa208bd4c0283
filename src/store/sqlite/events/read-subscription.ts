import type { Subscription } from "../../../domain/events/event.ts";
import { subscriptionOf } from "../../rows/subscription-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { SubscriptionEntry } from "../rows/subscription-table.ts";

/** A subscription with how it stands. */
export type ReadSubscription = (entry: SubscriptionEntry) => Subscription;

/** Creates a reader of the state of subscriptions in an open database. */
export function createReadSubscription({ db, queues, keys }: Engine): ReadSubscription {
  const selectNext = db.prepare<[number], number>("SELECT id FROM event WHERE id > ? ORDER BY id LIMIT 1").pluck();
  // Of those that are first in line, or first among what stands beside it: to look through all of them would hold up the others.
  const selectOldest = db
    .prepare<{ queue: number; subscription: number }, number | null>(
      `SELECT min(id) FROM (
         SELECT * FROM (
           SELECT id, subscription_id FROM task INDEXED BY task_ready
           WHERE queue_id = +@queue AND state = ${stateNumber.pending} AND lane IS NULL
           ORDER BY priority DESC, ready_key LIMIT 1000)
         UNION ALL
         SELECT * FROM (
           SELECT id, subscription_id FROM task INDEXED BY task_lane
           WHERE queue_id = +@queue AND state = ${stateNumber.pending} AND lane IS NOT NULL LIMIT 1000))
       WHERE subscription_id = @subscription`,
    )
    .pluck();

  return (entry) => {
    const { id, content, positionKey } = entry;
    const queue = queues.byName(content.queue);
    const counts = queue?.deliveries.get(id) ?? { waiting: 0, running: 0, failed: 0 };
    const mayWait = queue !== undefined && counts.waiting > 0;
    const oldestKey = mayWait ? (selectOldest.get({ queue: queue.id, subscription: id }) ?? null) : null;
    const nextKey = positionKey === null ? null : (selectNext.get(positionKey) ?? null);
    return subscriptionOf(entry, { lastKey: keys.last, counts, oldestKey, nextKey }, keys);
  };
}
