import { expect, test } from "vitest";
import { limits } from "../../src/contract/limits.ts";
import { countWithin, firstWithin, inMessages } from "../../src/contract/message-size.ts";

const size = (item: number) => item;

test.each([
  ["nothing", [], 0],
  ["all that fit", [4, 3, 3], 3],
  ["those before the one that does not", [4, 3, 4, 1], 2],
  ["the first, however large", [11, 1], 1],
])("counts %s", (_, items, count) => {
  expect(countWithin(items, size, { maxBytes: 10 })).toBe(count);
  expect(firstWithin(items, size, { maxBytes: 10 })).toEqual(items.slice(0, count));
});

test("counts no more than are allowed, and at least one", () => {
  expect(countWithin([1, 1, 1], size, { maxBytes: 10, maxCount: 2 })).toBe(2);
  expect(countWithin([1, 1], size, { maxBytes: 0, maxCount: 0 })).toBe(1);
});

test("parts the items, in order, so that each part fits", () => {
  const half = limits.messageBytes / 2;
  expect([...inMessages([half, half, 1, limits.messageBytes + 1, 2], size)]).toEqual([
    [half, half],
    [1],
    [limits.messageBytes + 1],
    [2],
  ]);
  expect([...inMessages([], size)]).toEqual([]);
});
