import type { AuditEntry } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { localTime, msOf, timeOfDay } from "../terminal/times.ts";

/** Audit entries, one a line. */
export function auditTable(entries: readonly AuditEntry[], layout: Layout): string {
  const columns: readonly Column<AuditEntry>[] = [
    { title: "TIME", cell: ({ createTime }) => localTime(msOf(createTime) ?? 0) },
    { title: "PRINCIPAL", cell: ({ principal }) => printable(principal), least: 8 },
    { title: "BY", cell: ({ credential }) => printable(credential), least: 8, leaveOut: 1 },
    { title: "FROM", cell: ({ peer }) => printable(peer), least: 9, leaveOut: 2 },
    { title: "CALL", cell: (entry) => printable(callOf(entry)), least: 14 },
    { title: "ON", cell: ({ resource }) => printable(resource), least: 10 },
    { title: "OUTCOME", cell: outcomeOf, least: 10 },
    { title: "TIMES", cell: ({ count }) => (count === 1n ? "" : String(count)), align: "right" },
  ];
  return tableText(columns, entries, layout);
}

/** An audit entry in one line, as it comes. */
export function auditLine(entry: AuditEntry, paint: Paint): string {
  const atMs = msOf(entry.createTime);
  const parts = [
    paint.dim(atMs === null ? "" : timeOfDay(atMs)),
    printable(entry.principal),
    paint.dim(printable(entry.credential)),
    paint.dim(printable(entry.peer)),
    paint.bold(printable(callOf(entry))),
    printable(entry.resource),
    entry.code === "OK" ? outcomeOf(entry) : paint.warning(outcomeOf(entry)),
    entry.count === 1n ? "" : `${entry.count} times`,
  ];
  return parts.filter((part) => part !== "").join("  ");
}

/** All methods of the contract have the same package. */
function callOf({ method }: AuditEntry): string {
  return method.replace(/^\/sitq\.v1\./, "");
}

function outcomeOf({ code, reason }: AuditEntry): string {
  return printable(reason === "" ? code : reason);
}
