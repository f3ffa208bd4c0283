import fc from "fast-check";
import { expect, test } from "vitest";
import { createBackoff } from "../../../src/client/connection/backoff.ts";
import { createRequestIds } from "../../../src/client/connection/request-ids.ts";

test("a delay is anything below a bound that doubles up to the cap, on top of what was asked for", () => {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(random, fc.nat(5_000), (value, atLeastMs) => {
      const backoff = createBackoff({ baseMs: 100, capMs: 1_000, random: () => value });
      for (const bound of [100, 200, 400, 800, 1_000, 1_000]) {
        expect(backoff.next(atLeastMs)).toBe(Math.round(atLeastMs + value * bound));
      }
      backoff.reset();
      expect(backoff.next()).toBe(Math.round(value * 100));
    }),
  );
});

test("the delays stay finite however often it is tried", () => {
  const backoff = createBackoff({ random: () => 1 });
  for (let n = 0; n < 5_000; n++) expect(backoff.next()).toBeLessThanOrEqual(10_000);
});

test("request ids sort as they were made, within a producer and from one to the next, and no two are the same", () => {
  const first = createRequestIds(1_700_000_000_000);
  const second = createRequestIds(1_700_000_000_001);
  const ids = [...Array.from({ length: 100 }, first), ...Array.from({ length: 100 }, second)];
  expect(ids.toSorted()).toEqual(ids);
  const twins = [createRequestIds(1), createRequestIds(1)].map((next) => next());
  expect(new Set([...ids, ...twins]).size).toBe(202);
  for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{1,40}$/);
});
