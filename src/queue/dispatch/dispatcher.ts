import { type BalancingStrategy, hasRoom, type Share } from "../../domain/balancing/balancing.ts";
import { type Lane, workerOf } from "../../domain/balancing/dispatch.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Retries } from "../../domain/retries.ts";
import type { WaitGroup } from "../../domain/wait-group.ts";
import type { ClaimPlan, StickyPlan } from "../../store/claim-plan.ts";
import type { Store } from "../../store/store.ts";
import { type Consumer, deliver, giveBackAhead, type TypeSet } from "./consumer.ts";
import { dealTasks } from "./deal-tasks.ts";
import type { KnownLanes } from "./known-lanes.ts";
import { byLastTurn, candidatesOf, expectLeft, expectMore, type QueueState, QueueStates, sum } from "./queue-state.ts";
import type { QueueTurns } from "./queue-turns.ts";
import { PresentStaff, type QueueStaff } from "./staff.ts";
import { StickyClaims } from "./sticky-claims.ts";
import type { Claimed, TaskClaimer } from "./task-claimer.ts";

/** What the dispatcher needs. */
export interface DispatcherOptions {
  readonly store: Pick<Store, "updateQueue">;
  readonly claimer: TaskClaimer;
  readonly clock: Clock;
  readonly random: () => number;
  readonly turns: QueueTurns;
  readonly lanes: KnownLanes;
  /** What knows the workers at other servers. Default: there are none. */
  readonly sticky?: StickyClaims;
  /** Holds each claim until what it found is delivered. */
  readonly pending: WaitGroup;
  readonly retries: Retries;
}

/**
 * Tasks in one claim, over all workers: fewer splits the work of many workers into small messages; more only delays the other
 * requests of the same commit.
 */
const claimTasks = 512;
/** Running claims for one queue: while one commits, the next is on its way. */
const mostClaims = 4;

/**
 * Brings ready tasks and free workers together. It never polls: it claims when a task comes, when a worker has room, and
 * goes on while claims come back full.
 */
export class Dispatcher {
  private readonly store: Pick<Store, "updateQueue">;
  private readonly claimer: TaskClaimer;
  private readonly clock: Clock;
  private readonly turns: QueueTurns;
  private readonly lanes: KnownLanes;
  private readonly sticky: StickyClaims;
  private readonly pending: WaitGroup;
  private readonly retries: Retries;
  private readonly states: QueueStates;
  /** States that may have something to claim, to be served in this turn of the event loop. */
  private readonly dirty = new Set<QueueState>();
  /** Whether `serveDirty` is on its way. */
  private scheduled = false;
  private stopped = false;

  /** Creates a dispatcher without consumers. */
  constructor(options: DispatcherOptions) {
    const { store, claimer, clock, random, turns, lanes, sticky = new StickyClaims(), pending, retries } = options;
    this.store = store;
    this.sticky = sticky;
    this.claimer = claimer;
    this.clock = clock;
    this.turns = turns;
    this.lanes = lanes;
    this.pending = pending;
    this.retries = retries;
    this.states = new QueueStates(random, () => retries.trouble("claiming tasks for waiting workers"));
  }

  /** Begins to serve a consumer. */
  add(consumer: Consumer): void {
    for (const queue of consumer.queues) {
      const state = this.stateFor(queue, consumer.types);
      state.consumers.add(consumer);
      // There may be tasks for this worker alone.
      if (this.lanes.has(queue)) this.wakeState(state, Number.POSITIVE_INFINITY);
      for (const each of this.states.alike(queue, consumer.types)) {
        // What was left for workers at other servers may stick to this one.
        if (each.left !== null) expectLeft(each);
        this.touch(each);
      }
    }
  }

  /** Serves it no more; what was already claimed for it is still delivered to it. */
  remove(consumer: Consumer): void {
    for (const queue of consumer.queues) {
      const state = this.states.find(queue, consumer.types);
      const alike = this.states.alike(queue, consumer.types);
      state?.consumers.delete(consumer);
      for (const each of alike) {
        each.balancer.forget(consumer.id);
        if (each.consumers.size === 0 || candidatesOf(each).length === 0) this.drop(each);
      }
      if (state === undefined || state.consumers.size > 0) continue;
      // What only its workers handled may be what no worker handles now.
      if (state.types !== null) this.wake(queue, Number.POSITIVE_INFINITY);
    }
  }

  /**
   * A queue may have `n` more tasks ready; `Infinity`: an unknown number. Call it before the store is asked to put them there:
   * the claim then shares its commit.
   *
   * @param type what they all are, if that is known
   */
  wake(queue: string, n: number, type?: string): void {
    const all = this.states.of(queue);
    let first: QueueState | null = null;
    let isHandled = false;
    for (const state of all) {
      // What is in lanes is found by the claims of what is in none.
      if (state.lane !== null) continue;
      first ??= state;
      if (type !== undefined && state.types !== null && !state.types.has(type)) continue;
      isHandled = true;
      this.wakeState(state, n);
    }
    // A task that no worker handles is looked at all the same: the look puts it aside, where it is seen as such.
    if (!isHandled && first !== null) this.wakeState(first, n);
  }

  /** A consumer has room. Call it before the store is asked to settle what made the room. */
  freed(consumer: Consumer): void {
    for (const queue of consumer.queues) {
      for (const state of this.states.of(queue)) {
        if (state.types?.key !== consumer.types?.key) continue;
        if (state.left?.has(consumer) && hasRoom(consumer)) expectLeft(state);
        if (state.expected > 0) this.touch(state);
      }
    }
  }

  /** Workers at other servers have come, gone, or have other room: what was left in line for them may be for those of this server now. */
  changedElsewhere(): void {
    for (const state of this.sticky.changed(this.states.all())) this.touch(state);
  }

  /** A task of the queue ended: one that is held back by `max_running` may go. */
  ended(queue: string): void {
    for (const state of this.states.ended(queue)) this.wakeState(state, Number.POSITIVE_INFINITY);
  }

  /** Any queue may have any number of tasks ready. */
  wakeAll(): void {
    for (const state of this.states.all()) this.wakeState(state, Number.POSITIVE_INFINITY);
  }

  /** Reads the strategies of all queues again: another server may have changed them. */
  readStrategies(): void {
    for (const state of this.states.all()) if (state.lane === null) this.readStrategy(state);
  }

  /** Who works a queue: workers with an open stream at any server, and those that wait in ClaimTasks at this one. */
  staffOf(queue: string): QueueStaff {
    const consumers = this.states.of(queue).flatMap((state) => (state.lane === null ? [...state.consumers] : []));
    return new PresentStaff([...consumers, ...this.sticky.staffElsewhere(queue)], this.stopped);
  }

  /** The settings of a queue may have changed. */
  settingsChanged(queue: string, strategy: BalancingStrategy): void {
    for (const state of this.states.settingsChanged(queue, strategy)) this.touch(state);
  }

  /** Ends all claiming. Idempotent. */
  stop(): void {
    this.stopped = true;
    this.dirty.clear();
  }

  private touch(state: QueueState): void {
    if (this.stopped) return;
    this.dirty.add(state);
    if (this.scheduled) return;
    this.scheduled = true;
    // Before the store sends off this turn's calls, after everything that this turn brings.
    setImmediate(this.serveDirty);
  }

  private readonly serveDirty = (): void => {
    this.scheduled = false;
    const inTurn = this.turns.inTurn(byLastTurn(this.dirty), ({ queue }) => queue);
    this.dirty.clear();
    if (this.stopped) return;
    for (const state of inTurn) this.serve(state);
  };

  private serve(state: QueueState): void {
    if (state.expected === 0 || state.claims >= mostClaims || state.strategy === null) return;
    // As many as are expected: room that one claim holds for nothing is room that the next task would have to wait for.
    const n = Math.min(state.expected, claimTasks);
    if (state.strategy === "sticky") {
      const offer = this.sticky.offer(state, n);
      if (offer !== null) this.reserveAndClaim(state, offer.shares, offer.asked, offer.leaseMs, offer.plan);
      return;
    }
    const mayGetAhead = (consumer: Consumer) => !this.sticky.areDue(consumer, this.states);
    const shares = dealTasks(state.balancer, state.strategy, candidatesOf(state), n, mayGetAhead);
    const first = shares[0]?.candidate;
    if (first === undefined) return;
    // Leases of one claim are of one kind and length; the others get the next claim.
    const alike = shares.filter(({ candidate }) => candidate.leaseMs === first.leaseMs);
    this.reserveAndClaim(state, alike, sum(alike), first.leaseMs);
    if (alike.length < shares.length) this.serve(state);
  }

  /** Claims `asked` tasks for the shares, and counts them as promised from now on. */
  private reserveAndClaim(
    state: QueueState,
    shares: readonly Share<Consumer>[],
    asked: number,
    leaseMs: number | null,
    sticky?: StickyPlan,
  ): void {
    this.turns.take(state.queue);
    state.expected -= asked;
    for (const { candidate, n } of shares) candidate.reserve(n);
    const slots = shares.map(({ candidate, n }) => ({ workerId: candidate.id, n }));
    const leaseUntilMs = leaseMs === null ? null : this.clock.now() + leaseMs;
    const types = state.types && { types: state.types.types };
    const lane = state.lane === null ? null : { lane: state.lane };
    const plan = { queue: state.queue, slots, leaseUntilMs, ...types, ...lane, ...(sticky && { sticky }) };
    void this.pending.track(this.claim(state, shares, asked, plan));
  }

  private async claim(
    state: QueueState,
    shares: readonly Share<Consumer>[],
    asked: number,
    plan: ClaimPlan,
  ): Promise<void> {
    const { woken, wokenForAny, ends, changes, strategy, balancer } = state;
    const leave = this.sticky.begin(state, shares);
    const undeal = (consumer: Consumer, n: number) => strategy && balancer.undeal(strategy, consumer, n);
    state.claims++;
    let answer: Claimed = { tasks: [], late: [], short: null };
    try {
      answer = await this.claimer.claim(plan, this.clock.now());
      state.limited = answer.short === "max_running";
      state.left = null;
      if (answer.short === "cut" || (state.limited && state.ends !== ends)) state.expected = Number.POSITIVE_INFINITY;
      else if (answer.short !== null && state.wokenForAny === wokenForAny) state.expected = state.woken - woken;
    } catch (error) {
      state.expected += asked;
      state.trouble.failed(error, () => this.touch(state));
      return deliver(shares, answer, undeal);
    } finally {
      state.claims--;
    }
    state.trouble.succeeded();
    const found = answer.tasks.length + answer.late.length;
    const delivered = deliver(shares, answer, undeal);
    if (state.changes !== changes) giveBackAhead(state.consumers);
    // The promises that this claim went through are old by now: until the next full collection they would keep all its tasks, which
    // then were more than half of what the collections of young garbage copied.
    answer.tasks.length = 0;
    if (state.lane === null) this.serveLanes(state, answer.lanes ?? []);
    if (answer.left) leave();
    if (state.expected > 0) this.touch(state);
    else if (state.lane !== null && state.claims === 0 && workerOf(state.lane) !== null && !state.limited)
      this.drop(state);
    // Room that this claim had been promised may serve another queue.
    if (found > 0) this.states.served(state);
    if (found < sum(shares)) for (const { candidate } of shares) this.freed(candidate);
    if (answer.late.length === 0) return;
    await delivered;
    if (state.changes !== changes) giveBackAhead(state.consumers);
    for (const { candidate } of shares) this.freed(candidate);
  }

  /** Wakes the lanes that a claim found. One for a worker that is not connected is left: its coming finds the lane again. */
  private serveLanes(state: QueueState, found: readonly Lane[]): void {
    this.lanes.update(state.queue, found);
    for (const lane of found) {
      if (candidatesOf({ lane, consumers: state.consumers }).length === 0) continue;
      this.wakeState(this.states.beside(state, lane), Number.POSITIVE_INFINITY);
    }
  }

  private drop(state: QueueState): void {
    state.trouble.end();
    this.states.drop(state);
    this.dirty.delete(state);
  }

  private stateFor(queue: string, types: TypeSet | null): QueueState {
    const known = this.states.find(queue, types);
    if (known !== undefined) return known;
    const state = this.states.add(queue, types);
    this.readStrategy(state);
    return state;
  }

  private readStrategy(state: QueueState): void {
    // A queue is created by its first worker.
    this.retries
      .untilDone("reading a queue's strategy", () => this.store.updateQueue(state.queue, {}, true, this.clock.now()))
      .then((found) => this.settingsChanged(state.queue, found?.strategy ?? state.strategy ?? "least_loaded"))
      // Only the end of the server ends it.
      .catch(() => undefined);
  }

  private wakeState(state: QueueState, n: number): void {
    expectMore(state, n);
    this.touch(state);
  }
}
