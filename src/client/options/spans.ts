import { type Duration, durationFromMs, type Timestamp, timestampFromDate } from "@bufbuild/protobuf/wkt";
import { checked, invalid } from "../../grpc/client/invalid.ts";

/** A span as the contract has it. @throws CallError INVALID_ARGUMENT of `field` */
export function spanOf(field: string, ms: number): Duration {
  if (!Number.isFinite(ms)) throw invalid(field, `${shown(ms)} is not a number of milliseconds`);
  return checked(field, () => durationFromMs(Math.round(ms)));
}

/** A time as the contract has it. @throws CallError INVALID_ARGUMENT of `field` */
export function timeOf(field: string, date: Date): Timestamp {
  if (!(date instanceof Date) || Number.isNaN(date.getTime()))
    throw invalid(field, `${shown(date)} is not a valid Date`);
  return checked(field, () => timestampFromDate(date));
}

function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
