/** The units of a duration with their milliseconds, from the largest down. */
const units = [
  ["w", 604_800_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
] as const;

const [, dayMs] = units[1];
const secondMs = 1_000;

/** How a duration is written, for a refusal: `It is …`, `(…)`. */
export const durationForm = "a number with its unit: 500ms, 30s, 10m, 1h, 7d, 2w";

const part = /(\d{1,15}(?:\.\d{1,6})?)(ms|[wdhms])/g;
const parts = /^(?:\d{1,15}(?:\.\d{1,6})?(?:ms|[wdhms])(?: (?=\d))?)+$/;

/** The most by which a duration may miss a whole millisecond: what arithmetic loses, as in 1.1h. */
const toleratedMs = 1e-5;

/**
 * Reads a duration, in milliseconds: `500ms`, `1.5h`, `1h 30m`; `undefined` if the text is none, or not whole in milliseconds. `0`
 * needs no unit; any other bare number is refused, because half of the world would mean seconds.
 */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  if (!parts.test(text)) return undefined;
  let sum = 0;
  for (const [, digits, name] of text.matchAll(part)) {
    const [, unitMs] = units.find(([unit]) => unit === name) ?? ["", Number.NaN];
    sum += Number(digits) * unitMs;
  }
  const ms = Math.round(sum);
  return Number.isSafeInteger(ms) && Math.abs(sum - ms) <= toleratedMs ? ms : undefined;
}

/** Writes a duration in full, as `parseDuration` reads it: `250ms`, `1.5s`, `1h 30m`, `30d`. @param ms rounded from a second on */
export function formatDuration(ms: number): string {
  if (ms < 0) return `-${formatDuration(-ms)}`;
  if (ms < secondMs) return ms === 0 ? "0" : `${ms}ms`;
  const found: string[] = [];
  let rest = Math.round(ms);
  for (const [name, unitMs] of units.slice(1, -2)) {
    if (rest >= unitMs) found.push(`${Math.floor(rest / unitMs)}${name}`);
    rest %= unitMs;
  }
  if (rest > 0) found.push(`${rest / secondMs}s`);
  return found.join(" ");
}

/**
 * Writes a duration as people say it, in its largest whole unit: `12ms`, `40s`, `36h`, `9d`. Hours go up to two days, days have no
 * end. Never less than nothing: clocks are set.
 */
export function roughDuration(ms: number): string {
  const largest = ms < 2 * dayMs ? 2 : 1;
  const [name, unitMs] = units.slice(largest).find(([, size]) => ms >= size) ?? ["ms", 1];
  return ms < secondMs ? `${Math.max(Math.round(ms), 0)}ms` : `${Math.floor(ms / unitMs)}${name}`;
}
