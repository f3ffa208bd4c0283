import { keyAt, msOfKey } from "../../domain/ids.ts";

/** The time of a key in SQL: that of a row's `id`, for ranges over keys that are bent, or of its `ready_key`. */
export function keyTimeSql(column: "id" | "ready_key"): string {
  return `(${msOfKey(0)} + ${column} / ${keyAt(msOfKey(0) + 1)} - coalesce((SELECT ahead_ms FROM key_stretch
    WHERE from_key <= ${column} ORDER BY from_key DESC LIMIT 1), 0))`;
}
