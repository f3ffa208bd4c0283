import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatDuration, parseDuration, roughDuration } from "../../src/contract/duration.ts";

describe("parseDuration", () => {
  test.each([
    ["0", 0],
    ["0s", 0],
    ["500ms", 500],
    ["30s", 30_000],
    ["0.25s", 250],
    ["1.5h", 5_400_000],
    ["1.1h", 3_960_000],
    ["10m", 600_000],
    ["7d", 604_800_000],
    ["2w", 1_209_600_000],
    ["1h 30m", 5_400_000],
    ["1h30m", 5_400_000],
    ["1m 1.5s", 61_500],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each([
    "",
    " ",
    "5",
    "-5s",
    "5 s",
    "5sec",
    "s",
    "1e3s",
    "5S",
    "1h 30",
    "1h ",
    " 1h",
    "1h  30m",
    "0.5ms",
    "30.0005s",
    "0x0",
    "Infinitys",
    "99999999999999d",
  ])("refuses %j", (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });

  test("reads what formatDuration writes", () => {
    fc.assert(
      fc.property(fc.nat({ max: 100 * 365 * 86_400_000 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});

test.each([
  [0, "0"],
  [0.5, "0.5ms"],
  [250, "250ms"],
  [-250, "-250ms"],
  [1_500, "1.5s"],
  [59_999.7, "1m"],
  [60_000, "1m"],
  [61_500, "1m 1.5s"],
  [5_400_000, "1h 30m"],
  [86_400_000, "1d"],
  [90_061_000, "1d 1h 1m 1s"],
  [604_800_000, "7d"],
])("%d ms in full is %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test.each([
  [-5, "0ms"],
  [12.4, "12ms"],
  [999, "999ms"],
  [59_999, "59s"],
  [60_000, "1m"],
  [3_599_999, "59m"],
  [7_200_000, "2h"],
  [2 * 86_400_000 - 1, "47h"],
  [2 * 86_400_000, "2d"],
  [21 * 86_400_000, "21d"],
])("%d ms roughly is %s", (ms, text) => {
  expect(roughDuration(ms)).toBe(text);
});
