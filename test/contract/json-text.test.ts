import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InexactNumberError, jsonText, parseJson } from "../../src/contract/json-text.ts";

/** What is said of a number that would be changed. */
function complaintOf(text: string): { digits: string; place: string } {
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof InexactNumberError) return { digits: error.digits, place: error.place };
    throw error;
  }
  throw new Error("it was read");
}

describe("JSON that is read", () => {
  it.each([
    ["9007199254740993", "9007199254740993", "$"],
    ['{"id": 9007199254740993}', "9007199254740993", "$.id"],
    ['{"a": [1, {"b": -9007199254740993}]}', "-9007199254740993", "$.a[1].b"],
    ["[1.5, 9007199254740993.0]", "9007199254740993.0", "$[1]"],
    ["9007199254740993e0", "9007199254740993e0", "$"],
    ["[0.9007199254740993E16]", "0.9007199254740993E16", "$[0]"],
    ["90071992547409930e-1", "90071992547409930e-1", "$"],
    ["1e999", "1e999", "$"],
    [`[${"9".repeat(400)}]`, "9".repeat(400), "$[0]"],
  ])("is refused where a number would become another one: %s", (text, digits, place) => {
    expect(complaintOf(text)).toEqual({ digits, place });
  });

  it.each([
    "9007199254740992",
    "1639887574359322624",
    "-9007199254740991",
    "0.1",
    "1e23",
    "1.5e300",
    "12.50",
    "-0",
    "9007199254740992e0",
    "1.0e16",
    "9007199254740993e-1",
    "5e-324",
  ])("is taken where a double holds it, or nobody expects that: %s", (text) => {
    expect(parseJson(text)).toBe(JSON.parse(text));
  });

  it("keeps members whose names mean something to JavaScript, and is no other than JSON", () => {
    const text = '{"__proto__":{"x":1},"constructor":2}';
    expect(JSON.stringify(parseJson(text))).toBe(text);
    expect(() => parseJson("{a: 1}")).toThrow(SyntaxError);
  });
});

describe("JSON that is written", () => {
  it("has the digits of whole numbers", () => {
    expect(jsonText({ id: Number("1639887574359322624"), list: [2 ** 53, -(2 ** 63)], big: 1e21, part: 0.1 })).toBe(
      '{"id":1639887574359322624,"list":[9007199254740992,-9223372036854775808],"big":1e+21,"part":0.1}',
    );
    expect(jsonText([2 ** 60], 2)).toBe("[\n  1152921504606846976\n]");
  });

  it("is read again as what it was, by whoever reads whole numbers exactly too", () => {
    const numbers = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.bigInt(-(2n ** 80n), 2n ** 80n).map(Number),
    );
    fc.assert(
      fc.property(fc.jsonValue(), fc.array(numbers), (value, list) => {
        const written = jsonText([value, list]);
        expect(JSON.parse(written)).toEqual(JSON.parse(JSON.stringify([value, list])));
        expect(jsonText(parseJson(written))).toBe(written);
      }),
    );
  });
});
