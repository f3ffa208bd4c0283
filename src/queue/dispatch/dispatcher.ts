import { type BalancingStrategy, hasRoom, type Share } from "../../domain/balancing/balancing.ts";
import { type Lane, workerOf } from "../../domain/balancing/dispatch.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Retries } from "../../domain/retries.ts";
import type { WaitGroup } from "../../domain/wait-group.ts";
import type { ClaimPlan } from "../../store/claim-plan.ts";
import type { Store } from "../../store/store.ts";
import { type Consumer, deliver, type TypeSet } from "./consumer.ts";
import { byLastTurn, candidatesOf, createLines, expectMore, type Line, sum } from "./queue-state.ts";
import type { QueueTurns } from "./queue-turns.ts";
import type { Claimed, TaskClaimer } from "./task-claimer.ts";

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
   * there: the claim then shares its commit. `type`: what they all are, if that is known.
   */
  wake(queue: string, n: number, type?: string): void;
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
  readonly claimer: TaskClaimer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly turns: QueueTurns;
  /** Knows each claim until what it found is delivered. */
  readonly pending: WaitGroup;
  readonly retries: Retries;
}

/**
 * Tasks in one claim, over all workers: with fewer, each of many workers gets its part in small messages. More only make the
 * others wait longer for the same commit.
 */
const claimTasks = 512;
/** Claims under way for one queue: while one commits, the next is on its way. */
const claimsUnderWay = 4;

/** A dispatcher without consumers. */
export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { store, claimer, clock, random, turns, pending, retries } = options;
  const lines = createLines(random, () => retries.trouble("claiming tasks for waiting workers"));
  /** Queues whose last claim found lanes. */
  const withLanes = new Set<string>();
  const dirty = new Set<Line>();
  let scheduled = false;
  let stopped = false;

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
    const inTurn = turns.inTurn(byLastTurn(dirty), ({ queue }) => queue);
    dirty.clear();
    if (stopped) return;
    for (const line of inTurn) serve(line);
  }

  function serve(line: Line): void {
    if (line.expected === 0 || line.claims >= claimsUnderWay) return;
    // As many as are expected: room that one claim holds for nothing is room that the next task would have to wait for.
    const n = Math.min(line.expected, claimTasks);
    if (line.strategy === "sticky") {
      serveSticky(line, n);
      return;
    }
    const shares = line.balancer.deal(line.strategy, candidatesOf(line), n);
    const first = shares[0]?.candidate;
    if (first === undefined) return;
    // Leases of one claim are of one kind and length; the others get the next claim.
    const alike = shares.filter(({ candidate }) => candidate.leaseMs === first.leaseMs);
    promise(line, alike, sum(alike), first.leaseMs);
    if (alike.length < shares.length) serve(line);
  }

  /** Offers all the room that there is: which worker a task sticks to shows only when it is read. */
  function serveSticky(line: Line, n: number): void {
    // Beside another claim, which holds room for keys that do not come, others would look full.
    if (line.claims > 0) return;
    const open = candidatesOf(line).filter(hasRoom);
    // Whoever waits in ClaimTasks comes after the streams.
    const first = open.find(({ leaseMs }) => leaseMs === null) ?? open[0];
    if (first === undefined) return;
    const shares = open
      .filter(({ leaseMs }) => leaseMs === first.leaseMs)
      .map((candidate) => ({ candidate, n: Math.min(candidate.capacity - candidate.load, n) }));
    promise(line, shares, Math.min(sum(shares), n), first.leaseMs, { most: n });
  }

  /** Claims `asked` tasks for the shares. */
  function promise(
    line: Line,
    shares: readonly Share<Consumer>[],
    asked: number,
    leaseMs: number | null,
    sticky?: { readonly most: number },
  ): void {
    turns.take(line.queue);
    line.expected -= asked;
    for (const { candidate, n } of shares) candidate.reserve(n);
    const slots = shares.map(({ candidate, n }) => ({ workerId: candidate.id, n }));
    const leaseUntilMs = leaseMs === null ? null : clock.now() + leaseMs;
    const types = line.types && { types: line.types.types };
    const lane = line.lane === null ? null : { lane: line.lane };
    const plan = { queue: line.queue, slots, leaseUntilMs, ...types, ...lane, ...(sticky && { sticky }) };
    void pending.track(claim(line, shares, asked, plan));
  }

  async function claim(line: Line, shares: readonly Share<Consumer>[], asked: number, plan: ClaimPlan): Promise<void> {
    const { woken, wokenForAny, ends, strategy, balancer } = line;
    const undeal = (consumer: Consumer, n: number) => balancer.undeal(strategy, consumer, n);
    line.claims++;
    let answer: Claimed = { tasks: [], late: [], short: null };
    try {
      answer = await claimer.claim(plan, clock.now());
      line.limited = answer.short === "max_running";
      if (answer.short === "cut" || (line.limited && line.ends !== ends)) line.expected = Number.POSITIVE_INFINITY;
      else if (answer.short !== null && line.wokenForAny === wokenForAny) line.expected = line.woken - woken;
    } catch (error) {
      line.expected += asked;
      line.trouble.failed(error, () => touch(line));
      return deliver(shares, answer, undeal);
    } finally {
      line.claims--;
    }
    line.trouble.succeeded();
    const delivered = deliver(shares, answer, undeal);
    noteLanes(line, answer.lanes ?? []);
    if (line.expected > 0) touch(line);
    else if (line.lane !== null && line.claims === 0 && workerOf(line.lane) !== null && !line.limited) drop(line);
    // Room that this claim had been promised may serve another queue.
    const found = answer.tasks.length + answer.late.length;
    if (found > 0) lines.served(line);
    if (found < sum(shares)) for (const { candidate } of shares) freed(candidate);
    if (answer.late.length === 0) return;
    await delivered;
    for (const { candidate } of shares) freed(candidate);
  }

  function freed(consumer: Consumer): void {
    for (const queue of consumer.queues) {
      for (const line of lines.of(queue)) {
        if (line.expected > 0 && line.types?.key === consumer.types?.key) touch(line);
      }
    }
  }

  /** Of a lane for a worker that is not here nothing is kept: its coming finds the lane again. */
  function noteLanes(line: Line, lanes: readonly Lane[]): void {
    if (line.lane !== null) return;
    if (lanes.length > 0) withLanes.add(line.queue);
    else withLanes.delete(line.queue);
    for (const lane of lanes) {
      if (candidatesOf({ ...line, lane }).length > 0) wakeLine(lines.beside(line, lane), Number.POSITIVE_INFINITY);
    }
  }

  function drop(line: Line): void {
    line.trouble.end();
    lines.drop(line);
    dirty.delete(line);
  }

  function lineFor(queue: string, types: TypeSet | null): Line {
    const known = lines.find(queue, types);
    if (known !== undefined) return known;
    const line = lines.add(queue, types);
    // A queue is created by its first worker.
    retries
      .untilDone("reading a queue's strategy", () => store.updateQueue(queue, {}, true, clock.now()))
      .then((found) => {
        if (found !== null) line.strategy = found.strategy;
      })
      // Only the end of the server ends it.
      .catch(() => undefined);
    return line;
  }

  function wake(queue: string, n: number, type?: string): void {
    // What is in lanes is found by the claims of what is in none.
    const all = lines.of(queue).filter(({ lane }) => lane === null);
    const handling = type === undefined ? all : all.filter(({ types }) => types === null || types.has(type));
    // One that nobody handles is looked at all the same: the look puts it aside, where it is seen as such.
    for (const line of handling.length === 0 ? all.slice(0, 1) : handling) wakeLine(line, n);
  }

  function wakeLine(line: Line, n: number): void {
    expectMore(line, n);
    touch(line);
  }

  return {
    add(consumer) {
      for (const queue of consumer.queues) {
        const line = lineFor(queue, consumer.types);
        line.consumers.add(consumer);
        // There may be tasks for this worker alone.
        if (withLanes.has(queue)) wakeLine(line, Number.POSITIVE_INFINITY);
        for (const each of lines.alike(queue, consumer.types)) touch(each);
      }
    },

    remove(consumer) {
      for (const queue of consumer.queues) {
        const line = lines.find(queue, consumer.types);
        const alike = lines.alike(queue, consumer.types);
        line?.consumers.delete(consumer);
        for (const each of alike) {
          each.balancer.forget(consumer.id);
          if (each.consumers.size === 0 || candidatesOf(each).length === 0) drop(each);
        }
        if (line === undefined || line.consumers.size > 0) continue;
        // What only its workers handled may be what nobody handles now.
        if (line.types !== null) wake(queue, Number.POSITIVE_INFINITY);
      }
    },

    wake,
    freed,

    ended(queue) {
      for (const line of lines.ended(queue)) wakeLine(line, Number.POSITIVE_INFINITY);
    },

    setStrategy(queue, strategy) {
      for (const line of lines.of(queue)) if (line.lane === null) line.strategy = strategy;
    },

    stop() {
      stopped = true;
      dirty.clear();
    },
  };
}
