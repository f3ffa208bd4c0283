import type { Paint } from "./paint.ts";
import { clipped } from "./printable.ts";
import { type Column, tableText } from "./table.ts";
import { localTime } from "./times.ts";
import type { Traced } from "./traced.ts";

/** What has one correlation id, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function traceTable(found: readonly Traced[], paint: Paint, nowMs: number = Date.now()): string {
  const columns: readonly Column<Traced>[] = [
    { title: "TIME", cell: ({ atMs }) => `${localTime(atMs)}.${String(atMs % 1_000).padStart(3, "0")}` },
    { title: "KIND", cell: ({ kind }) => kind },
    { title: "ID", cell: ({ id }) => id },
    { title: "WHAT", cell: ({ what }) => clipped(what, 80) },
    { title: "STATE", cell: ({ state }) => state(paint) },
    { title: "REMARK", cell: ({ remark }) => clipped(remark(nowMs), 80) },
  ];
  return tableText(columns, found, paint);
}
