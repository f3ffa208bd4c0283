/** How many ranges a doubling has: the bounds of a range are 19 % apart, so that its middle is within a tenth of each value in it. */
const rangesInDoubling = 4;
/** Values up to 2 to this power have ranges of their own; greater ones share the last. */
const mostDoublings = 30;
const rangeCount = rangesInDoubling * mostDoublings + 1;

/**
 * Counts values by ranges that grow with the values, in constant memory: half a kilobyte, whatever comes. Of milliseconds it tells
 * apart 1 ms and 12 days.
 */
export class LogHistogram {
  private readonly counts = new Uint32Array(rangeCount);

  /** Counts a value; less than 1 counts as 1. */
  observe(value: number): void {
    const range = value <= 1 ? 0 : Math.min(Math.ceil(Math.log2(value) * rangesInDoubling), rangeCount - 1);
    this.counts[range] = (this.counts[range] ?? 0) + 1;
  }

  /** Adds what another has counted. */
  add(other: LogHistogram): void {
    for (let range = 0; range < rangeCount; range++) {
      this.counts[range] = (this.counts[range] ?? 0) + (other.counts[range] ?? 0);
    }
  }

  /** The value that this part of all values does not exceed, within a tenth; `null`: nothing was counted. @param part 0 to 1 */
  quantile(part: number): number | null {
    const total = this.counts.reduce((sum, n) => sum + n, 0);
    if (total === 0) return null;
    const rank = Math.max(Math.ceil(part * total), 1);
    let seen = 0;
    let range = -1;
    while (seen < rank) seen += this.counts[++range] ?? 0;
    return range === 0 ? 1 : 2 ** ((range - 0.5) / rangesInDoubling);
  }
}
