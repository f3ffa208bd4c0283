import type { AuditEntry } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { localTime, msOf } from "../terminal/times.ts";

/** Audit entries, one a line. */
export function auditTable(entries: readonly AuditEntry[], layout: Layout): string {
  const columns: readonly Column<AuditEntry>[] = [
    { title: "TIME", cell: ({ createTime }) => localTime(msOf(createTime) ?? 0) },
    { title: "PRINCIPAL", cell: ({ principal }) => printable(principal), least: 8 },
    { title: "BY", cell: ({ credential }) => printable(credential), least: 8, leaveOut: 1 },
    { title: "FROM", cell: ({ peer }) => printable(peer), least: 9, leaveOut: 2 },
    // All methods of the contract have the same package.
    { title: "CALL", cell: ({ method }) => printable(method.replace(/^\/sitq\.v1\./, "")), least: 14 },
    { title: "ON", cell: ({ resource }) => printable(resource), least: 10 },
    { title: "OUTCOME", cell: outcomeOf, least: 10 },
    { title: "TIMES", cell: ({ count }) => (count === 1n ? "" : String(count)), align: "right" },
  ];
  return tableText(columns, entries, layout);
}

function outcomeOf({ code, reason }: AuditEntry): string {
  return printable(reason === "" ? code : reason);
}
