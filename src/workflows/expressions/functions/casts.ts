import { type CelFunc, CelScalar, celFunc, celUint } from "@bufbuild/cel";
import { numberText } from "../../../contract/json-text.ts";

const { DOUBLE, INT, STRING, UINT } = CelScalar;

/** More digits than any number of 64 bits has, with room for leading zeros. */
const mostDigits = 100;

const leastInt = -(2n ** 63n);
const mostInt = 2n ** 63n - 1n;
const mostUint = 2n ** 64n - 1n;

/** Whether a whole number is one of CEL's `int`. */
export function isInt(value: bigint): boolean {
  return value >= leastInt && value <= mostInt;
}

/** Whether a whole number is one of CEL's `uint`. */
export function isUint(value: bigint): boolean {
  return value >= 0n && value <= mostUint;
}

function whole(text: string, pattern: RegExp, type: string): bigint {
  if (text.length > mostDigits || !pattern.test(text))
    throw new Error(`${type}() of ${quoted(text)}: that is no number`);
  return BigInt(text.replace("+", ""));
}

function inRange(value: bigint, isIn: (value: bigint) => boolean, type: string): bigint {
  if (!isIn(value)) throw new Error(`${type}() of ${value}: that is more than 64 bits hold`);
  return value;
}

/** As Go reads it, which is what CEL is defined by: digits, a fraction, an exponent, NaN, infinity; no blanks, no hexadecimal. */
function double(text: string): number {
  const name = /^([+-]?)(nan|inf|infinity)$/i.exec(text);
  if (name !== null) {
    const isNotANumber = name[2]?.toLowerCase() === "nan";
    return isNotANumber ? Number.NaN : name[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) {
    throw new Error(`double() of ${quoted(text)}: that is no number`);
  }
  return Number(text);
}

function quoted(text: string): string {
  return JSON.stringify(text.length > mostDigits ? `${text.slice(0, mostDigits)}…` : text);
}

/** Numbers out of text. The library's take what JavaScript takes: `''` is 0, `' 7 '` 7, `'0x1F'` 31. */
export const casts: readonly CelFunc[] = [
  celFunc("int", [STRING], INT, (text) => inRange(whole(text, /^[+-]?\d+$/, "int"), isInt, "int")),
  celFunc("uint", [STRING], UINT, (text) => celUint(inRange(whole(text, /^\d+$/, "uint"), isUint, "uint"))),
  celFunc("double", [STRING], DOUBLE, double),
  // With the digits that it has: an id of JSON beyond 2^53 must not become another one.
  celFunc("string", [DOUBLE], STRING, (value) => (Number.isFinite(value) ? numberText(value) : String(value))),
];
