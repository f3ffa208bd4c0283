import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { Gathering } from "../../../../src/store/postgres/engine/gathering.ts";
import { createFakeClock, type FakeClock } from "../../../harness/fake-clock.ts";

/** Whether a transaction still waits, at the end of this turn. */
async function waits(next: Promise<void> | null): Promise<boolean> {
  if (next === null) return false;
  let isOver = false;
  void next.then(() => {
    isOver = true;
  });
  await turn();
  await turn();
  return !isOver;
}

/** One that has seen 64 attempts begin, and half of them end. */
function half(clock: FakeClock): Gathering {
  const gathering = new Gathering(clock);
  gathering.committed(64, 3);
  gathering.add(32);
  return gathering;
}

test("a transaction waits for the ends of attempts that began with those that have ended", async () => {
  const gathering = half(createFakeClock());
  const next = gathering.next();
  expect(await waits(next)).toBe(true);
  gathering.add(31);
  expect(await waits(next)).toBe(true);
  gathering.add(1);
  expect(await waits(next)).toBe(false);
  gathering.taken(64);
  expect(gathering.next()).toBeNull();
});

test("it waits no longer than the last one took, and no longer than 20 ms", async () => {
  for (const [lastMs, waitMs] of [
    [3, 3],
    [40, 20],
  ] as const) {
    const clock = createFakeClock();
    const gathering = half(clock);
    gathering.committed(0, lastMs);
    const next = gathering.next();
    clock.advance(waitMs - 1);
    expect(await waits(next)).toBe(true);
    clock.advance(1);
    expect(await waits(next)).toBe(false);
  }
});

test("after a wait in vain a transaction does not wait, after the next one two, until one is worth it", async () => {
  const clock = createFakeClock();
  const gathering = half(clock);
  /** How many transactions do not wait before one does. */
  function passed(): number {
    for (let n = 0; ; n++) {
      if (gathering.next() !== null) return n;
      gathering.taken(32);
      gathering.committed(32, 3);
      gathering.add(32);
    }
  }
  expect(passed()).toBe(0);
  for (const pause of [1, 2, 4, 8]) {
    clock.advance(3);
    gathering.taken(32);
    gathering.committed(32, 3);
    gathering.add(32);
    expect(passed()).toBe(pause);
  }
  gathering.add(32);
  gathering.taken(64);
  gathering.committed(64, 3);
  gathering.add(32);
  expect(passed()).toBe(0);
});

test("what takes long is not waited for again", async () => {
  const clock = createFakeClock();
  const gathering = half(clock);
  const next = gathering.next();
  // 54 of the 64 take turns, ten take an hour.
  gathering.add(22);
  clock.advance(3);
  expect(await waits(next)).toBe(false);
  gathering.taken(54);
  gathering.committed(54, 3);
  gathering.add(27);
  const later = gathering.next();
  expect(await waits(later)).toBe(true);
  gathering.add(27);
  expect(await waits(later)).toBe(false);
});

test("nobody waits for a few, for what has not begun, or where nothing has ended", () => {
  const gathering = new Gathering(createFakeClock());
  expect(gathering.next()).toBeNull();
  gathering.add(32);
  expect(gathering.next()).toBeNull();
  gathering.taken(32);
  gathering.committed(64, 3);
  expect(gathering.next()).toBeNull();
  const few = new Gathering(createFakeClock());
  few.committed(7, 3);
  few.add(1);
  expect(few.next()).toBeNull();
});
