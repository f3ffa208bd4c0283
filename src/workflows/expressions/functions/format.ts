import { type CelList, type CelValue, isCelList, isCelMap, isCelType, isCelUint } from "@bufbuild/cel";
import { numberText } from "../../../contract/json-text.ts";
import { libraryCall } from "./library.ts";
import { roundDecimal } from "./round-decimal.ts";

/** Digits behind the point, where it says nothing, and at most. */
const defaultPrecision = 6;
const mostPrecision = 100;

/** The text of `%s`, and of the other clauses by their letter. */
const clauses: Readonly<Record<string, (value: CelValue, precision: number) => string>> = {
  s: texted,
  d: (value) => notFinite(value) ?? whole(value, "d").toString(),
  f: (value, precision) => notFinite(value) ?? fixed(double(value, "f"), precision),
  e: (value, precision) => notFinite(value) ?? scientific(double(value, "e"), precision),
  b: (value) => (typeof value === "boolean" ? (value ? "1" : "0") : whole(value, "b").toString(2)),
  o: (value) => whole(value, "o").toString(8),
  x: hexadecimal,
  X: (value) => hexadecimal(value).toUpperCase(),
};

/**
 * A text with its clauses replaced by the values, as cel-go does it. Numbers of JSON, which are doubles, can stand wherever a whole
 * number can if they are whole, and whole numbers wherever a double can.
 */
export function formatted(text: string, values: CelList): string {
  let next = 0;
  const filled = text.replace(/%(%|(?:\.(\d*))?([\s\S]?))/g, (_, all: string, digits?: string, letter?: string) => {
    if (all === "%") return "%";
    const clause = letter !== undefined && Object.hasOwn(clauses, letter) ? clauses[letter] : undefined;
    if (clause === undefined) throw new Error(`format() has no clause %${all.slice(0, 20)}`);
    const precision = digits === undefined ? defaultPrecision : Number(digits);
    if (precision > mostPrecision) throw new Error(`format() writes at most ${mostPrecision} digits behind the point`);
    const value = values.get(next++);
    if (value === undefined) throw new Error("format() has more clauses than values");
    return clause(value, precision);
  });
  if (next < values.size) throw new Error("format() has more values than clauses");
  return filled;
}

function notFinite(value: CelValue): string | null {
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value === "NaN" || value === "Infinity" || value === "-Infinity" ? value : null;
}

function whole(value: CelValue, letter: string): bigint {
  if (typeof value === "bigint") return value;
  if (isCelUint(value)) return value.value;
  if (typeof value === "number" && Number.isInteger(value)) return BigInt(value);
  throw new Error(`%${letter} takes a whole number`);
}

function double(value: CelValue, letter: string): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (isCelUint(value)) return Number(value.value);
  throw new Error(`%${letter} takes a number`);
}

function sign(value: number): string {
  return value < 0 || Object.is(value, -0) ? "-" : "";
}

function fixed(value: number, precision: number): string {
  const digits = roundDecimal(value, precision)
    .toString()
    .padStart(precision + 1, "0");
  const at = digits.length - precision;
  return `${sign(value)}${digits.slice(0, at)}${precision === 0 ? "" : `.${digits.slice(at)}`}`;
}

function scientific(value: number, precision: number): string {
  let exponent = value === 0 ? 0 : Number(value.toExponential().split("e")[1]);
  let digits = roundDecimal(value, precision - exponent).toString();
  // Rounded up to the next power of ten; or down, since the shortest text of a double is above it at times.
  if (digits.length > precision + 1) digits = roundDecimal(value, precision - ++exponent).toString();
  if (digits.length < precision + 1 && value !== 0) digits = roundDecimal(value, precision - --exponent).toString();
  digits = digits.padStart(precision + 1, "0");
  const tail = precision === 0 ? "" : `.${digits.slice(1)}`;
  const power = Math.abs(exponent).toString().padStart(2, "0");
  return `${sign(value)}${digits.slice(0, 1)}${tail}e${exponent < 0 ? "-" : "+"}${power}`;
}

function hexadecimal(value: CelValue): string {
  if (typeof value === "string") return Buffer.from(value).toString("hex");
  return value instanceof Uint8Array ? Buffer.from(value).toString("hex") : whole(value, "x").toString(16);
}

function texted(value: CelValue): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" && Number.isFinite(value)) return numberText(value);
  if (typeof value !== "object" || value === null) return String(value);
  if (isCelUint(value)) return value.value.toString();
  if (isCelType(value)) return value.name;
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  if (isCelList(value)) return `[${Array.from(value, texted).join(", ")}]`;
  if (isCelMap(value)) {
    const entries = Array.from(value, ([key, each]): [string, string] => [texted(key), texted(each)]);
    return `{${entries
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, each]) => `${key}: ${each}`)
      .join(", ")}}`;
  }
  return String(libraryCall("string", undefined, [value]));
}
