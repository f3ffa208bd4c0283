import { type BalancingStrategy, deal } from "../domain/balancing.ts";
import type { Clock } from "../domain/clock.ts";
import type { ClaimedTask } from "../domain/task.ts";
import type { Store } from "../store/store.ts";

/** Somebody who takes tasks as they come: a worker's stream, or one who waits in ClaimTasks. */
export interface Consumer {
  readonly workerId: string;
  readonly queues: readonly string[];
  /** How many it takes at a time now; 0: none. */
  readonly capacity: number;
  /** How many it holds, and how many have been promised to it. */
  readonly load: number;
  /** How long the leases are that only ExtendLease prolongs, in milliseconds; `null`: its stream keeps them alive. */
  readonly leaseMs: number | null;
  /** Counts `n` more as promised. */
  reserve(n: number): void;
  /** Takes a promise of `reserved` back, and the tasks that came of it, if any. Durable by now. */
  deliver(tasks: readonly ClaimedTask[], reserved: number): void;
}

/**
 * Brings ready tasks and free workers together. It never polls: it claims when a task comes, when a worker has room, and
 * goes on while claims come back full.
 */
export interface Dispatcher {
  /** Begins to serve a consumer. */
  add(consumer: Consumer): void;
  /** Serves it no more; what was already claimed for it is still delivered to it. */
  remove(consumer: Consumer): void;
  /**
   * A queue may have `n` more tasks ready; `Infinity`: nobody knows how many. Call it before the store is asked to put them
   * there: the claim then shares its commit.
   */
  wake(queue: string, n: number): void;
  /** Any queue may have tasks ready. */
  wakeAll(): void;
  /** A consumer has room. Call it before the store is asked to settle what made the room. */
  freed(consumer: Consumer): void;
  /** A task of the queue ended: one that is held back by `max_running` may go. */
  ended(queue: string): void;
  /** Sets the strategy of a queue. */
  setStrategy(queue: string, strategy: BalancingStrategy): void;
  /** Claims nothing any more. Idempotent. */
  stop(): void;
}

/** What the dispatcher needs. */
export interface DispatcherOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: () => number;
  /** Is told of claims that failed; they are tried again with the next wake. */
  readonly onError: (error: unknown) => void;
}

/** A queue that somebody works. */
interface Line {
  readonly queue: string;
  readonly consumers: Set<Consumer>;
  strategy: BalancingStrategy;
  /** How many tasks may be ready that no claim under way is for. Too many costs an empty claim, too few a task that waits. */
  expected: number;
  /** All that was ever woken for, so that a claim that found nothing cannot hide a task that came meanwhile. */
  woken: number;
  /** Wakes for nobody knows how many. */
  wokenForAny: number;
  /** Whether `max_running` held tasks back. */
  limited: boolean;
  /** Claims under way. */
  claims: number;
  turn: number;
  /** When it was last given a turn: who shares workers with a busy queue is not starved by it. */
  served: number;
}

/** Tasks in one claim. More only make the others wait longer for the same commit. */
const claimTasks = 256;
/** Claims under way for one queue: while one commits, the next is on its way. */
const claimsUnderWay = 4;

/** A dispatcher without consumers. */
export function createDispatcher({ store, clock, random, onError }: DispatcherOptions): Dispatcher {
  const lines = new Map<string, Line>();
  const dirty = new Set<Line>();
  let scheduled = false;
  let stopped = false;
  let turns = 0;

  function touch(line: Line): void {
    if (stopped) return;
    dirty.add(line);
    if (scheduled) return;
    scheduled = true;
    // Before the store sends off this turn's calls, after everything that this turn brings.
    setImmediate(serveDirty);
  }

  function serveDirty(): void {
    scheduled = false;
    const inTurn = [...dirty].sort((a, b) => a.served - b.served);
    dirty.clear();
    if (stopped) return;
    for (const line of inTurn) serve(line);
  }

  function serve(line: Line): void {
    if (line.expected === 0 || line.claims >= claimsUnderWay) return;
    // As many as are expected: room that one claim holds for nothing is room that the next task would have to wait for.
    const n = Math.min(line.expected, claimTasks);
    const consumers = [...line.consumers];
    const shares = deal(line.strategy, consumers, n, line.turn, random);
    const first = shares[0]?.candidate;
    if (first === undefined) return;
    // Leases of one claim are of one kind and length; the others get the next claim.
    const alike = shares.filter(({ candidate }) => candidate.leaseMs === first.leaseMs);
    line.turn = consumers.indexOf(alike.at(-1)?.candidate ?? first) + 1;
    line.served = ++turns;
    for (const share of alike) {
      share.candidate.reserve(share.n);
      line.expected -= share.n;
    }
    void claim(line, alike, first.leaseMs);
    if (alike.length < shares.length) serve(line);
  }

  async function claim(line: Line, shares: readonly { candidate: Consumer; n: number }[], leaseMs: number | null) {
    const { woken, wokenForAny } = line;
    line.claims++;
    const nowMs = clock.now();
    const slots = shares.map(({ candidate, n }) => ({ workerId: candidate.workerId, n }));
    const asked = slots.reduce((sum, { n }) => sum + n, 0);
    let tasks: readonly ClaimedTask[] = [];
    try {
      const plan = { queue: line.queue, slots, leaseUntilMs: leaseMs === null ? null : nowMs + leaseMs };
      const answer = await store.claim(plan, nowMs);
      tasks = answer.tasks;
      line.limited = answer.short === "max_running";
      if (answer.short === "cut") line.expected = Number.POSITIVE_INFINITY;
      else if (answer.short !== null && line.wokenForAny === wokenForAny) line.expected = line.woken - woken;
    } catch (error) {
      line.expected += asked;
      onError(error);
      return deliver(shares, []);
    } finally {
      line.claims--;
    }
    deliver(shares, tasks);
    if (line.expected > 0) touch(line);
    // Room that this claim had been promised may serve another queue.
    if (tasks.length < asked) for (const { candidate } of shares) freed(candidate);
  }

  /** Hands each its part: shares are filled in order, and one consumer can have several. */
  function deliver(shares: readonly { candidate: Consumer; n: number }[], tasks: readonly ClaimedTask[]): void {
    const parts = new Map<Consumer, { tasks: ClaimedTask[]; reserved: number }>();
    let next = 0;
    for (const { candidate, n } of shares) {
      const part = parts.get(candidate) ?? { tasks: [], reserved: 0 };
      part.tasks.push(...tasks.slice(next, next + n));
      part.reserved += n;
      parts.set(candidate, part);
      next += n;
    }
    for (const [consumer, part] of parts) consumer.deliver(part.tasks, part.reserved);
  }

  function freed(consumer: Consumer): void {
    for (const queue of consumer.queues) {
      const line = lines.get(queue);
      if (line !== undefined && line.expected > 0) touch(line);
    }
  }

  function lineFor(queue: string): Line {
    const known = lines.get(queue);
    if (known !== undefined) return known;
    const line: Line = {
      queue,
      consumers: new Set(),
      strategy: "least_loaded",
      expected: Number.POSITIVE_INFINITY,
      woken: 0,
      wokenForAny: 0,
      limited: false,
      claims: 0,
      turn: 0,
      served: 0,
    };
    lines.set(queue, line);
    store.getQueue(queue).then((found) => {
      if (found !== null) line.strategy = found.strategy;
    }, onError);
    return line;
  }

  function wake(queue: string, n: number): void {
    const line = lines.get(queue);
    if (line === undefined) return;
    line.expected += n;
    if (Number.isFinite(n)) line.woken += n;
    else line.wokenForAny++;
    touch(line);
  }

  return {
    add(consumer) {
      for (const queue of consumer.queues) {
        const line = lineFor(queue);
        line.consumers.add(consumer);
        touch(line);
      }
    },

    remove(consumer) {
      for (const queue of consumer.queues) {
        const line = lines.get(queue);
        line?.consumers.delete(consumer);
        if (line?.consumers.size === 0) lines.delete(queue);
      }
    },

    wake,
    freed,

    wakeAll() {
      for (const queue of lines.keys()) wake(queue, Number.POSITIVE_INFINITY);
    },

    ended(queue) {
      if (lines.get(queue)?.limited) wake(queue, Number.POSITIVE_INFINITY);
    },

    setStrategy(queue, strategy) {
      const line = lines.get(queue);
      if (line !== undefined) line.strategy = strategy;
    },

    stop() {
      stopped = true;
      dirty.clear();
    },
  };
}
