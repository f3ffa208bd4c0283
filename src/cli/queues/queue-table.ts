import type { Queue } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { msOf, roughly } from "../terminal/times.ts";

/** What a queue holds now. */
export type QueueStatistics = NonNullable<Queue["statistics"]>;

/** Whether tasks wait in a queue without workers. */
export function isUnattended({ paused, statistics }: Queue): boolean {
  return !paused && statistics !== undefined && statistics.pending > 0n && statistics.workers === 0;
}

/** Queues, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function queueTable(queues: readonly Queue[], layout: Layout, nowMs: number = Date.now()): string {
  const { paint } = layout;
  const count = (
    title: string,
    field: "pending" | "scheduled" | "running" | "completed",
    leaveOut?: number,
  ): Column<Queue> => ({
    title,
    cell: ({ statistics }) => String(statistics?.[field] ?? 0),
    align: "right",
    ...(leaveOut !== undefined && { leaveOut }),
  });
  const columns: readonly Column<Queue>[] = [
    { title: "QUEUE", cell: ({ name }) => name, least: 12 },
    count("WAITING", "pending"),
    count("SCHEDULED", "scheduled", 2),
    count("RUNNING", "running"),
    count("COMPLETED", "completed", 1),
    { title: "FAILED", cell: (queue) => failed(queue, paint), align: "right" },
    { title: "WORKERS", cell: ({ statistics }) => String(statistics?.workers ?? 0), align: "right" },
    { title: "WAIT", cell: (queue) => waitOfNext(queue, nowMs), align: "right" },
    { title: "", cell: (queue) => note(queue, paint) },
  ];
  return tableText(columns, queues, layout);
}

/** How long the task that is next in line has waited: `4m`; if none waits, `-`. */
export function waitOfNext({ statistics }: Queue, nowMs: number): string {
  const sinceMs = msOf(statistics?.nextPendingTime);
  return sinceMs === null ? "-" : roughly(nowMs - sinceMs);
}

function failed({ statistics }: Queue, paint: Paint): string {
  const count = String(statistics?.failed ?? 0);
  return count === "0" ? count : paint.bad(count);
}

function note(queue: Queue, paint: Paint): string {
  if (queue.paused) return paint.warning("paused");
  if (isUnattended(queue)) return paint.warning("no worker");
  const unhandled = unhandledWords(queue);
  return unhandled === "" ? "" : paint.warning(unhandled);
}

/** The types that none of a queue's workers handles, in words: `1 worker on billing, none handles invoice.send`; empty: none. */
function unhandledWords({ name, statistics }: Queue): string {
  const types = statistics?.unhandledTypes ?? [];
  const workers = statistics?.workers ?? 0;
  if (types.length === 0) return "";
  return `${workers} ${workers === 1 ? "worker" : "workers"} on ${name}, none handles ${namesOf(types)}`;
}

function namesOf(types: readonly { readonly type: string }[]): string {
  const shown = types.slice(0, 3).map(({ type }) => printable(type));
  return types.length <= shown.length
    ? shown.join(", ")
    : `${shown.join(", ")} and ${types.length - shown.length} more`;
}

/** A hint for queues without workers; empty if there are none. */
export function unattendedHint(queues: readonly Queue[]): string {
  const [first, ...others] = queues.filter(isUnattended);
  if (first === undefined) return "";
  const rest = others.length === 0 ? "" : ` and ${others.length} more`;
  return `Tasks wait in ${first.name}${rest}, without a worker. Start one: sitq work ${first.name} --exec 'COMMAND'`;
}
