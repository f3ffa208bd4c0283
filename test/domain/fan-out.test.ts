import { expect, it } from "vitest";
import { createFanOut } from "../../src/domain/fan-out.ts";
import { createFakeClock } from "../harness/fake-clock.ts";

/** A fan-out whose turns the test begins, to so many receivers at one unit each. */
function fanOutTo(receivers: number) {
  const clock = createFakeClock();
  const turns: (() => void)[] = [];
  const fanOut = createFanOut(clock, (action) => void turns.push(action));
  const rounds: number[] = [];
  function* round() {
    rounds.push(0);
    for (let n = 0; n < receivers; n++) {
      rounds[rounds.length - 1] = n + 1;
      yield 1;
    }
  }
  return {
    clock,
    rounds,
    due: () => fanOut.due(round),
    /** Runs what is to run in the next turn; answers whether there was anything. */
    turn(): boolean {
      const actions = turns.splice(0);
      for (const action of actions) action();
      return actions.length > 0;
    },
  };
}

it("tells a few at the end of the turn, as often as something happens", () => {
  const { due, turn, rounds, clock } = fanOutTo(10);
  due();
  due();
  expect(rounds).toEqual([]);
  turn();
  expect(rounds).toEqual([10]);
  due();
  turn();
  expect(rounds).toEqual([10, 10]);
  expect(turn()).toBe(false);
  expect(clock.pendingTimers).toBe(0);
});

it("tells many in bounded turns, and then rests in proportion", () => {
  const { due, turn, rounds, clock } = fanOutTo(2_000);
  due();
  let turns = 0;
  while (turn()) {
    turns++;
    expect(rounds[0]).toBeLessThanOrEqual(turns * 100);
  }
  expect(rounds).toEqual([2_000]);
  for (let n = 0; n < 50; n++) due();
  clock.advance(99);
  expect(turn()).toBe(false);
  clock.advance(1);
  while (turn());
  // What came during the rest went out together.
  expect(rounds).toEqual([2_000, 2_000]);
  clock.advance(1_000);
  expect(turn()).toBe(false);
});

it("begins what falls due during a round after its rest", () => {
  const { due, turn, rounds, clock } = fanOutTo(150);
  due();
  turn();
  due();
  while (turn());
  expect(rounds).toEqual([150]);
  clock.advance(8);
  while (turn());
  expect(rounds).toEqual([150, 150]);
});
