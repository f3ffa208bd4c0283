import type { Clock } from "./clock.ts";

/** Sends one change to many receivers, piece by piece. Each piece answers its cost in units; 1 is a small message to one receiver. */
export type FanOutRound = () => Iterator<number, void>;

/**
 * Sends changes to their watchers without holding up other work, however many watch: a bounded number of pieces in one turn of the
 * event loop, and after a round a rest in proportion to its cost. What changes meanwhile is sent together in the next round. A few
 * receivers get everything at the end of the turn in which it happened.
 */
export interface FanOut {
  /** Runs `round` soon: once, however often it is asked for before it begins. */
  due(round: FanOutRound): void;
}

/** A unit takes about 10 µs, what the connections do with it included: a turn of 1 ms. */
const unitsPerTurn = 100;
/** At most a fifth of one core: 2,000 followers are notified ten times a second. In milliseconds. */
const restPerUnitMs = 0.05;
/** Below it a timer would be the longer wait. */
const leastRestMs = 2;
const mostRestMs = 1_000;

/** Creates a fan-out; `nextTurn` calls back in a later turn of the event loop. */
export function createFanOut(
  clock: Pick<Clock, "after">,
  nextTurn: (action: () => void) => void = setImmediate,
): FanOut {
  const due = new Set<FanOutRound>();
  let busy = false;

  function begin(): void {
    const rounds = [...due];
    due.clear();
    go(pieces(rounds), 0);
  }

  function go(steps: Iterator<number, void>, before: number): void {
    let units = 0;
    while (units < unitsPerTurn) {
      const { done, value } = steps.next();
      if (done) {
        rest(before + units);
        return;
      }
      units += value;
    }
    nextTurn(() => go(steps, before + units));
  }

  function rest(units: number): void {
    const restMs = Math.min(units * restPerUnitMs, mostRestMs);
    if (restMs < leastRestMs) next();
    else clock.after(restMs, next);
  }

  function next(): void {
    busy = due.size > 0;
    if (busy) nextTurn(begin);
  }

  return {
    due(round) {
      due.add(round);
      if (busy) return;
      busy = true;
      nextTurn(begin);
    },
  };
}

function* pieces(rounds: readonly FanOutRound[]): Generator<number, void> {
  for (const round of rounds) yield* { [Symbol.iterator]: round };
}
