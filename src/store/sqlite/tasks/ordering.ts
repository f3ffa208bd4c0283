import { mayLetNextGo, placeOf } from "../../../domain/tasks/deliveries.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { Engine } from "../engine/engine.ts";
import type { MovedRow, Transitions } from "./transitions.ts";

/** The order of deliveries with one key; see `domain/tasks/deliveries.ts`. */
export interface Ordering {
  /** Where a delivery of this subscription and key has to wait; `null`: it has no key. */
  placeFor(subscriptionId: number, orderingKey: string | null): "pending" | "blocked";
}

/** Creates the ordering of deliveries in an open database. It follows the moves of tasks and releases the next one when one is finished. */
export function createOrdering({ db }: Engine, transitions: Transitions): Ordering {
  // All that the partial index asks for: SQLite does not draw the conclusion from a state that is smaller. What is bound is
  // hidden from the planner (database.ts).
  const ofKey =
    "task INDEXED BY task_ordering WHERE subscription_id = +? AND ordering_key = +? " +
    `AND ordering_key IS NOT NULL AND ${taskIs.unfinished}`;
  const selectAny = db.prepare<[number, string]>(`SELECT 1 FROM ${ofKey} LIMIT 1`);
  const selectFirst = db
    .prepare<[number, string], number>(
      `SELECT id FROM ${ofKey} AND state = ${stateNumber.blocked}
     ORDER BY id LIMIT 1`,
    )
    .pluck();
  const selectActive = db.prepare<[number, string]>(
    `SELECT 1 FROM ${ofKey} AND state IN (${stateNumber.scheduled}, ${stateNumber.pending}, ${stateNumber.running}) LIMIT 1`,
  );

  transitions.follow((rows, to, nowMs) => {
    if (mayLetNextGo(to)) for (const row of rows) letNextGo(row, nowMs);
  });

  function letNextGo({ subscription_id: subscriptionId, ordering_key: key }: MovedRow, nowMs: number): void {
    if (subscriptionId === null || key === null) return;
    const next = selectFirst.get(subscriptionId, key);
    if (next === undefined || selectActive.get(subscriptionId, key) !== undefined) return;
    transitions.unblock([next], nowMs);
  }

  return {
    placeFor(subscriptionId, orderingKey) {
      return placeOf(orderingKey, (key) => selectAny.get(subscriptionId, key) !== undefined);
    },
  };
}
