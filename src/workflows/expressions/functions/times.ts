import { type CelFunc, CelScalar, celFunc, celMethod, objectType } from "@bufbuild/cel";
import { create } from "@bufbuild/protobuf";
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from "@bufbuild/protobuf/wkt";
import { parseTimestamp } from "../timestamp-text.ts";

const { INT, STRING } = CelScalar;
const TIMESTAMP = objectType(TimestampSchema);
const DURATION = objectType(DurationSchema);

/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z. */
const leastSeconds = -62_135_596_800n;
const mostSeconds = 253_402_300_799n;

/** How many time zones are kept: each takes long to be made. */
const keptZones = 64;
const zones = new Map<string, Intl.DateTimeFormat>();

/** A date whose UTC parts are those of the moment in the time zone: a name of IANA's, or an offset such as `+02:00`. */
function partsOf({ seconds, nanos }: Timestamp, zone: string | undefined): Date {
  const ms = Number(seconds) * 1_000 + Math.floor(nanos / 1_000_000);
  if (zone === undefined || zone === "UTC") return new Date(ms);
  const offset = /^([+-]?)(\d\d):(\d\d)$/.exec(zone);
  if (offset !== null) {
    const minutes = Number(offset[2]) * 60 + Number(offset[3]);
    return new Date(ms + (offset[1] === "-" ? -minutes : minutes) * 60_000);
  }
  const parts = new Map(
    zoneFormat(zone)
      .formatToParts(ms)
      .map(({ type, value }) => [type, value]),
  );
  const number = (name: Intl.DateTimeFormatPartTypes) => Number(parts.get(name));
  const date = new Date(0);
  date.setUTCFullYear(number("year"), number("month") - 1, number("day"));
  date.setUTCHours(number("hour"), number("minute"), number("second"), new Date(ms).getUTCMilliseconds());
  return date;
}

function zoneFormat(zone: string): Intl.DateTimeFormat {
  const known = zones.get(zone);
  if (known !== undefined) return known;
  const digits = "2-digit";
  const format = new Intl.DateTimeFormat("en-US", {
    hourCycle: "h23",
    timeZone: zone,
    year: "numeric",
    month: "numeric",
    day: digits,
    hour: digits,
    minute: digits,
    second: digits,
  });
  if (zones.size >= keptZones) zones.clear();
  zones.set(zone, format);
  return format;
}

function dayOfYear(date: Date): number {
  const first = new Date(date);
  first.setUTCMonth(0, 1);
  return Math.round((date.getTime() - first.getTime()) / 86_400_000);
}

const parts: Readonly<Record<string, (date: Date) => number>> = {
  getFullYear: (date) => date.getUTCFullYear(),
  getMonth: (date) => date.getUTCMonth(),
  getDate: (date) => date.getUTCDate(),
  getDayOfMonth: (date) => date.getUTCDate() - 1,
  getDayOfWeek: (date) => date.getUTCDay(),
  getDayOfYear: dayOfYear,
  getHours: (date) => date.getUTCHours(),
  getMinutes: (date) => date.getUTCMinutes(),
  getSeconds: (date) => date.getUTCSeconds(),
  getMilliseconds: (date) => date.getUTCMilliseconds(),
};

const second = 1_000_000_000n;
const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: second,
  m: 60n * second,
  h: 3_600n * second,
};
const longestDuration = 128;

/** As Go reads it: `-1.5h`, `2h45m`, and 0 without a unit. The library's takes the empty text too. */
function durationOf(text: string): Duration {
  const isDuration = /^[+-]?(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(text);
  if (text.length > longestDuration || !isDuration) {
    throw new Error(`duration() of ${JSON.stringify(text.slice(0, 100))}: that is no duration`);
  }
  let nanos = 0n;
  for (const [, whole, fraction = "", unit = ""] of text.matchAll(/(\d*)\.?(\d*)(ns|us|µs|μs|ms|s|m|h)/g)) {
    const factor = units[unit] ?? 0n;
    nanos += BigInt(whole || 0) * factor + (BigInt(fraction || 0) * factor) / 10n ** BigInt(fraction.length);
  }
  if (text.startsWith("-")) nanos = -nanos;
  if (nanos < -(2n ** 63n) || nanos >= 2n ** 63n) throw new Error("duration out of range");
  return create(DurationSchema, { seconds: nanos / second, nanos: Number(nanos % second) });
}

function ofSeconds(seconds: bigint): Timestamp {
  if (seconds < leastSeconds || seconds > mostSeconds) throw new Error("timestamp out of range");
  return create(TimestampSchema, { seconds, nanos: 0 });
}

/** Times as CEL has them. The library's depend on the time zone of the machine, count in milliseconds, and move dates that there are not. */
export const times: readonly CelFunc[] = [
  celFunc("timestamp", [INT], TIMESTAMP, ofSeconds),
  celFunc("timestamp", [STRING], TIMESTAMP, (text) => {
    const found = parseTimestamp(text);
    if (found === null)
      throw new Error(`timestamp() of ${JSON.stringify(text.slice(0, 100))}: that is no moment of RFC 3339`);
    return create(TimestampSchema, found);
  }),
  celFunc("duration", [STRING], DURATION, durationOf),
  ...Object.entries(parts).flatMap(([name, part]) => [
    celMethod(name, TIMESTAMP, [], INT, function () {
      return BigInt(part(partsOf(this.message, undefined)));
    }),
    celMethod(name, TIMESTAMP, [STRING], INT, function (zone) {
      return BigInt(part(partsOf(this.message, zone)));
    }),
  ]),
];
