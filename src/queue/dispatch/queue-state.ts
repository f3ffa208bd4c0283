import { type Balancer, type BalancingStrategy, createBalancer, type Share } from "../../domain/balancing/balancing.ts";
import { type Lane, strategyOf, workerOf } from "../../domain/balancing/dispatch.ts";
import type { Trouble } from "../../domain/retries.ts";
import { type Consumer, giveBackAhead, type TypeSet } from "./consumer.ts";

/** What the dispatcher knows of a queue, for the workers that handle the same types. */
export interface QueueState {
  readonly queue: string;
  readonly types: TypeSet | null;
  /** Whose tasks are dispatched apart; `null`: those that are in no lane. */
  readonly lane: Lane | null;
  /** The same set in all states of one queue and set of types. */
  readonly consumers: Set<Consumer>;
  readonly balancer: Balancer;
  /** `null`: it was not read yet, and nothing is claimed until then: tasks that stick to workers would go anywhere. */
  strategy: BalancingStrategy | null;
  /** How many tasks may be ready that no running claim is for. Too many costs an empty claim, too few a task that waits. */
  expected: number;
  /** All that was ever woken for, so that a claim that found nothing cannot hide a task that came meanwhile. */
  woken: number;
  /** Wakes for an unknown number. */
  wokenForAny: number;
  /** Whether `max_running` held tasks back. */
  limited: boolean;
  /** Set: the last claim left tasks in line for workers at other servers. These of its own had no room then: the tasks may stick to them. */
  left: ReadonlySet<Consumer> | null;
  /** How many tasks of the queue have ended, so that a claim that found `max_running` reached cannot hide one that ended meanwhile. */
  ends: number;
  /** How often the settings of the queue may have changed, so that a claim that ran meanwhile leaves nothing ahead. */
  changes: number;
  /** When a claim for it last found something, counted over all states. */
  lastTurn: number;
  /** Running claims. */
  claims: number;
  /** Claims that fail are tried again without a wake. */
  readonly trouble: Trouble;
}

const none: readonly QueueState[] = [];
/** Of how many queues the strategies are kept. */
const mostQueues = 10_000;

/**
 * The states of the queues that have workers: usually one a queue, one for each set of types where its workers differ, and one
 * for each lane that was found.
 */
export class QueueStates {
  private readonly random: () => number;
  private readonly newTrouble: () => Trouble;
  /** By queue. The lists are never changed in place: a loop over one may add and drop states. */
  private readonly byQueue = new Map<string, readonly QueueState[]>();
  /** Those of the queues that had workers: those of the next ones need not wait until it is read again. */
  private readonly strategies = new Map<string, BalancingStrategy>();
  /** Turns that were counted, over all states. */
  private turns = 0;

  /** Creates an empty collection. */
  constructor(random: () => number, newTrouble: () => Trouble) {
    this.random = random;
    this.newTrouble = newTrouble;
  }

  of(queue: string): readonly QueueState[] {
    return this.byQueue.get(queue) ?? none;
  }

  /** All of them. */
  all(): QueueState[] {
    return [...this.byQueue.values()].flat();
  }

  /** The state of a queue and set of types that is of no lane. */
  find(queue: string, types: TypeSet | null): QueueState | undefined {
    return this.of(queue).find((state) => state.lane === null && state.types?.key === types?.key);
  }

  /** The states of a queue and set of types: that of no lane, and one for each lane that was found. */
  alike(queue: string, types: TypeSet | null): readonly QueueState[] {
    return this.of(queue).filter((state) => state.types?.key === types?.key);
  }

  /** Adds a state without consumers; how many tasks are ready is unknown. */
  add(queue: string, types: TypeSet | null): QueueState {
    return this.put({ queue, types, lane: null, consumers: new Set() });
  }

  /** The state of a lane, beside another; a new one if there is none. */
  beside(state: QueueState, lane: Lane): QueueState {
    const { queue, types, consumers } = state;
    const known = this.of(queue).find((each) => each.lane === lane && each.consumers === consumers);
    if (known !== undefined) return known;
    const added = this.put({ queue, types, lane, consumers });
    // Of a lane for one worker there is nothing to choose.
    added.strategy = strategyOf(lane) ?? "least_loaded";
    return added;
  }

  /**
   * Sets the strategy of a queue, of which other settings may have changed too: where it was paused, what was claimed ahead must not be handed
   * out any more. Answers the states that go by the strategy.
   */
  settingsChanged(queue: string, strategy: BalancingStrategy): readonly QueueState[] {
    for (const state of this.of(queue)) {
      state.changes++;
      giveBackAhead(state.consumers);
    }
    const [oldest] = this.strategies.keys();
    if (this.strategies.size >= mostQueues && oldest !== undefined) this.strategies.delete(oldest);
    this.strategies.set(queue, strategy);
    const all = this.of(queue).filter(({ lane }) => lane === null);
    for (const state of all) state.strategy = strategy;
    return all;
  }

  drop(dropped: QueueState): void {
    const left = this.of(dropped.queue).filter((state) => state !== dropped);
    if (left.length === 0) this.byQueue.delete(dropped.queue);
    else this.byQueue.set(dropped.queue, left);
  }

  /** Counts a turn of a state: a claim for it found something. */
  served(state: QueueState): void {
    state.lastTurn = ++this.turns;
  }

  /** A task of the queue ended. Answers the states that may go on: none, if `max_running` holds none back. */
  ended(queue: string): readonly QueueState[] {
    const all = this.of(queue);
    let isLimited = false;
    for (const state of all) {
      state.ends++;
      isLimited ||= state.limited;
    }
    return isLimited ? all.filter(({ lane, limited }) => lane === null || limited) : none;
  }

  private put(of: Pick<QueueState, "queue" | "types" | "lane" | "consumers">): QueueState {
    const state: QueueState = {
      ...of,
      balancer: createBalancer(this.random),
      strategy: this.strategies.get(of.queue) ?? null,
      expected: Number.POSITIVE_INFINITY,
      woken: 0,
      wokenForAny: 0,
      limited: false,
      left: null,
      ends: 0,
      changes: 0,
      lastTurn: 0,
      claims: 0,
      trouble: this.newTrouble(),
    };
    this.byQueue.set(of.queue, [...this.of(of.queue), state]);
    return state;
  }
}

/**
 * States, the one first that has found nothing for longest: of a queue with several, one does not take from the others for good
 * what `max_running` leaves.
 */
export function byLastTurn(states: Iterable<QueueState>): QueueState[] {
  return [...states].sort((a, b) => a.lastTurn - b.lastTurn);
}

/** The consumers that may get a state's tasks: of a lane for one worker that one alone. */
export function candidatesOf({ lane, consumers }: Pick<QueueState, "lane" | "consumers">): Consumer[] {
  const workerId = lane && workerOf(lane);
  return workerId === null ? [...consumers] : [...consumers].filter(({ id }) => id === workerId);
}

/** Counts `n` more tasks as ready; `Infinity`: an unknown number. */
export function expectMore(state: QueueState, n: number): void {
  state.expected += n;
  if (Number.isFinite(n)) state.woken += n;
  else state.wokenForAny++;
}

/** Counts what was left for workers at other servers as ready. */
export function expectLeft(state: QueueState): void {
  state.left = null;
  state.expected = Number.POSITIVE_INFINITY;
}

/** How many tasks the shares are for in all. */
export function sum(shares: readonly Share<Consumer>[]): number {
  return shares.reduce((total, { n }) => total + n, 0);
}
