import { isBackInLine } from "../../../domain/tasks/deliveries.ts";
import { serverErrors } from "../../../domain/tasks/task.ts";
import type { EventStore } from "../../event-store.ts";
import { subscriptionState } from "../../rows/subscription-rows.ts";
import { type TaskRow, taskColumns } from "../../rows/task-rows.ts";
import { stateOf, taskIs } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { FinalMove, Transitions } from "../tasks/transitions.ts";

/** How many deliveries one batch cancels, and how many rows it passes over. */
const batchTasks = 500;
const scanRows = 20_000;

/** Creates the verbs that end subscriptions. */
export function createEndSubscription(
  { db, subscriptions, upkeep }: Engine,
  transitions: Transitions,
): Pick<EventStore, "endSubscription" | "endDeliveries" | "endingSubscriptions"> {
  // What ran when its subscription ended continues to the end of its attempt and is not retried: its queue may have no worker now.
  transitions.follow(async (rows, to, nowMs) => {
    const back = rows.filter(({ state, subscription_id: id }) => id !== null && isBackInLine(stateOf(state), to));
    if (back.length === 0) return;
    // Locked: one that another server ends meanwhile is ended behind this transaction, and its deliveries are looked through after it. What is
    // asked of the state is asked of the rows that are locked: a condition of the statement would be tested before.
    const locked = await db.all<{ id: number; state: number }>(
      "SELECT id, state FROM subscription WHERE id = ANY($1) ORDER BY id FOR KEY SHARE",
      [[...new Set(back.map(({ subscription_id: id }) => id))]],
    );
    const ended = new Set(locked.filter(({ state }) => state >= subscriptionState.ending).map(({ id }) => id));
    if (ended.size === 0) return;
    const keysOf = back.filter(({ subscription_id: id }) => ended.has(id ?? 0)).map(({ id }) => id);
    await cancel(
      await db.all<TaskRow>(`SELECT ${taskColumns} FROM task_live WHERE id = ANY($1) ORDER BY id`, [keysOf]),
      nowMs,
    );
  });

  function cancel(rows: readonly TaskRow[], nowMs: number): Promise<void> {
    return transitions.finalize(
      rows.map((row): FinalMove => {
        return { row, to: "cancelled", error: serverErrors.subscriptionEnded, outcome: "cancelled" };
      }),
      nowMs,
    );
  }

  return {
    async endSubscription(name) {
      const entry = await subscriptions.find(name);
      if (entry === undefined) return null;
      // Its deliveries are all to be seen: they were stored while the feed was locked, as it is now.
      const last = await db.get<{ id: number }>("SELECT id FROM task ORDER BY id DESC LIMIT 1");
      await subscriptions.end(entry, (last?.id ?? 0) + 1);
      return entry.id;
    },

    async endDeliveries(subscription, nowMs) {
      const ending = await db.get<{ position_id: number }>(
        `SELECT position_id FROM subscription WHERE id = $1 AND state = ${subscriptionState.ending} FOR NO KEY UPDATE`,
        [subscription],
      );
      if (ending === undefined) return { cancelled: 0, running: 0, isDone: true };
      const before = ending.position_id;
      const mostTasks = upkeep.portion("endDeliveries", batchTasks);
      const bound = await db.get<{ id: number }>(
        "SELECT id FROM task_live WHERE id < $1 ORDER BY id DESC OFFSET $2 LIMIT 1",
        [before, upkeep.portion("endDeliveries", scanRows)],
      );
      const floor = bound?.id ?? 0;
      // Newest first: to cancel the oldest of a key would release the next one for a moment.
      const found = await db.all<{ id: number }>(
        `SELECT id FROM task_live WHERE id < $1 AND id >= $2 AND subscription_id = $3 AND ${taskIs.unfinished} ORDER BY id DESC LIMIT $4`,
        [before, floor, subscription, mostTasks],
      );
      const waiting = await db.all<TaskRow>(
        `SELECT ${taskColumns} FROM task_live WHERE id = ANY($1) AND ${taskIs.waiting} ORDER BY id FOR UPDATE`,
        [found.map(({ id }) => id)],
      );
      await cancel(waiting, nowMs);
      const next = found.length === mostTasks ? (found.at(-1)?.id ?? 0) : floor;
      const isDone = next === 0;
      await db.run("UPDATE subscription SET state = $2, position_id = $3 WHERE id = $1", [
        subscription,
        isDone ? subscriptionState.ended : subscriptionState.ending,
        isDone ? null : next,
      ]);
      return { cancelled: waiting.length, running: found.length - waiting.length, isDone };
    },

    async endingSubscriptions() {
      const rows = await db.all<{ id: number }>(
        `SELECT id FROM subscription WHERE state = ${subscriptionState.ending} ORDER BY id`,
      );
      return rows.map(({ id }) => id);
    },
  };
}
