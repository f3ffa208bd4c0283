import type { Event } from "../../client/index.ts";
import type { Paint } from "./paint.ts";
import { clipped, printable } from "./printable.ts";
import { type Column, tableText } from "./table.ts";
import { msOf, roughly } from "./times.ts";

/** Events, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function eventTable(events: readonly Event[], paint: Paint, nowMs: number = Date.now()): string {
  const age = ({ publishTime }: Event) => roughly(nowMs - (msOf(publishTime) ?? nowMs));
  const columns: readonly Column<Event>[] = [
    { title: "ID", cell: ({ id }) => printable(id) },
    { title: "TYPE", cell: ({ type }) => type },
    { title: "SOURCE", cell: ({ sourceService }) => printable(sourceService) },
    { title: "SUBJECT", cell: ({ subject }) => clipped(subject, 40) },
    { title: "AGE", cell: age, align: "right" },
    { title: "CORRELATION ID", cell: ({ correlationId }) => clipped(correlationId, 40) },
  ];
  return tableText(columns, events, paint);
}
