/** A place in the line of a queue. */
export interface Place {
  readonly priority: number;
  readonly ready_key: number;
}

/**
 * Where claims go on in a line: what is claimed stays in it until its lease is written, and without a front each claim would walk
 * over all that runs. Behind it no lease is open, and what stands before it claims of these types cannot take.
 */
export interface LineFront extends Place {
  /** The task that stands there: several can be due at one moment, and then have one place. */
  readonly id: number;
  /** As `typesKey` says. */
  readonly types: string;
  /** Tasks of other types stand before it. */
  readonly hasPassed: boolean;
}

/** The name of the types that a claim takes; not set: all. */
export function typesKey(types: readonly string[] | undefined): string {
  return types === undefined ? "" : types.join(" ");
}

/** Orders places: the first one comes first in line. */
export function byPlace(a: Place, b: Place): number {
  return b.priority - a.priority || a.ready_key - b.ready_key;
}

/** The front once a task has become PENDING at this place, or somewhere: `null` if it may stand before the front. */
export function frontAfter(front: LineFront | null, place: Place | undefined): LineFront | null {
  return front !== null && place !== undefined && byPlace(place, front) > 0 ? front : null;
}
