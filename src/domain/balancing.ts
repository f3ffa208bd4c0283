/** Which of several workers gets the next task. Pure: the caller holds the state and the randomness. */

/** Every strategy, in the order of BalancingStrategy's numbers in the contract, from 1. */
export const balancingStrategies = ["least_loaded", "round_robin", "random"] as const;

/** Which of several candidates is chosen. */
export type BalancingStrategy = (typeof balancingStrategies)[number];

/** Somebody who can take work. */
export interface Candidate {
  /** How many it takes at a time, above 0. */
  readonly capacity: number;
  /** How many it holds or has been promised. */
  readonly load: number;
}

/** A run of consecutive tasks for one candidate. */
export interface Share<C> {
  readonly candidate: C;
  readonly n: number;
}

/**
 * Deals `n` tasks, or as many as there is free capacity for, to the candidates, in the order in which the tasks come.
 *
 * - `least_loaded`: each task goes to the smallest `load / capacity`, counting what was dealt before it; ties to the first.
 * - `round_robin`: one each in turn, from the candidate at `turn` on, passing over the full ones.
 * - `random`: each task to any, with a chance in proportion to its free capacity.
 *
 * @param turn where a round begins: the index after the candidate of the last share of the time before
 * @param random a source of numbers from 0 to below 1
 */
export function deal<C extends Candidate>(
  strategy: BalancingStrategy,
  candidates: readonly C[],
  n: number,
  turn: number,
  random: () => number,
): Share<C>[] {
  const isOpen = (candidate: C) => candidate.load < candidate.capacity;
  const open = candidates.filter(isOpen);
  const only = open[0];
  if (only === undefined || n <= 0) return [];
  if (open.length === 1) return [{ candidate: only, n: Math.min(n, only.capacity - only.load) }];

  const loads = open.map((candidate) => candidate.load);
  // The full ones keep their places in the round: where it begins must not depend on who is full.
  const next = candidates.findIndex((candidate, index) => index >= turn % candidates.length && isOpen(candidate));
  const begin = next === -1 ? 0 : open.indexOf(candidates[next] ?? only);
  const pick = pickers[strategy](open, loads, begin, random);
  const shares: { candidate: C; n: number }[] = [];
  for (let dealt = 0; dealt < n; dealt++) {
    const index = pick();
    const candidate = open[index];
    if (candidate === undefined) break;
    loads[index] = (loads[index] ?? 0) + 1;
    const last = shares.at(-1);
    if (last?.candidate === candidate) last.n++;
    else shares.push({ candidate, n: 1 });
  }
  return shares;
}

/** Makes a function that answers the index of the next candidate by the loads as they are then, or -1 when all are full. */
type Picker = (
  open: readonly Candidate[],
  loads: readonly number[],
  turn: number,
  random: () => number,
) => () => number;

const pickers: Record<BalancingStrategy, Picker> = {
  least_loaded: (open, loads) => () => {
    let best = -1;
    let bestShare = 1;
    open.forEach(({ capacity }, index) => {
      const share = (loads[index] ?? 0) / capacity;
      if (share < bestShare) {
        best = index;
        bestShare = share;
      }
    });
    return best;
  },

  round_robin(open, loads, turn) {
    let next = turn % open.length;
    return () => {
      for (let passed = 0; passed < open.length; passed++) {
        const index = next;
        next = (next + 1) % open.length;
        if ((loads[index] ?? 0) < (open[index]?.capacity ?? 0)) return index;
      }
      return -1;
    };
  },

  random: (open, loads, _turn, random) => () => {
    const free = open.map(({ capacity }, index) => Math.max(capacity - (loads[index] ?? 0), 0));
    let mark = random() * free.reduce((sum, share) => sum + share, 0);
    return free.findIndex((share) => {
      mark -= share;
      return share > 0 && mark < 0;
    });
  },
};
