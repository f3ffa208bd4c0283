import { isBackInLine } from "../../../domain/tasks/deliveries.ts";
import { serverErrors } from "../../../domain/tasks/task.ts";
import { subscriptionState } from "../../rows/subscription-rows.ts";
import { type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, stateOf, taskIs } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import type { Transitions } from "../tasks/transitions.ts";

/** How many deliveries one batch cancels, and how many rows it passes over. */
const batchTasks = 500;
const scanRows = 20_000;

/** Creates the verbs that end subscriptions, on an open database. */
export function createEndSubscription(engine: Engine, transitions: Transitions) {
  const { db, subscriptions, keys } = engine;
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
  const selectTask = engine.tasks.select;

  // What ran when its subscription ended continues to the end of its attempt and is not retried: its queue may have no worker now.
  transitions.follow((rows, to, nowMs) => {
    for (const { id, state, subscription_id: subscription } of rows) {
      if (subscription === null || !isBackInLine(stateOf(state), to)) continue;
      const row = selectIsOver.get(subscription) === undefined ? undefined : selectTask.get(id);
      if (row !== undefined) transitions.finalize(row, "cancelled", serverErrors.subscriptionEnded, "cancelled", nowMs);
    }
  });

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

  return { endSubscription, endDeliveries, endingSubscriptions };
}
