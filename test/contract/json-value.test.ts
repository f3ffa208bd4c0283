import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fromScalar, fromValue, isInt32, toScalar, toValue } from "../../src/contract/json-value.ts";

describe("toValue", () => {
  test("writes what fromValue reads, whatever its members are named", () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: "medium", noUnicodeString: false }), (value) => {
        // JSON has no -0.
        const written: unknown = JSON.parse(JSON.stringify(value));
        expect(fromValue(toValue(written))).toEqual(written);
      }),
    );
    const odd: unknown = JSON.parse('{"__proto__":{"a":1},"constructor":null}');
    expect(JSON.stringify(fromValue(toValue(odd)))).toBe('{"__proto__":{"a":1},"constructor":null}');
  });

  test.each([
    ["a number that JSON has not", { a: [Number.NaN] }, "$.a[0]: NaN"],
    ["a bigint", { n: 1n }, "$.n: the bigint 1"],
    ["a Map", { m: new Map() }, "$.m: a Map"],
    ["a function", [() => 1], "$[0]: a function"],
  ])("refuses %s by its place", (_, value, text) => {
    expect(() => toValue(value)).toThrow(text);
  });

  test("refuses what refers to itself", () => {
    const ring: unknown[] = [];
    ring.push(ring);
    expect(() => toValue(ring)).toThrow("more than 30 levels deep");
  });
});

test("texts, numbers and booleans come back, and nothing else is an attribute", () => {
  for (const value of ["", "a", 0, -7, true, false]) expect(fromScalar(toScalar(value))).toBe(value);
  for (const value of [null, [1], { a: 1 }]) expect(fromScalar(toValue(value))).toBeUndefined();
});

test.each([
  [0, true],
  [2_147_483_647, true],
  [-2_147_483_648, true],
  [2_147_483_648, false],
  [0.5, false],
  [Number.NaN, false],
])("%d is a number of 32 bits: %s", (value, expected) => {
  expect(isInt32(value)).toBe(expected);
});
