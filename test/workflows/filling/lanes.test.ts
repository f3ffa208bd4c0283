import { describe, expect, it } from "vitest";
import type { Job, JobAnswer } from "../../../src/workflows/filling/job.ts";
import { createLanes, lightUnits } from "../../../src/workflows/filling/lanes.ts";

const job: Job = { kind: "read", parameters: new Uint8Array() };
const done = (cost: number): JobAnswer => ({ kind: "read", hasTemplates: false, expressions: [], cost });
const tooCostly: JobAnswer = { kind: "too_costly", place: "json", message: "is too costly", cost: lightUnits };

/** Lanes over jobs that cost what the test says, with turns that it counts. */
function lab(costs: readonly (number | "costly")[]) {
  const turns: (() => void)[] = [];
  const begun: number[] = [];
  const heavy: number[] = [];
  let next = 0;
  let turn = 0;
  const lanes = createLanes(
    (_, { allowance, isLight }) => {
      expect(allowance).toBe(lightUnits);
      expect(isLight).toBe(true);
      begun.push(turn);
      const cost = costs[next++] ?? 0;
      return cost === "costly" ? tooCostly : done(cost);
    },
    {
      async run(_, allowance) {
        heavy.push(allowance());
        return done(1_000_000);
      },
    },
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
    const { lanes, heavy } = lab([1, 2]);
    expect(lanes.run(job, () => 9e9)).toEqual(done(1));
    expect(lanes.run(job, () => 9e9)).toEqual(done(2));
    expect(heavy).toEqual([]);
  });

  it("do no more in one turn than two light jobs may cost, and the others in their order later", async () => {
    const { lanes, begun, nextTurn } = lab(Array.from({ length: 9 }, () => lightUnits));
    const answers = Array.from({ length: 9 }, () => lanes.run(job, () => 9e9));
    expect(begun).toEqual([0, 0]);
    for (let turn = 0; turn < 4; turn++) nextTurn();
    expect(begun).toEqual([0, 0, 1, 1, 2, 2, 3, 3, 4]);
    expect(await Promise.all(answers)).toHaveLength(9);
  });

  it("count each job, however little it costs", () => {
    const { lanes, begun } = lab([]);
    for (let n = 0; n < 1_000; n++) void lanes.run(job, () => 9e9);
    expect(begun.length).toBeLessThanOrEqual(100);
  });

  it("pass on what is not light, with what it may cost", async () => {
    const { lanes, heavy } = lab(["costly", "costly"]);
    expect(await lanes.run(job, () => 700_000)).toEqual(done(1_000_000));
    expect(heavy).toEqual([700_000]);
    // It may not cost more.
    expect(lanes.run(job, () => 1_000)).toEqual(tooCostly);
    expect(heavy).toHaveLength(1);
  });
});
