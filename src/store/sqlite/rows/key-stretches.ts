import type Database from "better-sqlite3";
import type { Stretch, StretchLog } from "../../../domain/key-sequence.ts";

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
