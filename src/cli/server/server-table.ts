import type { ServerView } from "../../client/index.ts";
import type { Layout } from "../terminal/layout.ts";
import { grouped } from "../terminal/numbers.ts";
import type { Paint } from "../terminal/paint.ts";
import { printable } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { ago, msOf, roughly } from "../terminal/times.ts";

/** Servers, one a line. @param nowMs what ages are counted from, in milliseconds since 1970 */
export function serverTable(servers: readonly ServerView[], layout: Layout, nowMs: number = Date.now()): string {
  const { paint } = layout;
  const columns: readonly Column<ServerView>[] = [
    { title: "SERVER", cell: ({ id }) => (id === 0 ? "-" : String(id)), align: "right" },
    { title: "ADDRESS", cell: ({ address }) => printable(address), least: 16 },
    { title: "LEADS", cell: ({ leading }) => (leading ? "yes" : "") },
    { title: "STATE", cell: (server) => stateText(server, paint, nowMs) },
    { title: "WORKERS", cell: ({ workers }) => grouped(workers), align: "right", leaveOut: 4 },
    { title: "RUNNING", cell: ({ inFlight }) => grouped(inFlight), align: "right", leaveOut: 3 },
    { title: "STARTED", cell: ({ startTime }) => timeText(msOf(startTime), nowMs), align: "right", leaveOut: 2 },
    { title: "EXPIRES", cell: ({ expireTime }) => timeText(msOf(expireTime), nowMs), align: "right", leaveOut: 5 },
    { title: "VERSION", cell: ({ version }) => printable(version), leaveOut: 1 },
  ];
  return tableText(columns, servers, layout);
}

function stateText({ answering, heard, sinceTime }: ServerView, paint: Paint, nowMs: number): string {
  if (answering) return paint.good("ANSWERING");
  const sinceMs = msOf(sinceTime);
  const text = [heard ? "HEARD" : "UNHEARD", ...(sinceMs === null ? [] : [roughly(nowMs - sinceMs)])].join(" ");
  return heard ? paint.good(text) : paint.bad(text);
}

function timeText(atMs: number | null, nowMs: number): string {
  return atMs === null ? "-" : ago(atMs, nowMs);
}
