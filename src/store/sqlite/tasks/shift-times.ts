import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";

/** Whether a time is the one that the producer chose, by the column and by its name in the options. */
function isChosen(column: string, option: string): string {
  return `${column} IS (options ->> '${option}')`;
}

/**
 * Creates the verb `shiftTimes` on an open database: one transaction over all waiting and running tasks, some seconds for a million
 * rows. It is as rare as a wrong clock, and in batches the times of two clocks would be mixed.
 */
export function createShiftTimes({ db }: Engine): SyncVerb<Store["shiftTimes"]> {
  const statements = [
    // What waits for one worker does so from when it is due.
    `UPDATE task SET schedule_ms = schedule_ms + @byMs, lane_until_ms = lane_until_ms + @byMs
     WHERE state = ${stateNumber.scheduled} AND NOT ${isChosen("schedule_ms", "scheduleMs")}`,
    `UPDATE task INDEXED BY task_expiring SET expire_ms = expire_ms + @byMs
     WHERE expire_ms IS NOT NULL AND ${taskIs.waiting} AND NOT ${isChosen("expire_ms", "expireMs")}`,
    `UPDATE task SET expire_ms = expire_ms + @byMs
     WHERE state = ${stateNumber.running} AND expire_ms IS NOT NULL AND NOT ${isChosen("expire_ms", "expireMs")}`,
    `UPDATE task INDEXED BY task_lane_until SET lane_until_ms = lane_until_ms + @byMs
     WHERE lane_until_ms IS NOT NULL AND state = ${stateNumber.pending}`,
    `UPDATE task SET start_ms = start_ms + @byMs, lease_ms = lease_ms + @byMs WHERE state = ${stateNumber.running}`,
    "UPDATE workflow SET start_ms = start_ms + @byMs WHERE finish_ms IS NULL AND start_ms IS NOT NULL",
  ].map((sql) => db.prepare<{ byMs: number }>(sql));

  return (byMs) => {
    for (const statement of statements) statement.run({ byMs });
  };
}
