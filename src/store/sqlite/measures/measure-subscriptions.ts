import { otherName, type SubscriptionMeasures } from "../../measures.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { OpenLease } from "../engine/open-leases.ts";
import type { SubscriptionEntry } from "../rows/subscription-table.ts";

/** Reads how subscriptions stand: as many apart as are said, the oldest of them, and all others together. */
export function createMeasureSubscriptions(engine: Engine, most: number) {
  const { queues, subscriptions, keys } = engine;
  const oldestKey = createOldestWaiting(engine);

  return (leases: readonly OpenLease[]): SubscriptionMeasures[] => {
    const open = Map.groupBy(leases, ({ subscription_id }) => subscription_id);

    function deliveriesOf({ id, content }: SubscriptionEntry) {
      const counts = queues.byName(content.queue)?.deliveries.get(id);
      const { waiting, running, failed } = counts ?? { waiting: 0, running: 0, failed: 0 };
      // Those whose leases are open are counted as waiting.
      const handedOut = open.get(id)?.length ?? 0;
      return { waiting: waiting - handedOut, running: running + handedOut, failed };
    }

    const all = [...subscriptions.all()];
    const apart = all.filter(({ content }) => content.name !== otherName).slice(0, most);
    const others = all.filter((entry) => !apart.includes(entry)).map(deliveriesOf);
    const measured = apart.map((entry): SubscriptionMeasures => {
      const deliveries = deliveriesOf(entry);
      const key = oldestKey(entry, deliveries.waiting);
      return {
        subscription: entry.content.name,
        deliveries,
        oldestWaitingMs: key === null ? null : keys.timeOf(key),
      };
    });
    if (others.length === 0) return measured;
    const sum = others.reduce((a, b) => ({
      waiting: a.waiting + b.waiting,
      running: a.running + b.running,
      failed: a.failed + b.failed,
    }));
    return [...measured, { subscription: otherName, deliveries: sum, oldestWaitingMs: null }];
  };
}

/** Finds the oldest event that a subscription has still to hand out; `null`: there is none. */
function createOldestWaiting({ db, queues }: Engine) {
  const selectNext = db.prepare<[number], number>("SELECT id FROM event WHERE id > ? ORDER BY id LIMIT 1").pluck();
  // Where none of those that are first in line is of the subscription, its own come behind the last of these.
  const selectFirst = db
    .prepare<{ queue: number; subscription: number }, number | null>(
      `SELECT ifnull(min(iif(subscription_id = @subscription, id, NULL)), max(id)) FROM (
         SELECT id, subscription_id FROM task INDEXED BY task_ready
         WHERE queue_id = +@queue AND state = ${stateNumber.pending} AND lane IS NULL
         ORDER BY priority DESC, ready_key LIMIT 100)`,
    )
    .pluck();

  return ({ id, content, positionKey }: SubscriptionEntry, waiting: number): number | null => {
    const queue = waiting > 0 ? queues.byName(content.queue) : undefined;
    const inLine = queue === undefined ? null : (selectFirst.get({ queue: queue.id, subscription: id }) ?? null);
    const notTakenIn = positionKey === null ? null : (selectNext.get(positionKey) ?? null);
    if (inLine === null || notTakenIn === null) return inLine ?? notTakenIn;
    return Math.min(inLine, notTakenIn);
  };
}
