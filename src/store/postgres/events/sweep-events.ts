import { idOfKey, keyOfId } from "../../../domain/ids.ts";
import type { EventStore } from "../../event-store.ts";
import { subscriptionState } from "../../rows/subscription-rows.ts";
import type { Engine } from "../engine/engine.ts";

/** How many rows one batch reads, and how many events it deletes. */
const batchRows = 2_000;
const batchEvents = 500;

/** Creates the verb `sweepEvents`. It runs while the feed of events is locked: nothing begins to need an event that it deletes. */
export function createSweepEvents({ db, keys, upkeep }: Engine): EventStore["sweepEvents"] {
  /** Behind this nothing is swept: a subscription that catches up has not taken it in yet. */
  async function takenIn(): Promise<number> {
    const row = await db.get<{ position: number | null }>(
      `SELECT min(position_id) AS position FROM subscription WHERE state = ${subscriptionState.catchingUp}`,
    );
    return row?.position ?? Number.MAX_SAFE_INTEGER - 1;
  }

  return async (cursor, beforeMs) => {
    const mostEvents = upkeep.portion("sweepEvents", batchEvents);
    const after = cursor === null ? 0 : (keyOfId(cursor) ?? 0);
    const before = Math.min(keys.at(beforeMs), (await takenIn()) + 1);
    const rows = await db.all<{ id: number; is_referred: boolean }>(
      `SELECT id, EXISTS (SELECT FROM task WHERE event_key = event.id) AS is_referred FROM event
       WHERE id > $1 AND id < $2 ORDER BY id LIMIT $3`,
      [after, before, upkeep.portion("sweepEvents", batchRows)],
    );
    const free = rows.filter(({ is_referred: isReferred }) => !isReferred).map(({ id }) => id);
    const deleted = free.slice(0, mostEvents);
    // Where there is more to delete, the next batch begins in front of it.
    const next = free[mostEvents];
    const last = next === undefined ? rows.at(-1)?.id : deleted.at(-1);
    if (deleted.length > 0) {
      await db.run(
        "WITH gone AS (DELETE FROM event WHERE id = ANY($1)) UPDATE event_feed SET swept = greatest(swept, $2)",
        [deleted, deleted.at(-1)],
      );
    }
    return { deleted: deleted.length, nextCursor: last === undefined ? null : idOfKey(last) };
  };
}
