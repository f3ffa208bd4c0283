import { expect, test } from "vitest";
import { CommitAlong } from "../../../../src/store/postgres/database/commit-along.ts";

test("a commit goes along once each run is answered, or has announced its last statement", () => {
  const along = new CommitAlong();
  along.begin(2, true);
  along.answered();
  expect(along.isLast()).toBe(true);
  expect(along.end()).toBe(true);
  along.begin(2, true);
  expect(along.isLast()).toBe(true);
  expect(along.end()).toBe(false);
  // It is waited for by now.
  expect(along.isLast()).toBe(false);
  along.begin(1, false);
  expect(along.isLast()).toBe(false);
  expect(along.end()).toBe(false);
});

test("after one that went along in vain transactions wait, after the next one twice as many, until one was not in vain", () => {
  const along = new CommitAlong();
  const waits = () => {
    for (let count = 0; ; count++) {
      along.begin(1, true);
      if (along.isLast()) return count;
    }
  };
  for (const count of [8, 16, 32]) {
    along.judge(false);
    expect(waits()).toBe(count);
  }
  along.judge(true);
  along.judge(false);
  expect(waits()).toBe(8);
  for (let times = 0; times < 10; times++) {
    along.judge(false);
    waits();
  }
  along.judge(false);
  expect(waits()).toBe(1_024);
});
