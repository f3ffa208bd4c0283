/** What the order looks at of a step. */
export interface UndoCandidate {
  /** The numbers of the steps that it depends on; they lead nowhere in a circle. */
  readonly dependsOn: readonly number[];
  /** When it was completed; `null`: it was not, or nothing undoes it. */
  readonly completeMs: number | null;
}

/**
 * The numbers of the steps to undo, in order: the newest first; of those completed in the same moment, those that depend on
 * others before what they depend on.
 */
export function undoOrder(steps: readonly UndoCandidate[]): number[] {
  const depths = new Map<number, number>();
  function depth(number: number): number {
    const known = depths.get(number);
    if (known !== undefined) return known;
    const found = Math.max(0, ...(steps[number]?.dependsOn ?? []).map((each) => depth(each) + 1));
    depths.set(number, found);
    return found;
  }
  const completed = steps.flatMap(({ completeMs }, number) => (completeMs === null ? [] : [{ number, completeMs }]));
  return completed
    .sort((a, b) => b.completeMs - a.completeMs || depth(b.number) - depth(a.number) || b.number - a.number)
    .map(({ number }) => number);
}
