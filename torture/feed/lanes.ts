/** How events of the feed torture are named: each lane of a writer numbers its own from 0. */

/** How many events the calls of each lane of a writer store: of one at a time up to as many as a call takes. */
export const laneSizes = [1, 7, 60, 400] as const;

/** The id of an event. */
export function eventIdOf(lane: number, number: number): string {
  return `${lane}-${number}`;
}

/** The lane and the number of an id. @throws if it is not one of `eventIdOf` */
export function placeOfEvent(id: string): { readonly lane: number; readonly number: number } {
  const [lane = -1, number = -1] = id.split("-").map(Number);
  if (!(lane in laneSizes) || !Number.isSafeInteger(number)) throw new Error(`no event of a lane: ${id}`);
  return { lane, number };
}
