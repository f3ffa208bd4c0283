import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import { mostNamedTasks } from "../../../domain/waits/explanation.ts";
import type { Blockers } from "../../../domain/waits/wait-facts.ts";
import { taskColumns } from "../../rows/task-rows.ts";
import { stateNumber, taskIs } from "../../rows/task-states.ts";
import { type LastAttempt, stepBlockers, type WaitRow, waitOf } from "../../rows/wait-rows.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";
import { createSettingChanges } from "../queues/setting-changes.ts";
import { createPlacesInLine } from "./places-in-line.ts";

/** Creates the verb `readWaits` on an open database. */
export function createReadWaits(engine: Engine): SyncVerb<Store["readWaits"]> {
  const { db, queues, keys, plans } = engine;
  const settingChanges = createSettingChanges(engine);
  const placesInLine = createPlacesInLine(engine);
  const selectRow = db.prepare<[number], WaitRow>(
    `SELECT ${taskColumns}, ready_key, lane_until_ms FROM task WHERE id = ?`,
  );
  const selectState = db.prepare<[number], number>("SELECT state FROM task WHERE id = ?").pluck();
  const selectLastAttempt = db.prepare<[number], LastAttempt>(
    "SELECT outcome, finish_ms FROM attempt WHERE task_id = ? ORDER BY seq DESC LIMIT 1",
  );
  const ofKey =
    "task INDEXED BY task_ordering WHERE subscription_id = +? AND ordering_key = +? " +
    `AND ordering_key IS NOT NULL AND ${taskIs.unfinished}`;
  const selectActive = db
    .prepare<[number, string], number>(
      `SELECT id FROM ${ofKey} AND state IN (${stateNumber.scheduled}, ${stateNumber.pending}, ${stateNumber.running}) LIMIT 1`,
    )
    .pluck();
  const selectEarlier = db
    .prepare<[number, string, number, number], number>(
      `SELECT id FROM ${ofKey} AND state = ${stateNumber.blocked} AND id < +? ORDER BY id LIMIT ? + 0`,
    )
    .pluck();

  function blockersOf(row: WaitRow): Blockers | null {
    if (row.workflow_id !== null) {
      const { steps } = plans.of(row.workflow_id);
      return stepBlockers(row, row.workflow_id, steps, (key) => selectState.get(key) === stateNumber.completed);
    }
    const { subscription_id: subscription, ordering_key: key } = row;
    if (subscription === null || key === null) return null;
    const active = selectActive.get(subscription, key);
    const earlier = selectEarlier.all(subscription, key, row.id, mostNamedTasks - 1);
    const taskIds = [...(active === undefined ? [] : [active]), ...earlier].map(idOfKey);
    return taskIds.length === 0 ? null : { kind: "deliveries", taskIds };
  }

  return (ids) => {
    const rows = ids.map((id) => selectRow.get(keyOfId(id) ?? 0));
    const ahead = placesInLine.ahead(rows.filter((row) => row?.state === stateNumber.pending) as WaitRow[]);
    return rows.map((row) => {
      if (row === undefined) return null;
      const queue = queues.byId(row.queue_id);
      const facts = {
        queue,
        pausedBy: settingChanges.pausedBy(queue),
        running: queue.counts.running,
        lastAttempt: row.state === stateNumber.scheduled ? selectLastAttempt.get(row.id) : undefined,
        blockedBy: row.state === stateNumber.blocked ? blockersOf(row) : null,
        ahead: ahead.get(row.id) ?? null,
      };
      return waitOf(row, facts, keys);
    });
  };
}
