import { otherName, type SubscriptionMeasures } from "../../measures.ts";
import {
  type KnownSubscription,
  knownSubscriptionOf,
  type SubscriptionRow,
  subscriptionColumns,
  subscriptionState,
} from "../../rows/subscription-rows.ts";
import { stateNumber } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";

/** How many tasks are looked at for the oldest. */
const mostLookedAt = 100;

type Deliveries = SubscriptionMeasures["deliveries"];

// Where none of those that are first in line is of the subscription, its own come behind the last of these.
const firstInLine = `SELECT coalesce(min(id) FILTER (WHERE subscription_id = wanted.id), max(id)) FROM (
    SELECT id, subscription_id FROM task_live AS task WHERE queue_id = wanted.queue_id AND state = ${stateNumber.pending} AND lane IS NULL
    ORDER BY priority DESC, ready_key, id LIMIT ${mostLookedAt}
  ) AS first`;

const selectStandings = `SELECT counts.*,
    CASE WHEN wanted.is_apart AND counts.waiting > 0 THEN (${firstInLine}) END AS in_line,
    CASE WHEN wanted.is_apart THEN (SELECT id FROM event WHERE id > wanted.position_id ORDER BY id LIMIT 1) END AS not_taken_in
  FROM unnest($1::int[], $2::int[], $3::bigint[], $4::bool[]) WITH ORDINALITY AS wanted (id, queue_id, position_id, is_apart, place),
    LATERAL (SELECT coalesce(sum(waiting), 0)::bigint AS waiting, coalesce(sum(running), 0)::bigint AS running,
      coalesce(sum(failed), 0)::bigint AS failed FROM delivery_count
      WHERE queue_id = wanted.queue_id AND subscription_id = wanted.id) AS counts
  ORDER BY place`;

type StandingRow = Deliveries & { readonly in_line: number | null; readonly not_taken_in: number | null };

/** Reads how subscriptions stand: as many apart as are said, the oldest of them, and all others together. */
export function createMeasureSubscriptions({ db, queues, keys }: Engine, most: number) {
  async function standingsOf(
    all: readonly KnownSubscription[],
    apart: ReadonlySet<KnownSubscription>,
  ): Promise<StandingRow[]> {
    const known = await queues.find(all.map(({ content }) => content.queue));
    return db.all<StandingRow>(selectStandings, [
      all.map(({ id }) => id),
      all.map(({ content }) => known.get(content.queue)?.id ?? null),
      all.map(({ positionKey }) => positionKey),
      all.map((one) => apart.has(one)),
    ]);
  }

  return async (): Promise<SubscriptionMeasures[]> => {
    const rows = await db.all<SubscriptionRow>(
      `SELECT ${subscriptionColumns} FROM subscription WHERE state <= ${subscriptionState.catchingUp} ORDER BY id`,
    );
    if (rows.length === 0) return [];
    const all = rows.map(knownSubscriptionOf);
    const apart = new Set(all.filter(({ content }) => content.name !== otherName).slice(0, most));
    const standings = await standingsOf(all, apart);
    const measured: SubscriptionMeasures[] = [];
    const others: Deliveries[] = [];
    for (const [index, one] of all.entries()) {
      const {
        in_line: inLine = null,
        not_taken_in: notTakenIn = null,
        ...deliveries
      } = standings[index] ?? noDeliveries;
      if (!apart.has(one)) others.push(deliveries);
      else measured.push({ subscription: one.content.name, deliveries, oldestWaitingMs: timeOf(inLine, notTakenIn) });
    }
    if (others.length === 0) return measured;
    const sum = others.reduce((a, b) => ({
      waiting: a.waiting + b.waiting,
      running: a.running + b.running,
      failed: a.failed + b.failed,
    }));
    return [...measured, { subscription: otherName, deliveries: sum, oldestWaitingMs: null }];
  };

  function timeOf(inLine: number | null, notTakenIn: number | null): number | null {
    if (inLine === null || notTakenIn === null) {
      const key = inLine ?? notTakenIn;
      return key === null ? null : keys.timeOf(key);
    }
    return keys.timeOf(Math.min(inLine, notTakenIn));
  }
}

const noDeliveries: Partial<StandingRow> & Deliveries = { waiting: 0, running: 0, failed: 0 };
