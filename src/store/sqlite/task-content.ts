import type { Task } from "../../domain/task.ts";
import { isSound, isSoundResult, taskChecksum } from "./checksums.ts";
import { idOfKey } from "./ids.ts";
import { readJson } from "./json-column.ts";
import type { FullTaskRow, ResultRow, TaskRow } from "./rows.ts";
import type { Session } from "./session.ts";

/** What of a task is read only where it is read whole. */
type Content = Pick<Task, "payload" | "headers" | "result" | "event" | "damagedFields">;

/** The content of a row, as far as it has the columns; what does not fit its checksum is left out. */
export function contentOf(row: TaskRow | ResultRow | FullTaskRow, { origins, damages }: Session): Content {
  const damagedFields: NonNullable<Task["damagedFields"]>[number][] = [];
  const content = { payload: null, headers: null, event: null, result: "result" in row ? row.result : null };
  if ("result" in row && !isSoundResult(row)) {
    damages.leftOut(`the result of task ${idOfKey(row.id)}`);
    damagedFields.push("result");
    content.result = null;
  }
  if (!("payload" in row)) return damagedFields.length === 0 ? content : { ...content, damagedFields };

  const event = origins.eventOf(row);
  const isRowSound = isSound(row, taskChecksum);
  if (!isRowSound) {
    damages.leftOut(`task ${idOfKey(row.id)}`);
    damagedFields.push("payload", "headers");
  } else if (row.event_key !== null && (event === null || event.damagedFields)) {
    // No event is deleted before its deliveries: one that is not found is damaged.
    if (event === null) damages.leftOut(`the event of task ${idOfKey(row.id)}`);
    damagedFields.push("payload");
  }
  return {
    ...content,
    payload: isRowSound ? (row.payload ?? event?.data ?? null) : null,
    headers: isRowSound ? readJson<Record<string, string>>(row.headers) : null,
    event: event && { ...event, data: null },
    ...(damagedFields.length > 0 && { damagedFields }),
  };
}
