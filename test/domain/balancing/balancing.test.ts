import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  balancingStrategies,
  type Candidate,
  createBalancer,
  type DealingStrategy,
  type Share,
} from "../../../src/domain/balancing/balancing.ts";
import { createSeededRandom } from "../../harness/seeded-random.ts";

function worker(id: string, capacity: number, load = 0, weight = 0): Candidate {
  return { id, capacity, load, weight };
}

const dealing = balancingStrategies.filter((strategy) => strategy !== "sticky");

/** Deals once, by a balancer that has not been used. */
function deal<C extends Candidate>(
  strategy: DealingStrategy,
  list: readonly C[],
  n: number,
  random = never,
): Share<C>[] {
  return createBalancer(random).deal(strategy, list, n);
}

/** The ids in the order in which the tasks go out. */
function ids(shares: readonly Share<Candidate>[]): string[] {
  return shares.flatMap(({ candidate, n }) => Array.from({ length: n }, () => candidate.id));
}

function never(): number {
  throw new Error("no chance is needed here");
}

const seeded = (seed: number) => createSeededRandom(seed).next;
const free = ({ capacity, load }: Candidate) => Math.max(capacity - load, 0);

/** How often each id is in a list. */
function counts(list: readonly (string | undefined)[]): Map<string | undefined, number> {
  return new Map([...Map.groupBy(list, (id) => id)].map(([id, found]) => [id, found.length]));
}

const workers: fc.Arbitrary<Candidate[]> = fc
  .array(
    fc.record({
      capacity: fc.integer({ min: 0, max: 12 }),
      load: fc.integer({ min: 0, max: 14 }),
      weight: fc.integer({ min: 0, max: 9 }),
    }),
    { maxLength: 7 },
  )
  .map((list) => list.map(({ capacity, load, weight }, index) => worker(`w${index}`, capacity, load, weight)));

describe("deal", () => {
  for (const strategy of dealing) {
    it(`${strategy}: deals as many as there are or as fit, and nobody gets more than is free`, () => {
      fc.assert(
        fc.property(
          workers,
          fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 4 }),
          fc.integer(),
          (list, ns, seed) => {
            const balancer = createBalancer(seeded(seed));
            for (const n of ns) {
              const shares = balancer.deal(strategy, list, n);
              const got = counts(ids(shares));
              const room = list.reduce((sum, one) => sum + free(one), 0);
              expect(ids(shares)).toHaveLength(Math.min(n, room));
              for (const one of list) expect(got.get(one.id) ?? 0).toBeLessThanOrEqual(free(one));
              const isRun = (share: Share<Candidate>, index: number) =>
                share.n > 0 && share.candidate !== shares[index - 1]?.candidate;
              expect(shares.every(isRun)).toBe(true);
            }
          },
        ),
      );
    });

    it(`${strategy}: leaves the candidates as they are`, () => {
      const list = [worker("a", 3), worker("b", 3, 1)];
      deal(strategy, list, 4, seeded(1));
      expect(list).toEqual([worker("a", 3), worker("b", 3, 1)]);
    });

    it(`${strategy}: has nothing to deal to nobody, or to those that are full or over`, () => {
      expect(deal(strategy, [], 5)).toEqual([]);
      expect(deal(strategy, [worker("a", 2, 2), worker("b", 2, 5), worker("c", 0)], 5)).toEqual([]);
      expect(deal(strategy, [worker("a", 2)], 0)).toEqual([]);
      expect(deal(strategy, [worker("a", 2)], -1)).toEqual([]);
    });

    it(`${strategy}: gives everything to the only one that is free`, () => {
      const list = [worker("a", 2, 2), worker("b", 5, 1), worker("c", 1, 1)];
      expect(ids(deal(strategy, list, 9))).toEqual(["b", "b", "b", "b"]);
    });
  }

  it("least_loaded gives each task to the smallest share of a capacity", () => {
    expect(ids(deal("least_loaded", [worker("a", 2), worker("b", 4)], 6))).toEqual(["a", "b", "b", "a", "b", "b"]);
    expect(ids(deal("least_loaded", [worker("a", 4, 2), worker("b", 4)], 3))).toEqual(["b", "b", "a"]);
    const list = [worker("a", 10, 5), worker("b", 2, 1), worker("c", 1)];
    expect(ids(deal("least_loaded", list, 2))).toEqual(["c", "a"]);
  });

  it("least_loaded picks a minimum at every step", () => {
    fc.assert(
      fc.property(workers, fc.integer({ min: 1, max: 40 }), (list, n) => {
        const open = list.filter((one) => free(one) > 0);
        const loads = new Map(open.map((one) => [one.id, one.load]));
        const share = (one: Candidate) => (loads.get(one.id) ?? 0) / one.capacity;
        for (const id of ids(deal("least_loaded", list, n))) {
          const least = Math.min(...open.map(share));
          expect(share(open.find((one) => one.id === id) ?? worker("", 1, 1))).toBe(least);
          loads.set(id, (loads.get(id) ?? 0) + 1);
        }
      }),
    );
  });

  it("least_loaded takes equals in turn, so that of idle ones not the first does everything", () => {
    const balancer = createBalancer(never);
    const list = [worker("a", 9), worker("b", 9), worker("c", 9)];
    const got = Array.from({ length: 6 }, () => balancer.pick("least_loaded", list, "")?.id);
    expect(got).toEqual(["a", "b", "c", "a", "b", "c"]);
  });

  it("round_robin goes on where it was, whoever is full", () => {
    const balancer = createBalancer(never);
    const list = [worker("a", 9), worker("b", 9), worker("c", 9)];
    expect(ids(balancer.deal("round_robin", list, 5))).toEqual(["a", "b", "c", "a", "b"]);
    expect(ids(balancer.deal("round_robin", list, 4))).toEqual(["c", "a", "b", "c"]);
    const tight = [worker("a", 1), worker("b", 3), worker("c", 2, 2), worker("d", 2)];
    expect(ids(deal("round_robin", tight, 9))).toEqual(["a", "b", "d", "b", "d", "b"]);
  });

  it("round_robin keeps its turns when others come and go", () => {
    const balancer = createBalancer(never);
    const [a, b, c] = [worker("a", 9), worker("b", 9), worker("c", 9)];
    expect(ids(balancer.deal("round_robin", [a, b, c], 4))).toEqual(["a", "b", "c", "a"]);
    expect(ids(balancer.deal("round_robin", [b, c], 2))).toEqual(["b", "c"]);
    expect(ids(balancer.deal("round_robin", [b, c, worker("d", 9)], 3))).toEqual(["b", "c", "d"]);
  });

  it("round_robin gives a newcomer its first turn last, under whatever name it comes", () => {
    const balancer = createBalancer(never);
    const old = [worker("a", 9), worker("b", 9)];
    const got = Array.from({ length: 8 }, (_, time) => {
      const id = balancer.pick("round_robin", [...old, worker(`new${time}`, 9)], "")?.id;
      balancer.forget(`new${time}`);
      return id;
    });
    expect(got).toEqual(["a", "b", "a", "b", "a", "b", "a", "b"]);
  });

  it.each(["round_robin", "weighted"] as const)("%s gives turns back that came to nothing", (strategy) => {
    const balancer = createBalancer(never);
    const list = [worker("a", 10, 0, 1), worker("b", 20, 0, 1)];
    expect(counts(ids(balancer.deal(strategy, list, 1)))).toEqual(new Map([["a", 1]]));
    for (const { candidate, n } of balancer.deal(strategy, list, 99)) balancer.undeal(strategy, candidate, n);
    expect(ids(balancer.deal(strategy, list, 4))).toEqual(["b", "a", "b", "a"]);
  });

  /** The first `n` that are picked by these weights, one at a time. */
  function pickedBy(weights: readonly number[], n: number): number[] {
    const balancer = createBalancer(never);
    const list = weights.map((weight, index) => worker(`${index}`, 1_000_000, 0, weight));
    return Array.from({ length: n }, () => Number(balancer.pick("weighted", list, "")?.id));
  }

  const named = (picked: readonly number[]) => picked.map((index) => "abcdefghijk".charAt(index)).join("");

  it("weighted mixes smoothly: no run of a heavy one, then all the others", () => {
    expect(named(pickedBy([5, 1, 1, 1, 1], 18))).toBe("abacadaeaabacadaea");
    expect(named(pickedBy([10, ...Array.from({ length: 10 }, () => 1)], 20))).toBe("abacadaeafagahaiajak");
    expect(named(pickedBy([3, 2, 1], 6))).toBe("ababac");
  });

  it("weighted deals a batch in the order in which it picks one at a time", () => {
    const list = [5, 1, 1, 1, 1].map((weight, index) => worker("abcde".charAt(index), 1_000, 0, weight));
    expect(ids(deal("weighted", list, 18)).join("")).toBe("abacadaeaabacadaea");
  });

  const someWeights = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 1_000 })), {
    minLength: 2,
    maxLength: 6,
  });

  it("weighted leaves none a whole turn from its share, and gives exact shares in each cycle", () => {
    fc.assert(
      fc.property(someWeights, (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        const got = weights.map(() => 0);
        for (const [index, picked] of pickedBy(weights, 3 * total).entries()) {
          got[picked] = (got[picked] ?? 0) + 1;
          const n = index + 1;
          const off = weights.map((weight, at) => Math.abs((got[at] ?? 0) - (n * weight) / total));
          expect(Math.max(...off)).toBeLessThan(1);
          if (n % total === 0) expect(got).toEqual(weights.map((weight) => (weight * n) / total));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("weighted gives no longer runs than the weights need", () => {
    fc.assert(
      fc.property(someWeights, (weights) => {
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        let run = 0;
        let last = -1;
        for (const picked of pickedBy(weights, 2 * total)) {
          run = picked === last ? run + 1 : 1;
          last = picked;
          // A run takes a candidate from less than a turn behind its share to less than a turn ahead of it.
          expect(run).toBeLessThan((2 * total) / (total - (weights[picked] ?? 0)));
        }
      }),
      { numRuns: 40 },
    );
  });

  it("weighted goes on smoothly when what was dealt to full ones came to nothing", () => {
    const balancer = createBalancer(never);
    const list = [5, 1, 1, 1, 1].map((weight, index) => worker("abcde".charAt(index), 10, 0, weight));
    for (const { candidate, n } of balancer.deal("weighted", list, 99)) balancer.undeal("weighted", candidate, n);
    expect(ids(balancer.deal("weighted", list, 9)).join("")).toBe("abacadaea");
  });

  it("weighted gives one that joins later its share, and no burst to either side", () => {
    const balancer = createBalancer(never);
    const a = worker("a", 1_000, 0, 5);
    const others = ["b", "c", "d", "e"].map((id) => worker(id, 1_000, 0, 1));
    balancer.deal("weighted", [a, worker("z", 1_000, 0, 5)], 7);
    balancer.forget("z");
    const got = ids(balancer.deal("weighted", [a, ...others], 90)).join("");
    expect(got).not.toMatch(/aaaa|[bcde]{4}/);
    expect(got.replaceAll(/[^a]/g, "").length).toBe(50);
  });

  it("weighted takes the capacity where no weight is said", () => {
    const list = [worker("a", 100), worker("b", 300), worker("c", 1_000, 0, 600)];
    expect(counts(ids(deal("weighted", list, 100)))).toEqual(
      new Map([
        ["c", 60],
        ["b", 30],
        ["a", 10],
      ]),
    );
  });

  it("weighted gives no burst to one that was full for long", () => {
    const balancer = createBalancer(never);
    const other = worker("b", 1_000, 0, 1);
    balancer.deal("weighted", [worker("a", 10, 0, 1), other], 2);
    balancer.deal("weighted", [worker("a", 10, 10, 1), other], 500);
    const got = counts(ids(balancer.deal("weighted", [worker("a", 100, 0, 1), other], 20)));
    expect(got.get("a")).toBeLessThanOrEqual(11);
  });

  it("random gives to each in proportion to what is free", () => {
    const list = [worker("a", 10), worker("b", 40, 10), worker("c", 60)];
    const balancer = createBalancer(seeded(20_260_701));
    const rounds = 20_000;
    const got = counts(Array.from({ length: rounds }, () => balancer.pick("random", list, "")?.id));
    for (const [id, share] of [
      ["a", 0.1],
      ["b", 0.3],
      ["c", 0.6],
    ] as const) {
      expect((got.get(id) ?? 0) / rounds).toBeCloseTo(share, 1.5);
    }
  });

  it("random counts what it has dealt before", () => {
    // The one that is drawn first is full then; the rest goes to the other.
    const list = [worker("a", 1), worker("b", 3)];
    expect(ids(deal("random", list, 4, () => 0))).toEqual(["a", "b", "b", "b"]);
    expect(ids(deal("random", list, 4, () => 0.999_999)).sort()).toEqual(["a", "b", "b", "b"]);
  });
});

describe("pick", () => {
  it("answers one that has room, or nobody", () => {
    fc.assert(
      fc.property(workers, fc.constantFrom(...balancingStrategies), fc.string(), (list, strategy, key) => {
        const picked = createBalancer(seeded(1)).pick(strategy, list, key);
        if (list.every((one) => free(one) === 0)) expect(picked).toBeNull();
        else expect(picked !== null && free(picked) > 0).toBe(true);
      }),
    );
  });

  const list = Array.from({ length: 8 }, (_, index) => worker(`instance-${index}`, 1_000));
  const keys = Array.from({ length: 4_000 }, (_, index) => `customer-${index}`);
  const placesAmong = (candidates: readonly Candidate[]) => {
    const balancer = createBalancer(never);
    return keys.map((key) => balancer.pick("sticky", candidates, key)?.id);
  };

  it("sticky keeps a key where it is, whoever picks and in whatever order they stand", () => {
    expect(placesAmong(list.toReversed())).toEqual(placesAmong(list));
    expect(placesAmong(list)[0]).toBe("instance-6");
  });

  it("sticky moves only the keys of one that is gone or full, and spreads them over the others", () => {
    const before = placesAmong(list);
    for (const after of [
      placesAmong(list.filter(({ id }) => id !== "instance-3")),
      placesAmong(list.map((one) => (one.id === "instance-3" ? { ...one, load: 1_000 } : one))),
    ]) {
      const moved = after.filter((place, index) => place !== before[index]);
      expect(moved).toHaveLength(before.filter((place) => place === "instance-3").length);
      expect(counts(moved).size).toBe(7);
    }
  });

  it("sticky spreads keys evenly, within five standard deviations of a fair draw", () => {
    const mean = keys.length / list.length;
    const tolerance = 5 * Math.sqrt(mean * (1 - 1 / list.length));
    for (const [, n] of counts(placesAmong(list))) expect(Math.abs(n - mean)).toBeLessThanOrEqual(tolerance);
  });
});
