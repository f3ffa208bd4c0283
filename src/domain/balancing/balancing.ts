/**
 * Which of several workers gets the next task, and which of several instances the next call. A balancer holds the little that
 * has to be remembered from one choice to the next; randomness is handed in.
 */

import { createRotation, type Rotation } from "./rotation.ts";
import { createStickiness, type Stickiness } from "./stickiness.ts";

/** Every strategy. */
export const balancingStrategies = ["least_loaded", "round_robin", "random", "weighted", "sticky"] as const;

/** Which of several candidates is chosen. */
export type BalancingStrategy = (typeof balancingStrategies)[number];

/** The strategies that need to know nothing of what is dealt. */
export type DealingStrategy = Exclude<BalancingStrategy, "sticky">;

/** A candidate for work: a worker or an instance. */
export interface Candidate {
  /** Its name, the same from one choice to the next. */
  readonly id: string;
  /** How many it takes at a time; 0: none. */
  readonly capacity: number;
  /** How many it holds or has been promised. */
  readonly load: number;
  /** Its share under `weighted`, relative to the others'; 0: its capacity. */
  readonly weight: number;
}

/** A run of consecutive tasks for one candidate. */
export interface Share<C> {
  readonly candidate: C;
  readonly n: number;
}

/** Chooses among the candidates of one queue or service. */
export interface Balancer {
  /**
   * Deals `n` tasks, or as many as there is free capacity for, to the candidates, in the order in which the tasks come.
   *
   * - `least_loaded`: each task goes to the smallest `load / capacity`, counting what was dealt before it; ties to each in turn.
   * - `round_robin`: one each in turn, passing over the full ones.
   * - `random`: each task to any, with a chance in proportion to its free capacity.
   * - `weighted`: in proportion to the weights, smoothly mixed, passing over the full ones.
   */
  deal<C extends Candidate>(strategy: DealingStrategy, candidates: readonly C[], n: number): Share<C>[];
  /**
   * Chooses one that has room; `null` if none has. Under `sticky` it is the same one for the same key as long as it is among the
   * candidates and has room; the other strategies ignore the key.
   *
   * @param candidates a list that is never changed in place
   */
  pick<C extends Candidate>(strategy: BalancingStrategy, candidates: readonly C[], key: string): C | null;
  /** Of what was dealt to a candidate, `n` came to nothing: the turns are still its own. */
  undeal(strategy: BalancingStrategy, candidate: Candidate, n: number): void;
  /** A candidate is gone: it comes back as a newcomer. */
  forget(id: string): void;
}

/** What the strategies remember. */
interface Memory {
  readonly random: () => number;
  /** Everyone's turn counts the same. */
  readonly turns: Rotation;
  /** Turns by weight. */
  readonly weights: Rotation;
  /** Where the next search among equals begins. */
  first: number;
}

/** Makes a function that answers the index of the next candidate by the loads as they are then, or -1 when all are full. */
type Picker = (open: readonly Candidate[], loads: readonly number[], memory: Memory) => () => number;

/**
 * Creates a balancer.
 *
 * @param random a source of numbers from 0 to below 1
 */
export function createBalancer(random: () => number): Balancer {
  const memory: Memory = { random, turns: createRotation(), weights: createRotation(), first: 0 };

  function deal<C extends Candidate>(strategy: DealingStrategy, candidates: readonly C[], n: number): Share<C>[] {
    const open = candidates.filter(hasRoom);
    const only = open[0];
    if (only === undefined || n <= 0) return [];
    // With turns, those of a candidate that is alone for a while count too.
    const takesTurns = strategy === "round_robin" || strategy === "weighted";
    if ((takesTurns ? candidates : open).length === 1) {
      return [{ candidate: only, n: Math.min(n, only.capacity - only.load) }];
    }

    const loads = open.map((candidate) => candidate.load);
    const next = pickers[strategy](open, loads, memory);
    const shares: { candidate: C; n: number }[] = [];
    for (let dealt = 0; dealt < n; dealt++) {
      const index = next();
      const candidate = open[index];
      if (candidate === undefined) break;
      loads[index] = (loads[index] ?? 0) + 1;
      const last = shares.at(-1);
      if (last?.candidate === candidate) last.n++;
      else shares.push({ candidate, n: 1 });
    }
    return shares;
  }

  /** Hashing 1,000 ids costs more than all the rest of a pick: the same list is not hashed again. */
  const known = new WeakMap<readonly Candidate[], Stickiness>();
  function stickinessOf(candidates: readonly Candidate[]): Stickiness {
    const stickiness = known.get(candidates) ?? createStickiness(candidates.map(({ id }) => id));
    known.set(candidates, stickiness);
    return stickiness;
  }

  return {
    deal,

    pick(strategy, candidates, key) {
      if (strategy !== "sticky") return deal(strategy, candidates, 1)[0]?.candidate ?? null;
      const index = stickinessOf(candidates).indexFor(key, (at) => hasRoom(candidates[at] ?? noCandidate));
      return candidates[index] ?? null;
    },

    undeal(strategy, candidate, n) {
      if (strategy === "round_robin") memory.turns.giveBack(candidate.id, 1, n);
      if (strategy === "weighted") memory.weights.giveBack(candidate.id, weightOf(candidate), n);
    },

    forget(id) {
      memory.turns.forget(id);
      memory.weights.forget(id);
    },
  };
}

const noCandidate: Candidate = { id: "", capacity: 0, load: 0, weight: 0 };

/** Whether a candidate takes one more. */
export function hasRoom(candidate: Candidate): boolean {
  return candidate.load < candidate.capacity;
}

const pickers: Record<DealingStrategy, Picker> = {
  least_loaded(open, loads, memory) {
    // Idle candidates are all equal: without a turn the first of them would do everything.
    const first = memory.first++ % open.length;
    return () => {
      let best = -1;
      let bestShare = 1;
      for (let passed = 0, index = first; passed < open.length; passed++) {
        const share = (loads[index] ?? 0) / (open[index]?.capacity ?? 1);
        if (share < bestShare) {
          best = index;
          bestShare = share;
        }
        index = index + 1 === open.length ? 0 : index + 1;
      }
      return best;
    };
  },

  round_robin: (open, loads, { turns }) => inTurn(open, loads, turns, () => 1),
  weighted: (open, loads, { weights }) => inTurn(open, loads, weights, weightOf),

  random(open, loads, { random }) {
    const free = open.map(({ capacity }, index) => capacity - (loads[index] ?? 0));
    let total = free.reduce((sum, room) => sum + room, 0);
    return () => {
      let mark = random() * total;
      const index = free.findIndex((room) => {
        mark -= room;
        return mark < 0;
      });
      if (index === -1) return -1;
      free[index] = (free[index] ?? 0) - 1;
      total--;
      return index;
    };
  },
};

function weightOf({ weight, capacity }: Candidate): number {
  return weight || Math.max(capacity, 1);
}

function inTurn(
  open: readonly Candidate[],
  loads: readonly number[],
  rotation: Rotation,
  weigh: (candidate: Candidate) => number,
): () => number {
  const round = rotation.join(open, weigh);
  return () => round.next((index) => (loads[index] ?? 0) < (open[index]?.capacity ?? 0));
}
