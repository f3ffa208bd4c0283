import { stateNumber, taskIs } from "../../rows/task-states.ts";
import type { StoreVerbs } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";

/**
 * Whether a time is the one that the producer chose, by the column and by its name in the options. The options are found by their text: a
 * name in quotes does not stand in any other text of theirs, where quotes are escaped, and what may stand there is not JSON to PostgreSQL.
 */
function isChosen(column: string, option: string): string {
  return `${column} IS NOT DISTINCT FROM substring(options FROM '"${option}":([0-9]+)')::bigint`;
}

const statements = [
  // What waits for one worker does so from when it is due.
  `UPDATE task_live SET schedule_ms = schedule_ms + $1, lane_until_ms = lane_until_ms + $1
   WHERE state = ${stateNumber.scheduled} AND NOT ${isChosen("schedule_ms", "scheduleMs")}`,
  `UPDATE task_live SET expire_ms = expire_ms + $1
   WHERE expire_ms IS NOT NULL AND ${taskIs.unfinished} AND NOT ${isChosen("expire_ms", "expireMs")}`,
  `UPDATE task_live SET lane_until_ms = lane_until_ms + $1 WHERE lane_until_ms IS NOT NULL AND state = ${stateNumber.pending}`,
  `UPDATE task_live SET start_ms = start_ms + $1, lease_ms = lease_ms + $1 WHERE state = ${stateNumber.running}`,
  "UPDATE workflow SET start_ms = start_ms + $1 WHERE finish_ms IS NULL AND start_ms IS NOT NULL",
];

/**
 * Creates the verb `shiftTimes`: one transaction over all waiting and running tasks. It is as rare as a wrong clock, and in batches the
 * times of two clocks would be mixed. Of servers that want to make the same shift one makes it: the others wait for its end.
 */
export function createShiftTimes({ db }: Engine): StoreVerbs["shiftTimes"] {
  return async (byMs, known) => {
    const counted = await db.run(
      "UPDATE revision SET shifts = shifts + 1 WHERE $1::bigint IS NULL OR shifts = $1::bigint",
      [known ?? null],
    );
    if (counted === 0) return;
    for (const statement of statements) await db.run(statement, [byMs]);
  };
}
