import { type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";
import { formatDuration, roughDuration } from "../../contract/duration.ts";

const secondMs = 1_000;

/** A span as people say it, in its largest whole unit: `40s`, `12m`, `3h`, `9d`. Below a second: `0s`. */
export function roughly(ms: number): string {
  return ms < secondMs ? "0s" : roughDuration(ms);
}

/** A span to two digits where it is short, as it is of attempts: `12ms`, `1.4s`, `40s`, `12m`. */
export function closely(ms: number): string {
  return ms >= secondMs && ms < 10 * secondMs ? formatDuration(Math.round(ms / 100) * 100) : roughDuration(ms);
}

/** How long an attempt took, or has been running; empty: it has not begun. */
export function tookText(
  {
    startTime,
    finishTime,
  }: { readonly startTime?: Timestamp | undefined; readonly finishTime?: Timestamp | undefined },
  nowMs: number,
): string {
  const fromMs = msOf(startTime);
  return fromMs === null ? "" : closely((msOf(finishTime) ?? nowMs) - fromMs);
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
