import { InvalidArgumentError } from "commander";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parseDurationOption } from "../../src/cli/input/duration.ts";
import { parseMoment, parsePast } from "../../src/cli/input/moment.ts";
import { wholeNumber } from "../../src/cli/input/numbers.ts";
import { parseRange, rangeInWords } from "../../src/cli/input/range.ts";
import { collectStates } from "../../src/cli/input/states.ts";
import { TaskState } from "../../src/client/index.ts";

it("a duration without a unit is refused with how one is written", () => {
  expect(parseDurationOption("1h 30m")).toBe(5_400_000);
  expect(() => parseDurationOption("5")).toThrow(
    new InvalidArgumentError("Expected a number with its unit: 500ms, 30s, 10m, 1h, 7d, 2w."),
  );
});

describe("parseMoment", () => {
  it.each([
    ["2026-07-01T10:30:00Z", Date.UTC(2026, 6, 1, 10, 30)],
    ["2026-07-01 12:30:05+02:00", Date.UTC(2026, 6, 1, 10, 30, 5)],
    ["2026-07-01T10:30:00.250Z", Date.UTC(2026, 6, 1, 10, 30, 0, 250)],
    ["2026-07-01", new Date(2026, 6, 1).getTime()],
    ["2026-07-01T12:30", new Date(2026, 6, 1, 12, 30).getTime()],
  ])("reads %s", (text, ms) => {
    expect(parseMoment(text).getTime()).toBe(ms);
  });

  it.each([
    "",
    "tomorrow",
    "10m",
    "2026-13-01",
    "2026-02-30",
    "2026-02-30T00:00:00Z",
    "2026-07-01T24:00",
    "2026-07-01T25:00",
    "01.07.2026",
    "1751371200",
  ])("refuses %j", (text) => {
    expect(() => parseMoment(text)).toThrow(InvalidArgumentError);
  });
});

describe("parsePast", () => {
  beforeEach(() => vi.useFakeTimers({ now: Date.UTC(2026, 6, 1, 12) }));
  afterEach(() => void vi.useRealTimers());

  it.each([
    ["90m", Date.UTC(2026, 6, 1, 10, 30)],
    ["2d", Date.UTC(2026, 5, 29, 12)],
    ["0", Date.UTC(2026, 6, 1, 12)],
    ["2026-06-30T00:00:00Z", Date.UTC(2026, 5, 30)],
  ])("reads %s", (text, ms) => {
    expect(parsePast(text).getTime()).toBe(ms);
  });

  it("refuses what is neither", () => {
    expect(() => parsePast("soon")).toThrow(InvalidArgumentError);
  });
});

describe("wholeNumber", () => {
  it("reads what is within its bounds", () => {
    expect(["-10", "0", "10"].map(wholeNumber(-10, 10))).toEqual([-10, 0, 10]);
  });

  it.each(["", "11", "-11", "1.5", "0x5", " 5", "1e1", "five"])("refuses %j", (text) => {
    expect(() => wholeNumber(-10, 10)(text)).toThrow("from -10 to 10");
  });
});

describe("parseRange", () => {
  it.each([
    ["3", { least: 3, most: 3 }, "3"],
    ["3..", { least: 3 }, "3 or more"],
    ["..5", { most: 5 }, "5 or less"],
    ["-2..2", { least: -2, most: 2 }, "-2 to 2"],
    ["-7", { least: -7, most: -7 }, "-7"],
    ["0", { least: 0, most: 0 }, "0"],
  ])("reads %s", (text, range, words) => {
    expect(parseRange(text)).toEqual(range);
    expect(rangeInWords(range)).toBe(words);
  });

  it.each(["", "..", "a", "1.5", "3...5", "3-5", "1..2..3", "5..3", "99999999999"])("refuses %j", (text) => {
    expect(() => parseRange(text)).toThrow(InvalidArgumentError);
  });
});

describe("collectStates", () => {
  it("reads several, in any case, one after the other or with commas", () => {
    const first = collectStates("failed");
    expect(collectStates("Running, CANCELLED", first)).toEqual([
      TaskState.FAILED,
      TaskState.RUNNING,
      TaskState.CANCELLED,
    ]);
    expect(first).toEqual([TaskState.FAILED]);
  });

  it.each(["", "lost", "failed,", "unspecified", "constructor", "__proto__"])("refuses %j", (text) => {
    expect(() => collectStates(text)).toThrow("blocked, scheduled");
  });
});
