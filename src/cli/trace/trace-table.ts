import { roughDuration } from "../../contract/duration.ts";
import type { Layout } from "../terminal/layout.ts";
import { clipped } from "../terminal/printable.ts";
import { type Column, tableText } from "../terminal/table.ts";
import { localTime, timeOfDay } from "../terminal/times.ts";
import type { Traced } from "./traced.ts";

/**
 * What has one correlation id, one a line. At a terminal the lines have the time of day only, if all of it is of one day.
 *
 * @param nowMs what ages are counted from, in milliseconds since 1970
 */
export function traceTable(found: readonly Traced[], layout: Layout, nowMs: number = Date.now()): string {
  const days = new Set(found.map(({ atMs }) => localTime(atMs).slice(0, "2026-01-01".length)));
  const timeText = days.size === 1 && Number.isFinite(layout.width) ? timeOfDay : localTime;
  const columns: readonly Column<Traced>[] = [
    { title: "TIME", cell: ({ atMs }) => `${timeText(atMs)}.${String(atMs % 1_000).padStart(3, "0")}` },
    { title: "KIND", cell: ({ kind }) => kind },
    { title: "ID", cell: ({ id }) => id, least: 12 },
    { title: "WHAT", cell: ({ what }) => clipped(what, 80), least: 14 },
    { title: "STATE", cell: ({ state }, paint) => state(paint) },
    { title: "TOOK", cell: (traced) => tookText(traced, nowMs), align: "right", leaveOut: 2 },
    { title: "WORKER", cell: ({ worker }) => worker, least: 8, leaveOut: 1 },
    { title: "REMARK", cell: ({ remark }) => clipped(remark(nowMs), 80), least: 10 },
  ];
  return tableText(columns, found, layout);
}

function tookText(traced: Traced, nowMs: number): string {
  const ms = traced.tookMs(nowMs);
  return ms === null ? "" : roughDuration(ms);
}
