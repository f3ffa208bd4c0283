/** What the order looks at of a step. */
export interface CompensationCandidate {
  /** The numbers of the steps that it depends on; they lead nowhere in a circle. */
  readonly dependsOn: readonly number[];
  /** Its place among the completed ones, greater the later; `null`: it is not completed, or nothing undoes it. */
  readonly completed: number | null;
}

/**
 * The numbers of the steps to undo, in order: each before all that it depends on, and else the one first that was completed last.
 */
export function compensationOrder(steps: readonly CompensationCandidate[]): number[] {
  const ranks = new Map<number, Rank>();
  /** A step is at least as late as what it depends on, whatever was noted of its completion, and deeper. */
  function rank(number: number): Rank {
    const known = ranks.get(number);
    if (known !== undefined) return known;
    const step = steps[number];
    const before = (step?.dependsOn ?? []).map(rank);
    const found = {
      completed: Math.max(step?.completed ?? 0, ...before.map(({ completed }) => completed)),
      depth: Math.max(0, ...before.map(({ depth }) => depth + 1)),
    };
    ranks.set(number, found);
    return found;
  }
  return steps
    .flatMap(({ completed }, number) => (completed === null ? [] : [{ number, ...rank(number) }]))
    .sort((a, b) => b.completed - a.completed || b.depth - a.depth || b.number - a.number)
    .map(({ number }) => number);
}

interface Rank {
  readonly completed: number;
  readonly depth: number;
}
