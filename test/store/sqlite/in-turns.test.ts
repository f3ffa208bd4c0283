import { expect, test } from "vitest";
import { createInTurns } from "../../../src/store/sqlite/in-turns.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function openRecorded(each: number) {
  const done: number[] = [];
  const turns = createInTurns(each);
  return {
    done,
    turns,
    add: (...numbers: number[]) => turns.add(numbers.map((n) => () => void done.push(n))),
  };
}

test("runs a few actions at once, and a few in each turn that follows", async () => {
  const { done, add } = openRecorded(2);
  add(1, 2, 3, 4, 5);
  expect(done).toEqual([1, 2]);
  await turn();
  expect(done).toEqual([1, 2, 3, 4]);
  await turn();
  expect(done).toEqual([1, 2, 3, 4, 5]);
  add(6);
  expect(done).toEqual([1, 2, 3, 4, 5, 6]);
});

test("keeps the order when more is added while some wait", async () => {
  const { done, add } = openRecorded(2);
  add(1, 2, 3);
  add(4);
  expect(done).toEqual([1, 2]);
  await turn();
  expect(done).toEqual([1, 2, 3, 4]);
});

test("runs everything at once when it is flushed, and goes on afterwards", async () => {
  const { done, turns, add } = openRecorded(1);
  add(1, 2, 3);
  turns.flush();
  expect(done).toEqual([1, 2, 3]);
  add(4);
  await turn();
  expect(done).toEqual([1, 2, 3, 4]);
});
