import { fromJson } from "@bufbuild/protobuf";
import { ValueSchema } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import {
  exactNumber,
  isBeyondDoubles,
  isRoundedWhenStored,
  jsonText,
  nodeOfText,
  nodeOfValue,
  numbersIn,
} from "../../console/src/ui/json-node.ts";

test("numbers of a JSON text stay as they stand there", () => {
  const text = '{"id":9007199254740993,"price":1.10,"tiny":1e-400,"list":[-0,12345678901234567890123]}';
  const node = nodeOfText(text);
  expect(numbersIn(node)).toEqual(["9007199254740993", "1.10", "1e-400", "-0", "12345678901234567890123"]);
  expect(jsonText(node).replaceAll(/\s/g, "")).toBe(text);
});

test("JSON is written as JSON.stringify writes it", () => {
  const value = { a: [1, [], {}, { b: null }], "ключ \n": 'quo"te', yes: true, no: false };
  expect(jsonText(nodeOfText(JSON.stringify(value)))).toBe(JSON.stringify(value, null, 2));
  expect(jsonText(nodeOfValue(fromJson(ValueSchema, value)))).toBe(JSON.stringify(value, null, 2));
});

test("a value without a kind is null", () => {
  expect(nodeOfValue({ $typeName: "google.protobuf.Value", kind: { case: undefined } })).toEqual({
    kind: "literal",
    text: "null",
  });
});

test.each([
  [2 ** 53 + 2, "9007199254740994"],
  [Number("12345678901234567890"), "12345678901234567168"],
  [-(2 ** 63), "-9223372036854775808"],
  [1e300, "1e+300"],
  [-0, "-0"],
  [0.1, "0.1"],
  [Number.NaN, "NaN"],
])("the double %d has all its digits", (n, text) => {
  expect(exactNumber(n)).toBe(text);
});

test.each([
  ["9007199254740991", false, false],
  ["9007199254740992", true, false],
  ["9007199254740993", true, true],
  ["-9223372036854775807", true, true],
  ["1.10", false, false],
  ["1e30", false, false],
  ["1e400", false, true],
  ["42", false, false],
])("the number %s: beyond doubles %s, another one once stored %s", (text, isBeyond, isRounded) => {
  expect([isBeyondDoubles(text), isRoundedWhenStored(text)]).toEqual([isBeyond, isRounded]);
});

test.each(["", "{", "[1,]", "{'a':1}", "NaN"])("%j is no JSON", (text) => {
  expect(() => nodeOfText(text)).toThrow(SyntaxError);
});
