import type { Event } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import { clipped, printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { msOf, roughly } from "../terminal/times.ts";

/** Events, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function eventTable(events: readonly Event[], layout: Layout, nowMs: number = Date.now()): string {
  const age = ({ publishTime }: Event) => roughly(nowMs - (msOf(publishTime) ?? nowMs));
  const columns: readonly Column<Event>[] = [
    { title: "ID", cell: ({ id }) => printable(id), least: 18 },
    { title: "TYPE", cell: typeOf, least: 14 },
    { title: "SOURCE", cell: ({ sourceService }) => printable(sourceService), least: 8 },
    { title: "SUBJECT", cell: ({ subject }) => clipped(subject, 40), least: 8, leaveOut: 2 },
    { title: "AGE", cell: age, align: "right" },
    { title: "CORRELATION ID", cell: ({ correlationId }) => clipped(correlationId, 40), least: 8, leaveOut: 1 },
  ];
  return tableText(columns, events, layout);
}

function typeOf({ type, damagedFields }: Event): string {
  return `${printable(type)}${damagedFields.length === 0 ? "" : " (damaged on the disk)"}`;
}
