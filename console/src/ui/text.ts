/** Numbers, spans and names as the page writes them. */

import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";

/** The last time that JavaScript has, in milliseconds; the first one is as far before 1970. */
const lastMs = 8_640_000_000_000_000;

/** A time in milliseconds; `null`: it is not set. What is damaged on the disk can be beyond every calendar: it is at its end then. */
export function msOf(time: Timestamp | Duration | undefined): number | null {
  if (time === undefined) return null;
  const ms = Number(time.seconds) * 1_000 + Math.floor(time.nanos / 1e6);
  return Math.max(-lastMs, Math.min(lastMs, ms));
}

const numbers = new Intl.NumberFormat("en-GB");

/** A count: `1,234,567`. */
export function count(n: number | bigint): string {
  return numbers.format(n);
}

/** A count with its noun: `1 task`, `3 tasks`. @param nouns the noun for many. Default: with an `s` */
export function counted(n: number | bigint, noun: string, nouns = `${noun}s`): string {
  return `${count(n)} ${n === 1 || n === 1n ? noun : nouns}`;
}

/** A rate a second: `0`, `0.05`, `3.2`, `1,234`. */
export function rate(perSecond: number): string {
  if (perSecond === 0) return "0";
  if (perSecond < 0.1) return perSecond.toFixed(2);
  return perSecond < 100 ? perSecond.toFixed(1) : count(Math.round(perSecond));
}

/** A size: `12 bytes`, `3.4 KiB`, `1.0 MiB`. */
export function byteCount(bytes: number): string {
  if (bytes < 1_024) return counted(bytes, "byte");
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`;
}

const units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
] as const;

/** A span in its two largest units: `3d 4h`, `12s`, `250ms`. */
export function span(ms: number): string {
  if (ms < 1_000) return `${Math.max(0, Math.round(ms))}ms`;
  const at = units.findIndex(([, size]) => ms >= size);
  const [name, size] = units[at] ?? units[3];
  const next = units[at + 1];
  const rest = next === undefined ? 0 : Math.floor((ms % size) / next[1]);
  const first = `${Math.floor(ms / size)}${name}`;
  return next === undefined || rest === 0 ? first : `${first} ${rest}${next[0]}`;
}

/** How long something took: as a span, with a tenth of a second where that matters: `1.5s`. */
export function took(ms: number): string {
  return ms < 1_000 || ms >= 60_000 ? span(ms) : `${(ms / 1_000).toFixed(1)}s`;
}

const dateTimes = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** A time of the browser's zone, in full. */
export function dateTime(ms: number): string {
  return dateTimes.format(ms);
}

/** The name of an enum's value for people: `SOME_VALUE` is `some value`. */
export function enumName(values: Readonly<Record<number, string>>, value: number): string {
  return (values[value] ?? `${value}`).toLowerCase().replaceAll("_", " ");
}
