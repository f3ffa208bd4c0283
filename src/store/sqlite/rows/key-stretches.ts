import type Database from "better-sqlite3";
import { keyAt, msOfKey } from "../../../domain/ids.ts";
import type { Stretch, StretchLog } from "../../../domain/key-sequence.ts";

/** The time of a key in SQL: that of a row's `id`, for ranges over keys that are bent, or of its `ready_key`. */
export function keyTimeSql(column: "id" | "ready_key"): string {
  return `(${msOfKey(0)} + ${column} / ${keyAt(msOfKey(0) + 1)} - ifnull((SELECT ahead_ms FROM key_stretch
    WHERE from_key <= ${column} ORDER BY from_key DESC LIMIT 1), 0))`;
}

/** Creates the stretch log of an open database. */
export function createStretchLog(db: Database.Database): StretchLog {
  const select = db.prepare<[], Stretch>(
    "SELECT from_key AS fromKey, ahead_ms AS aheadMs FROM key_stretch ORDER BY from_key",
  );
  const insert = db.prepare<[number, number]>("INSERT OR REPLACE INTO key_stretch (from_key, ahead_ms) VALUES (?, ?)");
  return {
    read: () => select.all(),
    add: ({ fromKey, aheadMs }) => void insert.run(fromKey, aheadMs),
  };
}
