/** A source of numbers from 0 (inclusive) to 1 (exclusive). Every part is handed one, so that tests deal the cards. */
export type Random = () => number;

/** The machine's. Good for jitter and balancing; nothing secret comes of it. */
export const systemRandom: Random = () => Math.random();
