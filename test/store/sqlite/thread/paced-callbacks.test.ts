import { expect, test } from "vitest";
import { createPacedCallbacks } from "../../../../src/store/sqlite/thread/paced-callbacks.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function openRecorded(each: number) {
  const done: number[] = [];
  const clock = { ms: 0 };
  const turns = createPacedCallbacks(each, () => clock.ms);
  return {
    done,
    turns,
    clock,
    add: (...numbers: number[]) => turns.add(numbers.map((n) => () => void done.push(n))),
    addUrgent: (...numbers: number[]) => turns.addUrgent(numbers.map((n) => () => void done.push(n))),
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

test("runs what is urgent first, and something of the rest in every turn", async () => {
  const { done, add, addUrgent } = openRecorded(2);
  add(1, 2, 3, 4, 5);
  addUrgent(11, 12, 13);
  await turn();
  expect(done).toEqual([1, 2, 11, 12, 3]);
  await turn();
  expect(done).toEqual([1, 2, 11, 12, 3, 13, 4]);
});

test("runs more in a turn that comes late", async () => {
  const { done, add, clock } = openRecorded(1);
  add(...Array.from({ length: 101 }, (_, n) => n));
  clock.ms = 5;
  await turn();
  expect(done).toHaveLength(51);
  clock.ms = 100;
  await turn();
  expect(done).toHaveLength(101);
});
