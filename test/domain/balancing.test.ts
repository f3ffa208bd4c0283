import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { balancingStrategies, type Candidate, deal, type Share } from "../../src/domain/balancing.ts";

interface Worker extends Candidate {
  readonly name: string;
}

function worker(name: string, capacity: number, load = 0): Worker {
  return { name, capacity, load };
}

/** A small generator with a seed (mulberry32, public domain), so that chance is the same in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The names in the order in which the tasks go out. */
function names(shares: readonly Share<Worker>[]): string[] {
  return shares.flatMap(({ candidate, n }) => Array.from({ length: n }, () => candidate.name));
}

const never = () => {
  throw new Error("no chance is needed here");
};

const workers: fc.Arbitrary<Worker[]> = fc
  .array(fc.record({ capacity: fc.integer({ min: 1, max: 12 }), load: fc.integer({ min: 0, max: 14 }) }), {
    maxLength: 7,
  })
  .map((list) => list.map(({ capacity, load }, index) => worker(`w${index}`, capacity, load)));

describe("deal", () => {
  for (const strategy of balancingStrategies) {
    it(`${strategy}: deals as many as there are or as fit, and nobody gets more than is free`, () => {
      fc.assert(
        fc.property(workers, fc.integer({ min: 0, max: 60 }), fc.nat(), fc.integer(), (list, n, turn, seed) => {
          const shares = deal(strategy, list, n, turn, seeded(seed));
          const free = (one: Worker) => Math.max(one.capacity - one.load, 0);
          expect(names(shares)).toHaveLength(
            Math.min(
              n,
              list.reduce((sum, one) => sum + free(one), 0),
            ),
          );
          for (const one of list) {
            expect(names(shares).filter((name) => name === one.name).length).toBeLessThanOrEqual(free(one));
          }
          expect(shares.every((share, index) => share.n > 0 && share.candidate !== shares[index - 1]?.candidate)).toBe(
            true,
          );
        }),
      );
    });

    it(`${strategy}: leaves the candidates as they are`, () => {
      const list = [worker("a", 3), worker("b", 3, 1)];
      deal(strategy, list, 4, 1, seeded(1));
      expect(list).toEqual([worker("a", 3), worker("b", 3, 1)]);
    });

    it(`${strategy}: has nothing to deal to nobody, or to those that are full or over`, () => {
      expect(deal(strategy, [], 5, 0, never)).toEqual([]);
      expect(deal(strategy, [worker("a", 2, 2), worker("b", 2, 5)], 5, 0, never)).toEqual([]);
      expect(deal(strategy, [worker("a", 2)], 0, 0, never)).toEqual([]);
      expect(deal(strategy, [worker("a", 2)], -1, 0, never)).toEqual([]);
    });

    it(`${strategy}: gives everything to the only one that is free`, () => {
      const list = [worker("a", 2, 2), worker("b", 5, 1), worker("c", 1, 1)];
      expect(names(deal(strategy, list, 9, 7, never))).toEqual(["b", "b", "b", "b"]);
    });
  }

  it("least_loaded gives each task to the smallest share of a capacity, ties to the first", () => {
    expect(names(deal("least_loaded", [worker("a", 2), worker("b", 4)], 6, 0, never))).toEqual([
      "a",
      "b",
      "b",
      "a",
      "b",
      "b",
    ]);
    expect(names(deal("least_loaded", [worker("a", 4, 2), worker("b", 4)], 3, 0, never))).toEqual(["b", "b", "a"]);
    expect(names(deal("least_loaded", [worker("a", 10, 5), worker("b", 2, 1), worker("c", 1)], 2, 0, never))).toEqual([
      "c",
      "a",
    ]);
  });

  it("least_loaded picks a minimum at every step", () => {
    fc.assert(
      fc.property(workers, fc.integer({ min: 1, max: 40 }), (list, n) => {
        const loads = new Map(list.map((one) => [one.name, one.load]));
        const share = (one: Worker) => (loads.get(one.name) ?? 0) / one.capacity;
        for (const name of names(deal("least_loaded", list, n, 0, never))) {
          const least = Math.min(...list.map(share));
          expect(share(list.find((one) => one.name === name) ?? worker("", 1, 1))).toBe(least);
          loads.set(name, (loads.get(name) ?? 0) + 1);
        }
      }),
    );
  });

  it("round_robin goes round from its turn on, passing over the full ones", () => {
    const list = [worker("a", 9), worker("b", 9), worker("c", 9)];
    expect(names(deal("round_robin", list, 5, 0, never))).toEqual(["a", "b", "c", "a", "b"]);
    expect(names(deal("round_robin", list, 4, 1, never))).toEqual(["b", "c", "a", "b"]);
    expect(names(deal("round_robin", list, 2, 5, never))).toEqual(["c", "a"]);
    const tight = [worker("a", 1), worker("b", 3), worker("c", 2, 2), worker("d", 2)];
    expect(names(deal("round_robin", tight, 9, 0, never))).toEqual(["a", "b", "d", "b", "d", "b"]);
  });

  it("round_robin gives one task at a time to each in turn", () => {
    const list = [worker("a", 99), worker("b", 99), worker("c", 99)];
    const got = Array.from({ length: 6 }, (_, turn) => names(deal("round_robin", list, 1, turn, never))[0]);
    expect(got).toEqual(["a", "b", "c", "a", "b", "c"]);
  });

  it("random gives to each in proportion to what is free", () => {
    const list = [worker("a", 10), worker("b", 40, 10), worker("c", 60)];
    const random = seeded(20_260_701);
    const rounds = 20_000;
    const got = new Map<string | undefined, number>();
    for (let round = 0; round < rounds; round++) {
      const [name] = names(deal("random", list, 1, 0, random));
      got.set(name, (got.get(name) ?? 0) + 1);
    }
    for (const [name, share] of [
      ["a", 0.1],
      ["b", 0.3],
      ["c", 0.6],
    ] as const) {
      expect((got.get(name) ?? 0) / rounds).toBeCloseTo(share, 1.5);
    }
  });

  it("random counts what it has dealt before", () => {
    // The one that is drawn first is full then; the rest goes to the other.
    const list = [worker("a", 1), worker("b", 3)];
    expect(names(deal("random", list, 4, 0, () => 0))).toEqual(["a", "b", "b", "b"]);
    expect(names(deal("random", list, 4, 0, () => 0.999_999)).sort()).toEqual(["a", "b", "b", "b"]);
  });
});
