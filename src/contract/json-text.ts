/**
 * JSON text without loss. A JSON number is a double here and to most of its readers: a whole number that a double does not hold is
 * not read as its neighbour, and what is written has the digits that the double has.
 */

/** A number in JSON text that a double does not hold. */
export class InexactNumberError extends Error {
  override readonly name = "InexactNumberError";
  /** Its digits, as they are written. */
  readonly digits: string;
  /** Where it stands: `$.items[0].id`; `$` is the whole. */
  readonly place: string;

  constructor(digits: string, place: string) {
    super(`${digits} at ${place} is more than a JSON number holds exactly`);
    this.digits = digits;
    this.place = place;
  }
}

/** Stands for a number that cannot be read until its place is known. */
class Inexact {
  readonly digits: string;

  constructor(digits: string) {
    this.digits = digits;
  }
}

/** What a reviver gets beside the value: https://github.com/tc39/proposal-json-parse-with-source. */
type Reviver = (key: string, value: unknown, context?: { readonly source?: string }) => unknown;

const numberPattern = /^(-?\d+)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;
/** More than a double has before it is infinite. */
const mostDigits = 400;

/** The whole number that JSON's `source` is, however it is written: `70.0`, `7e1`; `null`: it is none, or a very long one. */
function wholeOf(source: string): bigint | null {
  if (source.length > mostDigits) return null;
  const [, whole = "", fraction = "", exponent = "0"] = numberPattern.exec(source) ?? [];
  const places = Number(exponent);
  const digits = whole + fraction.slice(0, Math.max(places, 0)).padEnd(Math.max(places, 0), "0");
  const rest = places < 0 ? digits.slice(places) + fraction : fraction.slice(places);
  if (whole === "" || places > mostDigits || /[^0]/.test(rest)) return null;
  return BigInt(places < 0 ? digits.slice(0, places) || "0" : digits);
}

/** The number that stands at `source`, or what marks it as one that was changed by reading it. */
function exactNumber(value: number, source: string | undefined): number | Inexact {
  if (Number.isSafeInteger(value) || source === undefined) return value;
  if (!Number.isFinite(value)) return new Inexact(source);
  const whole = wholeOf(source);
  if (whole === null || whole === BigInt(value)) return value;
  // As JSON.stringify writes it: 1e23, which no double is.
  return /e/i.test(source) && whole === wholeOf(String(value)) ? value : new Inexact(source);
}

/**
 * Reads JSON.
 *
 * @throws SyntaxError if it is none, InexactNumberError if a whole number, or a size, would be changed by reading it
 */
export function parseJson(text: string): unknown {
  let marked = false;
  const mark: Reviver = (_, value, context) => {
    if (typeof value !== "number") return value;
    const number = exactNumber(value, context?.source);
    marked ||= number instanceof Inexact;
    return number;
  };
  const value: unknown = JSON.parse(text, mark);
  if (marked) throw firstInexact(value, "$") ?? new Error("a number that was found is there no more");
  return value;
}

function firstInexact(value: unknown, place: string): InexactNumberError | null {
  if (value instanceof Inexact) return new InexactNumberError(value.digits, place);
  if (typeof value !== "object" || value === null) return null;
  for (const [member, each] of Object.entries(value)) {
    const inside = Array.isArray(value) ? `${place}[${member}]` : `${place}.${member}`;
    const found = firstInexact(each, inside);
    if (found !== null) return found;
  }
  return null;
}

/** Whole doubles from here on are written with an exponent, from which they are read again exactly. */
const exponentFrom = 1e21;

/** A number as JSON text with the digits that it has: 1639887574359322624, of which JSON.stringify makes …600. */
export function numberText(value: number): string {
  const isRounded = Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < exponentFrom;
  return isRounded ? BigInt(value).toString() : JSON.stringify(value);
}

declare global {
  interface JSON {
    /** Stands for a JSON text that JSON.stringify writes as it is: https://github.com/tc39/proposal-json-parse-with-source. */
    rawJSON(text: string): unknown;
  }
}

/** A value as JSON text, as JSON.stringify writes it, but with every whole number exact. @param indent blanks a level; 0: one line */
export function jsonText(value: unknown, indent = 0): string {
  const exact = (_: string, each: unknown) =>
    typeof each === "number" && Number.isInteger(each) && !Number.isSafeInteger(each)
      ? JSON.rawJSON(numberText(each))
      : each;
  return JSON.stringify(value, exact, indent);
}
