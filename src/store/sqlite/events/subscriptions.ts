import type { EventStart, NewSubscription, Subscription } from "../../../domain/events/event.ts";
import { serverErrors } from "../../../domain/tasks/task.ts";
import type { StartAnswer } from "../../event-store.ts";
import type { Store } from "../../store.ts";
import type { Session } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { eventOf, type FullEventRow, fullEventColumns, isReadable } from "../rows/event-rows.ts";
import { idOfKey, keyOfId } from "../rows/ids.ts";
import { type EarlierFilter, type SubscriptionEntry, subscriptionState } from "../rows/subscription-table.ts";
import { stateNumber, type TaskRow, taskColumns, taskIs } from "../rows/task-rows.ts";
import type { Transitions } from "../tasks/transitions.ts";
import type { Deliver } from "./deliver.ts";

/** How many events one batch of catching up reads, over all subscriptions. */
const batchEvents = 500;
/** How many bytes of events one batch reads for a subscription to compare their checksums; the one that exceeds it is the last. */
const batchBytes = 2_097_152;
/** How many filters are kept for events that a subscription has not taken in. */
const mostEarlierFilters = 100;
/** How many deliveries one batch cancels, and how many rows it passes over. */
const batchTasks = 500;
const scanRows = 20_000;

/** The verbs of subscriptions, on an open database. */
export function createSubscriptions(session: Session, transitions: Transitions, deliver: Deliver) {
  const { db, queues, subscriptions, keys } = session;
  const selectSwept = db.prepare<[], number>("SELECT value FROM meta WHERE name = 'last_swept_event'").pluck();
  const selectBehind = db.prepare<[number, number], FullEventRow>(
    `SELECT ${fullEventColumns} FROM event WHERE id > ? ORDER BY id LIMIT ?`,
  );
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
  const selectEnding = db
    .prepare<[number], number>(
      `SELECT position_id FROM subscription WHERE id = ? AND state = ${subscriptionState.ending}`,
    )
    .pluck();
  const selectAllEnding = db
    .prepare<[], number>(`SELECT id FROM subscription WHERE state = ${subscriptionState.ending}`)
    .pluck();
  const updateEnding = db.prepare<[number, number | null, number]>(
    "UPDATE subscription SET state = ?, position_id = ? WHERE id = ?",
  );
  const selectFloor = db
    .prepare<[number], number>(
      `SELECT id FROM task NOT INDEXED WHERE id < ? ORDER BY id DESC LIMIT 1 OFFSET ${scanRows}`,
    )
    .pluck();
  const selectUnfinished = db.prepare<[number, number, number, number], TaskRow>(
    `SELECT ${taskColumns} FROM task NOT INDEXED
     WHERE id < ? AND id >= ? AND subscription_id = ? AND ${taskIs.unfinished} ORDER BY id DESC LIMIT ?`,
  );

  const selectIsOver = db.prepare<[number]>(
    `SELECT 1 FROM subscription WHERE id = ? AND state >= ${subscriptionState.ending}`,
  );
  const selectTask = session.tasks.select;

  // What ran when its subscription ended goes on to the end of its attempt, and is not tried again: nobody may work its queue now.
  transitions.follow(({ id, state, subscription_id: subscription }, to, nowMs) => {
    const isAgain = state === stateNumber.running && (to === "pending" || to === "scheduled");
    if (subscription === null || !isAgain || selectIsOver.get(subscription) === undefined) return;
    const row = selectTask.get(id);
    if (row !== undefined) transitions.finalize(row, "cancelled", serverErrors.subscriptionEnded, "cancelled", nowMs);
  });

  /** The key behind which a start begins; the answer to it where that is no longer kept. */
  function startKey(start: EventStart): number | Extract<StartAnswer, { status: "expired" }> {
    const swept = selectSwept.get() ?? 0;
    switch (start.kind) {
      case "now":
        return keys.last;
      case "earliest":
        // What is older is kept only for the deliveries that name it, with gaps between: nobody could begin anew behind it.
        return swept;
      case "time":
      case "position": {
        const key = start.kind === "time" ? keys.at(start.ms) - 1 : keyOfId(start.position);
        if (key === null || (swept > 0 && key < swept)) return { status: "expired", earliest: idOfKey(swept) };
        return Math.min(key, keys.last);
      }
    }
  }

  const findStart: SyncVerb<Store["findStart"]> = (start) => {
    const key = startKey(start);
    return typeof key === "number" ? { status: "found", position: idOfKey(Math.max(key, 0)) } : key;
  };

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

  const replay: SyncVerb<Store["replay"]> = (name, start) => {
    const entry = subscriptions.byName(name);
    if (entry === undefined) return { status: "not_found" };
    const key = startKey(start);
    if (typeof key !== "number") return key;
    // What it had not caught up with yet is not passed over.
    subscriptions.moveTo(entry, Math.min(key, entry.positionKey ?? key));
    return { status: "replaying", subscription: subscriptionOf(entry) };
  };

  const catchUp: SyncVerb<Store["catchUp"]> = (nowMs) => {
    const behind = [...subscriptions.all()].filter(({ positionKey, isPaused }) => positionKey !== null && !isPaused);
    const each = Math.max(Math.floor(batchEvents / Math.max(behind.length, 1)), 1);
    for (const entry of behind.slice(0, batchEvents)) catchUpOne(entry, each, nowMs);
    return { isBehind: behind.some(({ positionKey }) => positionKey !== null) };
  };

  function catchUpOne(entry: SubscriptionEntry, most: number, nowMs: number): void {
    const { rows, isEnd } = eventsBehind(entry.positionKey ?? 0, most);
    for (const row of rows) {
      const event = eventOf(row, keys);
      // What the filter compares may be what is damaged: the hand-out of a damaged event fails, where it is seen.
      if (matcherAt(entry, row.id)(event) || !isReadable(row)) deliver({ ...event, key: row.id }, entry, nowMs);
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

  function subscriptionOf({ id, content, createMs, positionKey, isPaused }: SubscriptionEntry): Subscription {
    const state = positionKey === null ? "live" : "catching_up";
    const queue = queues.byName(content.queue);
    const counts = queue?.deliveries.get(id) ?? { waiting: 0, running: 0, failed: 0 };
    const oldest =
      queue === undefined || counts.waiting === 0 ? undefined : selectOldest.get({ queue: queue.id, subscription: id });
    const next = positionKey === null ? undefined : selectNext.get(positionKey);
    const oldestKey = Math.min(oldest ?? Number.POSITIVE_INFINITY, next ?? Number.POSITIVE_INFINITY);
    return {
      ...content,
      state: isPaused ? "paused" : state,
      position: idOfKey(positionKey ?? keys.last),
      createMs,
      ...counts,
      oldestWaitingMs: Number.isFinite(oldestKey) ? keys.timeOf(oldestKey) : null,
    };
  }

  const endSubscription: SyncVerb<Store["endSubscription"]> = (name) => {
    const entry = subscriptions.byName(name);
    if (entry === undefined) return null;
    subscriptions.end(entry, keys.last + 1);
    return entry.id;
  };

  const endDeliveries: SyncVerb<Store["endDeliveries"]> = (subscription, nowMs) => {
    const before = selectEnding.get(subscription);
    if (before === undefined) return { cancelled: 0, running: 0, isDone: true };
    const floor = selectFloor.get(before) ?? 0;
    // Newest first: to cancel the oldest of a key would release the next one for a moment.
    const rows = selectUnfinished.all(before, floor, subscription, batchTasks);
    const waiting = rows.filter(({ state }) => state !== stateNumber.running);
    for (const row of waiting)
      transitions.finalize(row, "cancelled", serverErrors.subscriptionEnded, "cancelled", nowMs);
    const next = rows.length === batchTasks ? (rows.at(-1)?.id ?? 0) : floor;
    if (next === 0) updateEnding.run(subscriptionState.ended, null, subscription);
    else updateEnding.run(subscriptionState.ending, next, subscription);
    return { cancelled: waiting.length, running: rows.length - waiting.length, isDone: next === 0 };
  };

  const endingSubscriptions: SyncVerb<Store["endingSubscriptions"]> = () => selectAllEnding.all();

  return {
    ...{ findStart, createSubscription, getSubscription, listSubscriptions, updateSubscription, replay, catchUp },
    ...{ endSubscription, endDeliveries, endingSubscriptions },
  };
}

/** The filter that an event was stored under. */
function matcherAt({ earlier, matches }: SubscriptionEntry, key: number): SubscriptionEntry["matches"] {
  return earlier.find(({ untilKey }) => key <= untilKey)?.matches ?? matches;
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
