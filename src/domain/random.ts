/** A source of numbers from 0 (inclusive) to 1 (exclusive). Every part is given one, so that tests choose the numbers. */
export type Random = () => number;

/** The machine's random numbers: for jitter and balancing, never for secrets. */
export const systemRandom: Random = () => Math.random();
