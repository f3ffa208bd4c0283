/** Turns in proportion to weights, that outlast the single round: who takes part can change from one to the next. */
export interface Rotation {
  /** Begins to give turns among these, by index. The weights are above 0. */
  join<C extends { readonly id: string }>(candidates: readonly C[], weigh: (candidate: C) => number): Turns;
  /** Takes `n` turns back that came to nothing. */
  giveBack(id: string, weight: number, n: number): void;
  /** A candidate is gone. */
  forget(id: string): void;
}

/** Turns among those who take part now. */
export interface Turns {
  /** Answers the index of whose turn it is among those who can take it, and counts the turn; -1 if none can. */
  next(canTake: (index: number) => boolean): number;
}

/** A candidate's place: the turns that it has had, each counted as 1 / weight. */
interface Place {
  at: number;
}

/** What rounding may do to a place, in turns. */
const tolerance = 1e-6;
/** How far behind the others a newcomer begins, in turns: enough that it is never the next one. */
const newcomerLag = 1e-3;
/** The places are moved back to 0 before they are so large that their fractions become inexact. */
const largestPlace = 64;

/**
 * Creates a rotation without turns.
 *
 * Earliest eligible virtual deadline first (Stoica and Abdel-Wahab, Old Dominion University TR-95-22, 1995): a turn moves its
 * candidate on by 1 / weight; those that are not ahead of the weighted average are eligible, and of them the next one is that whose
 * turn would end first. This mixes smoothly: by weights of 5, 1, 1, 1, 1 it gives abacadaea, as nginx's smooth weighted round robin
 * does, and never leaves a candidate a whole turn from its share. Plain stride scheduling gives aaaaabcde. nginx's own
 * bookkeeping was rejected: there a turn changes the sums of all that took part in it, so that one cannot be taken back.
 *
 * A candidate that could not take its turns loses them, but for one: it gets no burst when it has room again. A newcomer begins just
 * behind the average, or one that comes under a new name each time would always be first.
 */
export function createRotation(): Rotation {
  const places = new Map<string, Place>();

  /** Finds or makes the places of a round. */
  function lineUp(ids: readonly string[], steps: readonly number[]): Place[] {
    const known = ids.map((id) => places.get(id));
    let furthest = Number.NEGATIVE_INFINITY;
    for (const [index, place] of known.entries()) {
      if (place !== undefined) furthest = Math.max(furthest, place.at - (steps[index] ?? 0));
    }
    let sum = 0;
    let weights = 0;
    for (const [index, place] of known.entries()) {
      const step = steps[index] ?? 1;
      if (place === undefined) continue;
      // In a round in which all could take part, none is ever further behind.
      if (place.at < furthest - step) place.at = furthest - step;
      sum += place.at / step;
      weights += 1 / step;
    }
    const average = weights === 0 ? 0 : sum / weights;
    const line = known.map((place, index) => {
      if (place !== undefined) return place;
      const newcomer = { at: weights === 0 ? 0 : average + newcomerLag * (steps[index] ?? 1) };
      places.set(ids[index] ?? "", newcomer);
      return newcomer;
    });
    if (average > largestPlace) for (const place of places.values()) place.at -= average;
    return line;
  }

  return {
    join(candidates, weigh) {
      const steps = candidates.map((candidate) => 1 / weigh(candidate));
      const line = lineUp(
        candidates.map(({ id }) => id),
        steps,
      );
      return {
        next(canTake) {
          let sum = 0;
          let weights = 0;
          for (let index = 0; index < line.length; index++) {
            if (!canTake(index)) continue;
            const weight = 1 / (steps[index] ?? 1);
            sum += (line[index]?.at ?? 0) * weight;
            weights += weight;
          }
          const average = sum / weights;
          let best = -1;
          let bestEnd = Number.POSITIVE_INFINITY;
          for (let index = 0; index < line.length; index++) {
            const at = line[index]?.at ?? 0;
            const step = steps[index] ?? 1;
            const isEarlier = at + step < bestEnd - tolerance * step;
            if (isEarlier && at <= average + tolerance * step && canTake(index)) {
              best = index;
              bestEnd = at + step;
            }
          }
          const place = line[best];
          if (place !== undefined) place.at = bestEnd;
          return best;
        },
      };
    },

    giveBack(id, weight, n) {
      const place = places.get(id);
      if (place !== undefined) place.at -= n / weight;
    },

    forget: (id) => void places.delete(id),
  };
}
