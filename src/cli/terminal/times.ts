import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** A span as people say it, in its largest whole unit: `40s`, `12m`, `3h`, `9d`. Below a second: `0s`. */
export function roughly(ms: number): string {
  if (ms < minuteMs) return `${Math.max(Math.floor(ms / secondMs), 0)}s`;
  if (ms < hourMs) return `${Math.floor(ms / minuteMs)}m`;
  if (ms < 2 * dayMs) return `${Math.floor(ms / hourMs)}h`;
  return `${Math.floor(ms / dayMs)}d`;
}

/** The same, and below a second in milliseconds: `12ms`, `3s`. Never less than nothing: clocks are set. */
export function shortSpan(ms: number): string {
  return ms < secondMs ? `${Math.max(Math.round(ms), 0)}ms` : roughly(ms);
}

/** A span in full: `250ms`, `1.5s`, `1h 30m`, `30d`. */
export function exactly(ms: number): string {
  if (ms === 0) return "0";
  if (ms < minuteMs) return ms < secondMs ? `${ms}ms` : `${ms / secondMs}s`;
  const parts: string[] = [];
  let rest = Math.round(ms / secondMs) * secondMs;
  for (const [unit, unitMs] of [
    ["d", dayMs] as const,
    ["h", hourMs] as const,
    ["m", minuteMs] as const,
    ["s", secondMs] as const,
  ]) {
    if (rest >= unitMs) parts.push(`${Math.floor(rest / unitMs)}${unit}`);
    rest %= unitMs;
  }
  return parts.join(" ");
}

/** The point in time, in milliseconds since 1970; `null` for none. */
export function msOf(time: Timestamp | undefined): number | null {
  return time === undefined ? null : timestampDate(time).getTime();
}

/** How long ago, or how far ahead: `3m ago`, `in 5m`. */
export function ago(atMs: number, nowMs: number = Date.now()): string {
  return atMs > nowMs + secondMs ? `in ${roughly(atMs - nowMs)}` : `${roughly(nowMs - atMs)} ago`;
}

/** Local date and time: `2026-11-24 00:10:28`. */
export function localTime(atMs: number): string {
  const date = new Date(atMs);
  const days = [date.getFullYear(), date.getMonth() + 1, date.getDate()].map(twoDigits).join("-");
  return `${days} ${timeOfDay(atMs)}`;
}

/** Local time of day: `00:10:28`. */
export function timeOfDay(atMs: number): string {
  const date = new Date(atMs);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(":");
}

/** Both: `2026-11-24 00:10:28 (3m ago)`; for none, nothing. */
export function timeWithAge(time: Timestamp | undefined, nowMs?: number): string {
  const atMs = msOf(time);
  return atMs === null ? "" : `${localTime(atMs)} (${ago(atMs, nowMs)})`;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
