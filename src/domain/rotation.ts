/** Turns in proportion to weights, that outlast the single round: who takes part can change from one to the next. */
export interface Rotation {
  /** Begins to give turns among these, by index. The weights are above 0. */
  join<C extends { readonly id: string }>(candidates: readonly C[], weigh: (candidate: C) => number): Turns;
  /** Takes `n` turns back that came to nothing. */
  giveBack(id: string, weight: number, n: number): void;
  /** Somebody is gone. */
  forget(id: string): void;
}

/** Turns among those who take part now. */
export interface Turns {
  /** Answers the index of whose turn it is among those who can take it, and counts the turn; -1 if nobody can. */
  next(canTake: (index: number) => boolean): number;
}

/**
 * A rotation in which nobody has had a turn.
 *
 * Stride scheduling (Waldspurger and Weihl, MIT/LCS/TM-528, 1995): everyone has a place on a line, whoever is furthest back
 * is next, and a turn moves it on by 1 / weight. Whoever could not take its turns loses them: it goes on from where the round
 * is, so that one who was full for an hour is not given everything in the next one. A newcomer begins as if
 * it had just had a turn, or somebody who comes under a new name each time would always be first.
 */
export function createRotation(): Rotation {
  const places = new Map<string, number>();
  /** Where the one stood that had the last turn. */
  let round = 0;

  return {
    join(candidates, weigh) {
      const line = candidates.map((candidate) => {
        const place = places.get(candidate.id);
        if (place !== undefined) return place < round ? round : place;
        const behind = round + 1 / weigh(candidate);
        places.set(candidate.id, behind);
        return behind;
      });
      return {
        next(canTake) {
          let best = -1;
          let bestPlace = Number.POSITIVE_INFINITY;
          for (let index = 0; index < line.length; index++) {
            const place = line[index] ?? 0;
            if (place < bestPlace && canTake(index)) {
              best = index;
              bestPlace = place;
            }
          }
          const candidate = candidates[best];
          if (candidate === undefined) return -1;
          round = Math.max(round, bestPlace);
          const moved = round + 1 / weigh(candidate);
          line[best] = moved;
          places.set(candidate.id, moved);
          return best;
        },
      };
    },

    giveBack(id, weight, n) {
      const place = places.get(id);
      if (place === undefined) return;
      const before = place - n / weight;
      places.set(id, before);
      round = Math.min(round, before);
    },

    forget: (id) => void places.delete(id),
  };
}
