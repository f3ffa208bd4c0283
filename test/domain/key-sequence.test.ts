import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keyAt, msOfKey } from "../../src/domain/ids.ts";
import { createKeySequence, type StretchLog } from "../../src/domain/key-sequence.ts";

type Stretch = ReturnType<StretchLog["read"]>[number];

/** Stretches in memory, which outlive a sequence. */
function memory(): StretchLog {
  const stretches: Stretch[] = [];
  return { read: () => [...stretches], add: (stretch) => void stretches.push(stretch) };
}

const nowMs = Date.UTC(2026, 0);
const dayMs = 86_400_000;
const moment = fc.integer({ min: Date.UTC(2025, 1), max: Date.UTC(2030, 0) });

it("always goes up, whatever the clock does", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: Date.UTC(2094, 0) }), { minLength: 2 }), (times) => {
      const sequence = createKeySequence(0, memory());
      const keys = times.map((ms) => sequence.next(ms));
      expect(keys.every(Number.isSafeInteger)).toBe(true);
      return (
        keys.every((value, index) => index === 0 || value > (keys[index - 1] ?? 0)) && sequence.last === keys.at(-1)
      );
    }),
  );
});

it("follows the clock, and goes on after what it is told", () => {
  expect(createKeySequence(0, memory()).next(nowMs)).toBe(keyAt(nowMs));
  expect(createKeySequence(keyAt(nowMs) + 7, memory()).next(nowMs)).toBe(keyAt(nowMs) + 8);
});

it("knows the time of every key to the tolerated second, also after a restart", () => {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 12 }), (times) => {
      const log = memory();
      const sequence = createKeySequence(0, log);
      const keys = times.map((ms) => sequence.next(ms));
      const again = createKeySequence(keys.at(-1) ?? 0, log);
      for (const [index, key] of keys.entries()) {
        expect(Math.abs(sequence.timeOf(key) - (times[index] ?? 0))).toBeLessThanOrEqual(1_000);
        expect(again.timeOf(key)).toBe(sequence.timeOf(key));
      }
    }),
  );
});

it("bounds the keys of a time from both sides", () => {
  fc.assert(
    fc.property(fc.array(moment, { minLength: 1, maxLength: 12 }), moment, (times, ms) => {
      const sequence = createKeySequence(0, memory());
      const keys = times.map((each) => sequence.next(each));
      for (const key of keys) {
        if (sequence.timeOf(key) < ms - 1_000) expect(key).toBeLessThan(sequence.at(ms));
        if (sequence.timeOf(key) >= ms) expect(key).toBeGreaterThanOrEqual(sequence.firstAt(ms));
      }
    }),
  );
});

describe("a file from the future", () => {
  it("gets times of the clock, ids that grow, and one stretch", () => {
    const log = memory();
    const future = keyAt(nowMs + 400 * dayMs);
    const sequence = createKeySequence(future, log);
    const keys = [0, 1, 2, 60_000].map((ms) => sequence.next(nowMs + ms));
    expect(keys.map((key) => sequence.timeOf(key) - nowMs)).toEqual([0, 1, 2, 60_000]);
    expect(keys).toEqual(keys.toSorted((a, b) => a - b));
    expect(Math.min(...keys)).toBeGreaterThan(future);
    expect(sequence.timeOf(future)).toBe(nowMs + 400 * dayMs);
    expect(log.read()).toHaveLength(1);
  });

  it("goes by the clock again once that has passed it", () => {
    const log = memory();
    const sequence = createKeySequence(keyAt(nowMs + dayMs), log);
    sequence.next(nowMs);
    const later = nowMs + 3 * dayMs;
    const key = sequence.next(later);
    expect([key, sequence.timeOf(key)]).toEqual([keyAt(later), later]);
    expect(log.read()).toHaveLength(2);
  });
});

it("takes back a stretch whose transaction was undone", () => {
  const stored: Stretch[] = [];
  const sequence = createKeySequence(keyAt(nowMs + dayMs), { read: () => [], add: (each) => void stored.push(each) });
  sequence.next(nowMs);
  sequence.reload();
  expect(sequence.isBent).toBe(false);
  const key = sequence.next(nowMs + 5);
  expect(sequence.timeOf(key)).toBe(nowMs + 5);
  expect(stored).toHaveLength(2);
  expect(msOfKey(key)).toBeGreaterThan(nowMs + dayMs);
});
