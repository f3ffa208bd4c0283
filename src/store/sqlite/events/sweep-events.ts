import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import type { Store } from "../../store.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";

/** How many rows one batch reads, and how many events it deletes. */
const batchRows = 2_000;
const batchEvents = 500;

/** Creates the verb `sweepEvents` on an open database. */
export function createSweepEvents({ db, keys, subscriptions }: Engine): SyncVerb<Store["sweepEvents"]> {
  const selectOld = db.prepare<[number, number, number], { id: number; is_referred: number }>(
    `SELECT id, EXISTS (SELECT 1 FROM task WHERE event_key = event.id) AS is_referred FROM event
     WHERE id > ? AND id < ? ORDER BY id LIMIT ?`,
  );
  const deleteEvent = db.prepare<[number]>("DELETE FROM event WHERE id = ?");
  const rememberSwept = db.prepare<[number, number]>(
    "UPDATE meta SET value = ? WHERE name = 'last_swept_event' AND value < ?",
  );
  const rememberLastKey = db.prepare<[number, number]>(
    "UPDATE meta SET value = ? WHERE name = 'last_task_id' AND value < ?",
  );

  /** Behind this nothing is swept: a subscription that catches up has not taken it in yet. */
  function takenIn(): number {
    const behind = [...subscriptions.all()].flatMap(({ positionKey }) => positionKey ?? []);
    return Math.min(...behind, Number.MAX_SAFE_INTEGER - 1);
  }

  return (cursor, beforeMs) => {
    const after = cursor === null ? 0 : (keyOfId(cursor) ?? 0);
    const before = Math.min(keys.at(beforeMs), takenIn() + 1);
    let deleted = 0;
    let last: number | null = null;
    for (const { id, is_referred } of selectOld.all(after, before, batchRows)) {
      if (deleted === batchEvents) break;
      last = id;
      if (is_referred === 1) continue;
      deleteEvent.run(id);
      rememberSwept.run(id, id);
      deleted++;
    }
    if (deleted > 0) rememberLastKey.run(keys.last, keys.last);
    return { deleted, nextCursor: last === null ? null : idOfKey(last) };
  };
}
