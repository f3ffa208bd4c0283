/** Timestamp and Duration of the wire to milliseconds, and back. */

import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import { formatDuration } from "../../contract/duration.ts";
import { refuseField } from "./violations.ts";

const nanosPerMs = 1_000_000;
/** The years 1 to 9999, as google.protobuf.Timestamp has them. */
const earliestSeconds = -62_135_596_800n;
const latestSeconds = 253_402_300_799n;
const earliestMs = Number(earliestSeconds) * 1_000;
const latestMs = Number(latestSeconds) * 1_000;

// Rounded down, as Timestamp and Duration want it below zero too.
const secondsOf = (ms: number) => BigInt(Math.floor(ms / 1_000));
const nanosOf = (ms: number) => Math.round((ms - Math.floor(ms / 1_000) * 1_000) * nanosPerMs);

/** A time as a Timestamp. One that is damaged on the disk, beyond these years, is at their end: many clients could not read it. */
export function toTimestamp(storedMs: number): Timestamp {
  const ms = Math.max(earliestMs, Math.min(latestMs, storedMs));
  return { $typeName: "google.protobuf.Timestamp", seconds: secondsOf(ms), nanos: nanosOf(ms) };
}

/** Those times that are not `null`, as Timestamps under the same names: an initializer takes no `undefined`. */
export function toTimestamps<Name extends string>(
  times: Readonly<Record<Name, number | null>>,
): Partial<Record<Name, Timestamp>> {
  const timestamps: Partial<Record<Name, Timestamp>> = {};
  for (const name in times) {
    const ms = times[name];
    if (ms !== null) timestamps[name] = toTimestamp(ms);
  }
  return timestamps;
}

/** A span as a Duration. */
export function toDuration(ms: number): Duration {
  return { $typeName: "google.protobuf.Duration", seconds: secondsOf(ms), nanos: nanosOf(ms) };
}

/** A time in milliseconds, rounded down; `null` if it is not set. */
export function fromTimestamp(field: string, value: Timestamp | undefined): number | null {
  if (value === undefined) return null;
  const { seconds, nanos } = value;
  if (seconds < earliestSeconds || seconds > latestSeconds || nanos < 0 || nanos >= 1e9) {
    refuseField(field, "is not a time between the years 1 and 9999");
  }
  return Number(seconds) * 1_000 + Math.floor(nanos / nanosPerMs);
}

/** A span in milliseconds, rounded up so that a bit of time stays one; `null` if it is not set. */
export function fromDuration(
  field: string,
  value: Duration | undefined,
  leastMs: number,
  mostMs: number,
): number | null {
  if (value === undefined) return null;
  const { seconds, nanos } = value;
  if (Math.abs(nanos) >= 1e9 || (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0)) {
    refuseField(field, "is not a duration: seconds and nanos must be of one sign, nanos below a second");
  }
  const ms = Number(seconds) * 1_000 + Math.ceil(nanos / nanosPerMs);
  if (ms < leastMs || ms > mostMs) {
    refuseField(
      field,
      `is ${formatDuration(ms)}; it must be from ${formatDuration(leastMs)} to ${formatDuration(mostMs)}`,
    );
  }
  return ms;
}
