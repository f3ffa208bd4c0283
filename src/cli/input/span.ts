import { InvalidArgumentError } from "commander";

/** Units with their milliseconds. */
const units: ReadonlyMap<string, number> = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", 86_400_000],
  ["w", 604_800_000],
]);

/** A span of time in milliseconds, as `30s` says it; `undefined` if the text says none. */
export function spanMs(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?)([a-z]*)$/.exec(text) ?? [];
  const unitMs = text === "0" ? 1 : units.get(unit);
  const ms = Math.round(Number(digits) * (unitMs ?? Number.NaN));
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/**
 * Reads a span of time in milliseconds. `0` needs no unit; any other bare number is refused, because half of the world would
 * mean seconds.
 */
export function parseSpan(text: string): number {
  const ms = spanMs(text);
  if (ms === undefined) throw new InvalidArgumentError("It is a number with its unit: 500ms, 30s, 10m, 1h, 7d, 2w.");
  return ms;
}
