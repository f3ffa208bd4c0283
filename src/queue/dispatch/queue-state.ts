import { type Balancer, type BalancingStrategy, createBalancer, type Share } from "../../domain/balancing/balancing.ts";
import { type Lane, strategyOf, workerOf } from "../../domain/balancing/dispatch.ts";
import type { Trouble } from "../../domain/retries.ts";
import type { Consumer, TypeSet } from "./consumer.ts";

/** A queue, for those who work it and handle the same types. */
export interface Line {
  readonly queue: string;
  readonly types: TypeSet | null;
  /** Whose tasks are dispatched apart; `null`: those that are in no lane. */
  readonly lane: Lane | null;
  /** Of the lines of one queue and set of types it is the same. */
  readonly consumers: Set<Consumer>;
  readonly balancer: Balancer;
  strategy: BalancingStrategy;
  /** How many tasks may be ready that no claim under way is for. Too many costs an empty claim, too few a task that waits. */
  expected: number;
  /** All that was ever woken for, so that a claim that found nothing cannot hide a task that came meanwhile. */
  woken: number;
  /** Wakes for nobody knows how many. */
  wokenForAny: number;
  /** Whether `max_running` held tasks back. */
  limited: boolean;
  /** How many tasks of the queue have ended, so that a claim that found `max_running` reached cannot hide one that ended meanwhile. */
  ends: number;
  /** When a claim for it last found something, counted over all lines. */
  lastTurn: number;
  /** Claims under way. */
  claims: number;
  /** Claims that fail are tried again without a wake. */
  readonly trouble: Trouble;
}

/** The lines that somebody works: usually one a queue, and one for each set of types where its workers differ. */
export interface Lines {
  of(queue: string): readonly Line[];
  find(queue: string, types: TypeSet | null): Line | undefined;
  /** The lines of a queue and set of types: that of no lane, and one for each lane that was found. */
  alike(queue: string, types: TypeSet | null): readonly Line[];
  /** Adds a line without consumers, of which nobody knows how many tasks are ready. */
  add(queue: string, types: TypeSet | null): Line;
  /** The line of a lane, beside another; a new one if there is none. */
  beside(line: Line, lane: Lane): Line;
  drop(line: Line): void;
  /** A claim for it found something. */
  served(line: Line): void;
  /** A task of the queue ended. Answers the lines that may go on: none, if `max_running` holds none back. */
  ended(queue: string): readonly Line[];
}

const none: readonly Line[] = [];

/** No queue is worked. */
export function createLines(random: () => number, newTrouble: () => Trouble): Lines {
  const lines = new Map<string, readonly Line[]>();
  let turns = 0;

  return {
    of: (queue) => lines.get(queue) ?? none,
    find: (queue, types) => lines.get(queue)?.find((line) => line.lane === null && line.types?.key === types?.key),
    alike: (queue, types) => (lines.get(queue) ?? none).filter((line) => line.types?.key === types?.key),
    add: (queue, types) => put({ queue, types, lane: null, consumers: new Set() }),

    beside(line, lane) {
      const { queue, types, consumers } = line;
      const known = lines.get(queue)?.find((each) => each.lane === lane && each.consumers === consumers);
      if (known !== undefined) return known;
      const added = put({ queue, types, lane, consumers });
      added.strategy = strategyOf(lane) ?? line.strategy;
      return added;
    },

    drop(dropped) {
      const left = lines.get(dropped.queue)?.filter((line) => line !== dropped) ?? none;
      if (left.length === 0) lines.delete(dropped.queue);
      else lines.set(dropped.queue, left);
    },

    served(line) {
      line.lastTurn = ++turns;
    },

    ended(queue) {
      const all = lines.get(queue) ?? none;
      for (const line of all) line.ends++;
      return all.some(({ limited }) => limited) ? all.filter(({ lane, limited }) => lane === null || limited) : none;
    },
  };

  function put(of: Pick<Line, "queue" | "types" | "lane" | "consumers">): Line {
    const line: Line = {
      ...of,
      balancer: createBalancer(random),
      strategy: "least_loaded",
      expected: Number.POSITIVE_INFINITY,
      woken: 0,
      wokenForAny: 0,
      limited: false,
      ends: 0,
      lastTurn: 0,
      claims: 0,
      trouble: newTrouble(),
    };
    lines.set(of.queue, [...(lines.get(of.queue) ?? none), line]);
    return line;
  }
}

/**
 * Lines, the one first that has found nothing for longest: of a queue with several, one does not take from the others for good what
 * `max_running` leaves.
 */
export function byLastTurn(lines: Iterable<Line>): Line[] {
  return [...lines].sort((a, b) => a.lastTurn - b.lastTurn);
}

/** Who may get a line's tasks: of a lane for one worker that one alone. */
export function candidatesOf({ lane, consumers }: Pick<Line, "lane" | "consumers">): Consumer[] {
  const workerId = lane && workerOf(lane);
  return workerId === null ? [...consumers] : [...consumers].filter(({ id }) => id === workerId);
}

/** Counts `n` more tasks of a line as ready; `Infinity`: nobody knows how many. */
export function expectMore(line: Line, n: number): void {
  line.expected += n;
  if (Number.isFinite(n)) line.woken += n;
  else line.wokenForAny++;
}

/** How many tasks the shares are for in all. */
export function sum(shares: readonly Share<Consumer>[]): number {
  return shares.reduce((total, { n }) => total + n, 0);
}
