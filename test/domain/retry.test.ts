import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { limits } from "../../src/contract/limits.ts";
import { backoffMs, defaultRetryPolicy, type RetryPolicy, resolveRetryPolicy } from "../../src/domain/retry.ts";

const policy: fc.Arbitrary<RetryPolicy> = fc
  .record({
    initialBackoffMs: fc.integer({ min: 0, max: limits.initialBackoffMs }),
    maxBackoffMs: fc.integer({ min: 0, max: limits.maxBackoffMs }),
    multiplier: fc.double({ min: 1, max: limits.multiplier, noNaN: true }),
    jitter: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map((fields) => resolveRetryPolicy(fields));
const failures = fc.integer({ min: 1, max: limits.maxAttempts });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe("backoffMs", () => {
  const cases: [Partial<RetryPolicy>, failures: number, random: number, expected: number][] = [
    [{}, 1, 0.5, 1_000],
    [{}, 1, 0, 800],
    [{}, 1, 0.999_999, 1_200],
    [{}, 2, 0.5, 2_000],
    [{}, 4, 0.5, 8_000],
    [{}, 100, 0.5, 600_000],
    [{}, 1_000, 0, 480_000],
    [{ jitter: 0 }, 3, 0.9, 4_000],
    [{ jitter: 1 }, 1, 0, 0],
    [{ jitter: 1, maxBackoffMs: 3_000 }, 9, 0.75, 4_500],
    [{ multiplier: 1 }, 50, 0.5, 1_000],
    [{ multiplier: 10 }, 3, 0.5, 100_000],
    [{ initialBackoffMs: 0 }, 7, 0.9, 0],
    [{ initialBackoffMs: 3, multiplier: 1.5, jitter: 0 }, 2, 0, 5],
  ];
  for (const [changes, count, chance, expected] of cases) {
    it(`is ${expected} ms after failure ${count} with ${JSON.stringify(changes)} and random ${chance}`, () => {
      expect(backoffMs({ ...defaultRetryPolicy, ...changes }, count, chance)).toBe(expected);
    });
  }

  it("is a whole number between the bounds of the jitter", () => {
    fc.assert(
      fc.property(policy, failures, random, (rules, count, chance) => {
        const delay = backoffMs(rules, count, chance);
        expect(Number.isSafeInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(
          Math.floor(Math.min(rules.initialBackoffMs * (1 - rules.jitter), rules.maxBackoffMs)),
        );
        expect(delay).toBeLessThanOrEqual(Math.ceil(rules.maxBackoffMs * (1 + rules.jitter)));
      }),
    );
  });

  it("never shrinks from one failure to the next, and grows with the random number", () => {
    fc.assert(
      fc.property(policy, failures, random, random, (rules, count, a, b) => {
        expect(backoffMs(rules, count + 1, a)).toBeGreaterThanOrEqual(backoffMs(rules, count, a));
        expect(backoffMs(rules, count, Math.max(a, b))).toBeGreaterThanOrEqual(backoffMs(rules, count, Math.min(a, b)));
      }),
    );
  });
});

describe("resolveRetryPolicy", () => {
  it("takes each field from the first layer that has it, then from the defaults", () => {
    expect(resolveRetryPolicy()).toEqual(defaultRetryPolicy);
    expect(resolveRetryPolicy(null, {})).toEqual(defaultRetryPolicy);
    expect(resolveRetryPolicy({ jitter: 0 }, { jitter: 1, multiplier: 3 })).toEqual({
      ...defaultRetryPolicy,
      jitter: 0,
      multiplier: 3,
    });
    expect(resolveRetryPolicy(null, { initialBackoffMs: 0 }, { maxBackoffMs: 5_000 })).toEqual({
      ...defaultRetryPolicy,
      initialBackoffMs: 0,
      maxBackoffMs: 5_000,
    });
  });

  it("never bounds the delay below its own start", () => {
    expect(resolveRetryPolicy({ initialBackoffMs: 5_000 }, { maxBackoffMs: 1_000 }).maxBackoffMs).toBe(5_000);
    fc.assert(fc.property(policy, (rules) => rules.maxBackoffMs >= rules.initialBackoffMs));
  });
});
