/** How many letters may be wrong, missing or too many. */
const farthest = 2;
/** What is shorter stands in too many names by chance. */
const shortestPart = 3;

/**
 * The name that was probably meant: the one that differs in letter case, `_` and `-` alone, the only one that holds the wrong name or
 * is held by it, or the one with the fewest wrong letters. `undefined`: none is near.
 */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = bare(name);
  const same = known.find((each) => bare(each) === wanted);
  if (same !== undefined || wanted === "") return same;
  const held = known.filter((each) => holds(bare(each), wanted) || holds(wanted, bare(each)));
  if (held.length === 1) return held[0];
  const byDistance = known.map((each) => ({ each, distance: distanceOf(wanted, bare(each)) }));
  const [first] = byDistance.sort((a, b) => a.distance - b.distance);
  return first !== undefined && first.distance <= Math.min(farthest, wanted.length / 2) ? first.each : undefined;
}

function holds(whole: string, part: string): boolean {
  return part.length >= shortestPart && whole.includes(part);
}

function bare(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, "");
}

/** The Levenshtein distance: https://en.wikipedia.org/wiki/Levenshtein_distance. */
function distanceOf(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      const changed = (above[column - 1] ?? 0) + (one[row - 1] === other[column - 1] ? 0 : 1);
      current.push(Math.min(changed, (above[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    above = current;
  }
  return above[other.length] ?? 0;
}
