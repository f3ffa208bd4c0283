/** How many steps a history has. */
const steps = 60;

/** The points of a line for an SVG: the last step is at the right edge, `most` at the top. A list that is not set is a line of zeros. */
export function linePoints(values: readonly number[], most: number, width: number, height: number): string {
  const padded = values.length === 0 ? new Array<number>(steps).fill(0) : values;
  const between = width / Math.max(1, padded.length - 1);
  // A line at the very edge would be cut in half.
  const room = height - 4;
  return padded.map((n, at) => `${round(at * between)},${round(2 + room - (n / most) * room)}`).join(" ");
}

/** The sum of a history. */
export function totalOf(values: readonly number[] = []): number {
  return values.reduce((sum, n) => sum + n, 0);
}

function round(n: number): number {
  return Math.round(n * 10) / 10;
}
