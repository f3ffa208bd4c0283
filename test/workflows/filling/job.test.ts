import { describe, expect, it } from "vitest";
import type { JsonValue } from "../../../src/contract/json-value.ts";
import { payloadCodec } from "../../../src/rpc/convert/json-payload.ts";
import { createJobRunner, type Job } from "../../../src/workflows/filling/job.ts";
import { lightUnits } from "../../../src/workflows/filling/lanes.ts";

const encode = (value: JsonValue) => payloadCodec.encodeJson(value);

function jobOf(parameters: JsonValue, input: JsonValue, results: Readonly<Record<string, Uint8Array>> = {}): Job {
  const workflow = { id: "w", name: "n", correlation_id: "c" };
  return { kind: "fill", parameters: encode(parameters), input: encode(input), results, workflow };
}

const run = createJobRunner(payloadCodec);
const light = { allowance: lightUnits, isLight: true };
const heavy = { allowance: 1_000_000, isLight: false };
const numbers = Array.from({ length: 20_000 }, (_, index) => index);
const odd = `${"a".repeat(2_000)}b${"a".repeat(2_000)}`;

describe("a job", () => {
  it.each<[string, string, JsonValue]>([
    ["equality of lists", "input.l.all(x, input.l == input.l)", { l: numbers }],
    ["in", "input.l.all(x, 20001.5 in input.l || x >= 0.0)", { l: numbers }],
    [
      "errors that exists passes over",
      "input.l.exists(x, x.y.z == 1)",
      { l: numbers.concat(numbers, numbers, numbers) },
    ],
    [
      "a search with much to compare",
      "input.l.map(x, input.s.indexOf(input.p))",
      { l: numbers, s: "a".repeat(90_000), p: odd },
    ],
    ["lists that are put together", "input.l.map(x, input.l + input.l).size()", { l: numbers }],
    ["characters that are counted", "input.l.map(x, size(input.s)).size()", { l: numbers, s: "🙂".repeat(9_000) }],
    ["long digits", "input.l.map(x, '%.100f'.format([1e308])).size()", { l: numbers.concat(numbers, numbers) }],
    ["a pattern", "input.l.map(x, input.s.matches('(a|b|ab)*c')).size()", { l: numbers, s: "ab".repeat(900) }],
  ])("is given up when it has cost what it may: %s", (_, expression, input) => {
    const answer = run(jobOf(`\${${expression}}`, input), heavy);
    expect(answer).toMatchObject({ kind: "too_costly", place: "json", cost: 1_000_000 });
  });

  it("looks for a number among the keys of a map for what that costs", () => {
    const map = Object.fromEntries(numbers.map((number) => [`k${number}`, 1]));
    const answer = run(jobOf("${input.l.exists(x, x in input.m)}", { l: numbers, m: map }), heavy);
    expect(answer.kind).toBe("too_costly");
  });

  it("of any size is not begun where turns are short", () => {
    const large = jobOf("${input}", "x".repeat(1_000_000));
    expect(run(large, light)).toMatchObject({ kind: "too_costly", cost: lightUnits });
    expect(run(large, heavy)).toMatchObject({ kind: "filled" });
  });

  it("does not decode what is not read", () => {
    const result = encode("x".repeat(1_000_000));
    const answer = run(jobOf("${results.a}", "x".repeat(1_000_000), { a: encode(1), b: result }), light);
    expect(answer.kind === "filled" && payloadCodec.decode(answer.payload)).toEqual({ kind: "json", value: 1 });
  });

  it("does not pay for what it reads little of, and says what decoding that costs", () => {
    const runner = createJobRunner(payloadCodec);
    const input = { l: numbers, s: "x".repeat(200_000) };
    const job = jobOf(["${input.l[7]}", "${results.a.l[8]}"], input, { a: encode(input) });
    const units = encode(input).length / 4;
    for (let attempt = 0; attempt < 2; attempt++) {
      const answer = runner(job, { allowance: lightUnits, isLight: false });
      expect(answer).toMatchObject({ kind: "filled", decoding: { input: units, "results.a": units } });
      expect(answer.cost).toBeLessThan(100);
    }
    // Decoded by then.
    expect(runner(job, light)).toMatchObject({ kind: "filled" });
  });

  it("tells payloads apart by what is in them", () => {
    const values = [1, 2, 1].map((input) => {
      const answer = run(jobOf("${input}", input), light);
      return answer.kind === "filled" && payloadCodec.decode(answer.payload);
    });
    expect(values).toEqual([1, 2, 1].map((value) => ({ kind: "json", value })));
  });

  it("pays itself for what is too large to be kept", () => {
    const job = jobOf(
      "${input.size()}",
      Array.from({ length: 300_000 }, () => ({})),
    );
    const answer = run(job, heavy);
    expect(answer).toMatchObject({ kind: "filled", decoding: {} });
    expect(answer.cost).toBeGreaterThan(200_000);
    expect(run(job, { ...heavy, allowance: 100_000 })).toMatchObject({ kind: "too_costly" });
  });

  it("parses no more in a short turn than that may cost, and goes on from there in the next", () => {
    const runner = createJobRunner(payloadCodec);
    const parameters = Array.from({ length: 40 }, (_, index) => `\${"${"long ".repeat(40)}${index}"}`);
    const kinds: string[] = [];
    while (kinds.at(-1) !== "filled" && kinds.length < 40) kinds.push(runner(jobOf(parameters, null), light).kind);
    expect(kinds.length).toBeGreaterThan(2);
    expect(kinds.at(-1)).toBe("filled");
  });

  it("ends when its time is up, though exists passes over errors, and says that it is no matter of its cost", () => {
    let looks = 0;
    const isTimeUp = () => ++looks > 3;
    const answer = run(jobOf("${input.exists(x, x.y.z == 1)}", numbers.slice(0, 1_000)), { ...light, isTimeUp });
    expect(answer.kind).toBe("out_of_time");
    expect(looks).toBe(4);
  });

  it("leaves what takes long at its first use to the thread for costly ones", () => {
    for (const pattern of ["\\\\p{L}+", "(?i)ä"]) {
      const job = jobOf(`\${'Ä'.matches('${pattern}')}`, null);
      expect(run(job, light).kind).toBe("too_costly");
      expect(run(job, heavy).kind).toBe("filled");
    }
  });

  it("whose result fits into no message says so", () => {
    const answer = run(jobOf(["${input}", "${input}", "${input}", "${input}"], "x".repeat(1_000_000)), heavy);
    expect(answer.kind).toBe("too_large");
  });
});
