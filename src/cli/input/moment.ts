import { InvalidArgumentError } from "commander";
import { parseDuration } from "../../contract/duration.ts";

const pattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?))?$/;

/** A point in time, local unless the text names its zone; `undefined` if the text says none. */
function momentOf(text: string): Date | undefined {
  const [, day, time = "00:00"] = pattern.exec(text) ?? [];
  // A date alone would be read as UTC.
  const date = new Date(`${day}T${time}`);
  if (Number.isNaN(date.getTime()) || time.startsWith("24")) return undefined;
  // JavaScript makes 2 March of 30 February.
  return new Date(`${day}T00:00Z`).toISOString().startsWith(`${day}T`) ? date : undefined;
}

/** Reads a point in time. */
export function parseMoment(text: string): Date {
  const date = momentOf(text);
  if (date !== undefined) return date;
  throw new InvalidArgumentError(
    "Expected a local time, or one with its zone: 2026-07-01T12:30, 2026-07-01T10:30:00Z.",
  );
}

/** A point in time, or how long ago it was: `90m`; `undefined` if the text says none. */
export function pastOf(text: string): Date | undefined {
  const ms = parseDuration(text);
  return ms === undefined ? momentOf(text) : new Date(Date.now() - ms);
}

/** Reads a point in time, or how long ago it was: `90m`. */
export function parsePast(text: string): Date {
  const date = pastOf(text);
  if (date !== undefined) return date;
  throw new InvalidArgumentError("Expected a duration ago, or a time: 30s, 10m, 7d, 2026-07-01, 2026-07-01T10:30:00Z.");
}
