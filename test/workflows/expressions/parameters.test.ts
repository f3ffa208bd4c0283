import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonValue } from "../../../src/contract/json-value.ts";
import { limits } from "../../../src/contract/limits.ts";
import { createExpressions } from "../../../src/workflows/expressions/expressions.ts";
import { ParameterError, templatesIn } from "../../../src/workflows/expressions/parameters.ts";
import { evaluated, fill, json } from "./expression-harness.ts";

const order = {
  id: 7,
  total: 12.5,
  name: "Ada",
  none: null,
  items: [
    { sku: "cup", quantity: 2 },
    { sku: "pot", quantity: 1 },
  ],
};

/** The complaint about a parameter. */
function complaint(work: () => unknown): ParameterError {
  try {
    work();
  } catch (error) {
    if (error instanceof ParameterError) return error;
    throw error;
  }
  throw new Error("nobody complained");
}

describe("a text that is one expression", () => {
  it.each<[string, JsonValue]>([
    ["input.total", 12.5],
    ["input.id", 7],
    ["input.none", null],
    ["input.items", order.items],
    ["input.items[0]", { sku: "cup", quantity: 2 }],
    ["input['name']", "Ada"],
    ["input.total * 2", 25],
    ["2 * input.total + 1", 26],
    ["input.id - 1", 6],
    ["10 - input.id", 3],
    ["input.id / 2", 3.5],
    ["input.id % 2", 1],
    ["input.total % 5.0", 2.5],
    ["-input.id", -7],
    ["size(input.items) * 2", 4],
    ["size(input.items) * input.total", 25],
    ["input.id > 5 && input.total < 20", true],
    ["input.id == 7 ? 'seven' : 'other'", "seven"],
    ["has(input.coupon) ? input.coupon : 'none'", "none"],
    ["has(input.name)", true],
    ["input.items.map(i, i.sku)", ["cup", "pot"]],
    ["input.items.filter(i, i.quantity > 1)", [{ sku: "cup", quantity: 2 }]],
    ["input.items.map(i, i.quantity > 1, i.sku)", ["cup"]],
    ["input.items.exists(i, i.sku == 'pot')", true],
    ["input.items.all(i, i.quantity > 1)", false],
    [
      "input.items.map(i, {'sku': i.sku, 'pairs': i.quantity * 2})",
      [
        { sku: "cup", pairs: 4 },
        { sku: "pot", pairs: 2 },
      ],
    ],
    [
      "input.items.map(i, input.items.map(k, k.quantity * i.quantity))",
      [
        [4, 2],
        [2, 1],
      ],
    ],
    ["'pot' in input.items.map(i, i.sku)", true],
    ["'name' in input", true],
    ["input.name + '!'", "Ada!"],
    ["input.name.upperAscii()", "ADA"],
    ["'order-' + string(input.id)", "order-7"],
    ["input.name.startsWith('A')", true],
    ["input.name.matches('^A.a$')", true],
    ["input.name.replace('a', 'o')", "Ado"],
    ["'a-b-c'.replace('-', '+', 1)", "a+b-c"],
    ["'ab'.replace('', '-')", "-a-b-"],
    ["input.items.map(i, i.sku).join(', ')", "cup, pot"],
    ["'a,b'.split(',')", ["a", "b"]],
    ["int(input.total) + 1", 13],
    ["[1, 2] + [3]", [1, 2, 3]],
    ["{'a': 1, 2: 'b', true: null}", { a: 1, "2": "b", true: null }],
    ["b'abc'", "YWJj"],
    ["3u", 3],
    ["9007199254740993", "9007199254740993"],
    ["timestamp('2026-01-02T03:04:05Z')", "2026-01-02T03:04:05Z"],
    ["duration('90s')", "90s"],
    ["type(input.id) == double", true],
    ["workflow.id", "w1"],
    ["workflow.name + '/' + workflow.correlation_id", "place-order/c1"],
  ])("becomes its value: %s", (expression, value) => {
    expect(evaluated(expression, order)).toEqual(value);
  });

  it("sees the results of steps, whatever they are", () => {
    const results = {
      json: json({ fee: 2 }),
      nothing: null,
      bytes: { kind: "bytes", value: new Uint8Array([1, 2]) },
      message: { kind: "message", typeUrl: "type.googleapis.com/shop.Receipt" },
    } as const;
    const shown = fill(
      ["${results.json.fee}", '${results["json"]}', "${results.nothing}", "${results.bytes}", "${results.message}"],
      { results },
    );
    expect(shown).toEqual([2, { fee: 2 }, null, "AQI=", { "@type": "type.googleapis.com/shop.Receipt" }]);
  });

  it("keeps members whose names mean something to JavaScript", () => {
    const odd: JsonValue = JSON.parse('{"__proto__": {"x": 1}, "constructor": 2, "toString": 3}');
    expect(JSON.stringify(evaluated("input", odd))).toBe(JSON.stringify(odd));
    expect(JSON.stringify(fill(odd))).toBe(JSON.stringify(odd));
  });
});

describe("a text with more than an expression", () => {
  it.each<[string, string]>([
    ["order-${input.id}", "order-7"],
    ["${input.id}", "7"],
    ["${input.name} pays ${ input.total }.", "Ada pays 12.5."],
    ["${input.name}${input.id}", "Ada7"],
    ["none: ${input.none}, all: ${input.items.map(i, i.sku)}", 'none: null, all: ["cup","pot"]'],
    ["${ {'a': '}'}['a'] }", "}"],
    ['${ "\\"}" }', '"}'],
    ["${ r'\\'}-", "\\-"],
    ["${ '''it's }''' }-", "it's }-"],
    ["$${input.id}", "${input.id}"],
    ["$${} and ${input.id}", "${} and 7"],
    ["costs $5, {nothing} more, $", "costs $5, {nothing} more, $"],
    ["100$${input.id}$", "100${input.id}$"],
  ])("becomes text: %s", (text, filled) => {
    const value = fill(text, { input: json(order) });
    expect(typeof value === "string" ? value : JSON.stringify(value)).toBe(filled);
  });

  it("is found wherever it stands, and what holds none stays as it was", () => {
    const parameters = { deep: [{ text: "${input.id}", count: 3 }], flag: true, nothing: null, plain: "x" };
    expect(fill(parameters, { input: json(order) })).toEqual({ ...parameters, deep: [{ text: 7, count: 3 }] });
  });
});

describe("expressions that are wrong", () => {
  it.each<[JsonValue, string, string]>([
    [{ amount: "${input.total * }" }, "json.amount", "at character"],
    [{ items: [{}, { sku: "${input.x" }] }, "json.items[1].sku", "without its }"],
    ["${'a}", "json", "without its }"],
    ["${}", "json", "empty"],
    ["${ amount }", "json", "there is no amount; there are input, results and workflow"],
    ["${input.items.sum()}", "json", "there is no function sum"],
    ["${results}", "json", "results.STEP"],
    ["${results[input.step]}", "json", "results.STEP"],
    ["${size(results)}", "json", "results.STEP"],
    ["${results.map(r, r)}", "json", "results.STEP"],
    ["${google.protobuf.Duration{seconds: 1}}", "json", "cannot be made"],
    [`\${${"a".repeat(limits.expressionLength + 1)}}`, "json", "characters"],
    [`\${${"(".repeat(limits.expressionDepth + 1)}1${")".repeat(limits.expressionDepth + 1)}}`, "json", "levels"],
  ])("are refused when they are read, with their place: %j", (parameters, place, text) => {
    const error = complaint(() => templatesIn(parameters, createExpressions()));
    expect(error.place).toBe(place);
    expect(error.message).toContain(text);
  });

  it.each<[string, string]>([
    ["input.coupon", "coupon"],
    ["input.items[9]", "index"],
    ["input.name + 1", "overload"],
    ["1.0 / 0.0", "JSON does not have"],
    ["1 / 0", "divide by zero"],
    ["type(1)", "cannot write"],
  ])("are refused when they are worked out: %s", (expression, text) => {
    const error = complaint(() => fill({ a: `\${${expression}}` }, { input: json(order) }));
    expect(error.place).toBe("json.a");
    expect(error.message).toContain(text);
  });

  it.each([
    ["rounds of macros", "input.all(a, input.all(b, input.all(c, true)))"],
    ["a list that doubles", `[input]${".map(x, x + x)".repeat(30)}`],
    ["a list of lists that doubles", `[input]${".map(x, [x, x])".repeat(40)}`],
    ["a text that doubles", `['ab']${".map(x, x + x)".repeat(40)}`],
    ["equality of what is large by reference", `[1]${".map(x, [x, x])".repeat(40)}.all(x, x == x)`],
    ["a text that is replaced by a longer one", `['aa']${".map(x, x.replace('a', 'aaaaaaaa'))".repeat(15)}`],
    ["joined texts", `input.map(i, input.map(k, 'x').join('${"long ".repeat(100)}'))`],
    ["a pattern over a long text", `['ab']${".map(x, x + x)".repeat(20)}.all(x, x.matches('(a{100}b?)*'))`],
  ])("are stopped when they cost too much: %s", (_, expression) => {
    const input = Array.from({ length: 1_500 }, (__, index) => index);
    const error = complaint(() => evaluated(expression, input));
    expect(error.message).toMatch(/too costly|levels deep/);
  });

  it("are stopped when what they put together is too large, or too deep", () => {
    const long = { input: json("x".repeat(1_000_000)) };
    expect(
      complaint(() =>
        fill(
          Array.from({ length: 100 }, () => "${input}"),
          long,
        ),
      ).message,
    ).toContain("too costly");
    const nested = (levels: number): JsonValue => (levels === 0 ? 1 : [nested(levels - 1)]);
    const at = (levels: number, value: JsonValue): JsonValue => (levels === 0 ? value : { a: at(levels - 1, value) });
    const deep = { input: json(nested(20)) };
    expect(fill(at(10, "${input}"), deep)).toEqual(at(10, nested(20)));
    expect(complaint(() => fill(at(11, "${input}"), deep)).message).toContain("levels deep");
  });

  it("leave room for what people do: a thousand items of a large input", () => {
    const input = Array.from({ length: 1_000 }, (_, index) => ({
      sku: `sku-${index}`,
      price: index,
      text: "x".repeat(500),
    }));
    expect(evaluated("input.filter(i, i.price >= 10).map(i, i.sku + ':' + i.text)", input)).toHaveLength(990);
  });
});

describe("whatever somebody writes", () => {
  const words = [
    "input",
    "results",
    ".a",
    ".items",
    "[0]",
    "['a']",
    "size(",
    ")",
    "(",
    "[",
    "]",
    "{",
    "}",
    "'x'",
    '"',
    "'",
    "1",
    "2.5",
    " + ",
    " - ",
    " * ",
    " / ",
    " % ",
    " == ",
    " in ",
    " && ",
    " || ",
    "!",
    "-",
    " ? ",
    " : ",
    ",",
    ".map(x, x)",
    ".all(x, ",
    "has(",
    "string(",
    "int(",
    "timestamp(",
    "b'a'",
    "r'\\'",
    "null",
    "true",
    "$${",
    "${",
    "\n",
    "\\",
    "ü",
    "🙂",
    "dyn(",
    "type(",
  ];

  it("is a value, or is refused as an expression", () => {
    const input = json({ a: 1, items: ["b", { a: null }] });
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...words), { maxLength: 12 }), (parts) => {
        const text = `\${${parts.join("")}}`;
        try {
          fill([text, parts.join("")], { input, results: { a: json("x") } });
        } catch (error) {
          expect(error).toBeInstanceOf(ParameterError);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("stands as it is if it has no mark, and with every mark doubled", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        const plain = text.replaceAll("{", "");
        expect(fill(plain)).toBe(plain);
        expect(fill(`$\${${plain}`)).toBe(`\${${plain}`);
      }),
    );
  });
});

describe("the steps that an expression reads", () => {
  it.each<[string, string[]]>([
    ["results.a.b + results.c", ["a", "c"]],
    ['results["a"]["b"]', ["a"]],
    ["has(results.a) ? results.b.x : 1", ["a", "b"]],
    ["has(results.a.x)", ["a"]],
    ["input.items.map(i, results.a + i)", ["a"]],
    ["input.items.map(results, results.sku)", []],
    ["results.a.map(results, results.sku)", ["a"]],
    ["results.a.map(r, r).filter(r, r in results.b)", ["a", "b"]],
    ["{'x': [results.a], results.b: 1}", ["a", "b"]],
    ["strings.quote(results.a)", ["a"]],
    ["input.results.a", []],
    ["'results.a'", []],
  ])("are those that it names: %s", (expression, steps) => {
    const [found] = templatesIn(`\${${expression}}`, createExpressions()).expressions;
    expect([...(found?.reads ?? [])].toSorted()).toEqual(steps);
  });
});
