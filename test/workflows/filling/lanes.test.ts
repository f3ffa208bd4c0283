import { describe, expect, it } from "vitest";
import type { Job, JobAnswer } from "../../../src/workflows/filling/job.ts";
import { createLanes, lightUnits } from "../../../src/workflows/filling/lanes.ts";
import { createFakeClock } from "../../harness/fake-clock.ts";

const job: Job = { kind: "read", parameters: new Uint8Array() };
const done = (cost: number): JobAnswer => ({ kind: "read", hasTemplates: false, expressions: [], cost });
const tooCostly: JobAnswer = { kind: "too_costly", place: "json", message: "is too costly", cost: lightUnits };

/** Lanes over jobs that cost what the test says, with turns that it counts. */
function lanesOfCosts(costs: readonly (number | "costly" | "slow")[], msPerJob = 0) {
  const clock = createFakeClock();
  const turns: (() => void)[] = [];
  const begun: number[] = [];
  const heavy: number[] = [];
  let next = 0;
  let turn = 0;
  const lanes = createLanes(
    (_, { allowance, isLight, isTimeUp }) => {
      expect(allowance).toBe(lightUnits);
      expect(isLight).toBe(true);
      begun.push(turn);
      expect(isTimeUp?.()).toBe(false);
      clock.advance(msPerJob);
      const cost = costs[next++] ?? 0;
      if (cost === "slow") {
        clock.advance(4);
        expect(isTimeUp?.()).toBe(true);
        return { kind: "out_of_time", cost: 10 };
      }
      return cost === "costly" ? tooCostly : done(cost);
    },
    {
      async run(_, allowance) {
        heavy.push(allowance());
        return done(1_000_000);
      },
    },
    clock,
    (action) => void turns.push(action),
  );
  return {
    lanes,
    begun,
    heavy,
    nextTurn() {
      turn++;
      for (const action of turns.splice(0)) action();
    },
  };
}

describe("the lanes of jobs", () => {
  it("do what is light at once", () => {
    const { lanes, heavy } = lanesOfCosts([1, 2]);
    expect(lanes.run(job, () => 9e9)).toEqual(done(1));
    expect(lanes.run(job, () => 9e9)).toEqual(done(2));
    expect(heavy).toEqual([]);
  });

  it("do no more in one turn than two light jobs may cost, and the others in their order later", async () => {
    const { lanes, begun, nextTurn } = lanesOfCosts(Array.from({ length: 9 }, () => lightUnits));
    const answers = Array.from({ length: 9 }, () => lanes.run(job, () => 9e9));
    expect(begun).toEqual([0, 0]);
    for (let turn = 0; turn < 4; turn++) nextTurn();
    expect(begun).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4]);
    expect(await Promise.all(answers)).toHaveLength(9);
  });

  it("count each job, however little it costs", () => {
    const { lanes, begun } = lanesOfCosts([]);
    for (let n = 0; n < 1_000; n++) void lanes.run(job, () => 9e9);
    expect(begun.length).toBeLessThanOrEqual(100);
  });

  it("begin nothing more in a turn that has taken long, however little it cost", async () => {
    const { lanes, begun, nextTurn } = lanesOfCosts([1, 1, 1, 1, 1], 3);
    const answers = Array.from({ length: 5 }, () => lanes.run(job, () => 9e9));
    expect(begun).toEqual([0, 0]);
    nextTurn();
    nextTurn();
    expect(begun).toEqual([0, 0, 1, 1, 2]);
    expect(await Promise.all(answers)).toHaveLength(5);
  });

  it("try again in later turns what ran out of time, and then pass it on", async () => {
    const { lanes, begun, heavy, nextTurn } = lanesOfCosts(["slow", 1, "slow", "slow", "slow"]);
    const second = lanes.run(job, () => 9e9);
    nextTurn();
    expect(await second).toEqual(done(1));
    expect(heavy).toEqual([]);
    const third = lanes.run(job, () => 9e9);
    for (let turn = 0; turn < 3; turn++) nextTurn();
    expect(begun).toEqual([0, 1, 1, 2, 3]);
    expect(await third).toEqual(done(1_000_000));
    expect(heavy).toEqual([9e9]);
  });

  it("pass on what is not light, with what it may cost", async () => {
    const { lanes, heavy } = lanesOfCosts(["costly", "costly"]);
    expect(await lanes.run(job, () => 700_000)).toEqual(done(1_000_000));
    expect(heavy).toEqual([700_000]);
    // It may not cost more.
    expect(lanes.run(job, () => 1_000)).toEqual(tooCostly);
    expect(heavy).toHaveLength(1);
  });
});
