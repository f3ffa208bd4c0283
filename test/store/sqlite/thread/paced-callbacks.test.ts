import { expect, test } from "vitest";
import { createPacedCallbacks } from "../../../../src/store/sqlite/thread/paced-callbacks.ts";

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

function openRecorded(each: number) {
  const done: number[] = [];
  const clock = { ms: 0 };
  const put = (n: number) => () => void done.push(n);
  const turns = createPacedCallbacks(each, () => clock.ms);
  return {
    done,
    turns,
    clock,
    add: (...numbers: number[]) => turns.add([], numbers.map(put)),
    addWithUrgent: (urgent: readonly number[], others: readonly number[]) =>
      turns.add(urgent.map(put), others.map(put)),
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

test("runs what is urgent first, and the rest in the turns between", async () => {
  const { done, addWithUrgent } = openRecorded(2);
  addWithUrgent([11, 12, 13], [1, 2, 3]);
  expect(done).toEqual([11, 12]);
  await turn();
  expect(done).toEqual([11, 12, 1, 2]);
  await turn();
  expect(done).toEqual([11, 12, 1, 2, 13]);
  await turn();
  expect(done).toEqual([11, 12, 1, 2, 13, 3]);
});

test("runs what is urgent in a turn of its own, after a pause too", async () => {
  const { done, addWithUrgent } = openRecorded(2);
  for (const n of [1, 2]) {
    addWithUrgent([10 + n], [n]);
    expect(done).toEqual([10 + n]);
    await turn();
    expect(done.splice(0)).toEqual([10 + n, n]);
  }
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
