import { onAbort } from "../../async/signals.ts";
import { countWithin } from "../../contract/message-size.ts";
import type { Lane } from "../../domain/balancing/dispatch.ts";
import type { Clock } from "../../domain/clock.ts";
import { leaseOf } from "../../domain/lease.ts";
import { draining } from "../../domain/refusals/server.ts";
import type { ClaimedTask } from "../../domain/tasks/task.ts";
import type { WaitGroup } from "../../domain/wait-group.ts";
import type { Store } from "../../store/store.ts";
import type { Consumer, TypeSet } from "../dispatch/consumer.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { sentBytes } from "../dispatch/encoded-size.ts";
import type { KnownLanes } from "../dispatch/known-lanes.ts";
import type { QueueTurns } from "../dispatch/queue-turns.ts";
import type { TaskClaimer } from "../dispatch/task-claimer.ts";
import type { LeaseTable } from "../leases/lease-table.ts";
import type { OutcomeCompleter } from "../leases/outcome-completer.ts";
import type { Claimers } from "./claimers.ts";

/** What ClaimTasks asks for; times in milliseconds. */
export interface ClaimRequest {
  readonly workerId: string;
  readonly queues: readonly string[];
  /** These tasks and no others; empty: as they stand in line. Then `queues` may be empty, which is any. */
  readonly taskIds: readonly string[];
  /** `null`: tasks of all types. */
  readonly types: TypeSet | null;
  readonly maxTasks: number;
  /** 0: do not wait. */
  readonly waitMs: number;
  readonly leaseMs: number;
}

/** What claims without a stream need. */
export interface ClaimWaitersOptions {
  readonly store: Pick<Store, "get">;
  readonly clock: Clock;
  readonly claimer: TaskClaimer;
  readonly dispatcher: Dispatcher;
  readonly turns: QueueTurns;
  readonly lanes: KnownLanes;
  readonly leases: Pick<LeaseTable, "open">;
  readonly claimers: Pick<Claimers, "claiming">;
  readonly completer: Pick<OutcomeCompleter, "giveBack">;
  /** Holds each claim until it is answered. */
  readonly pending: WaitGroup;
}

/** A queue, or a lane beside it. */
interface Source {
  readonly queue: string;
  readonly lane?: Lane;
  /** What its turns are counted by. */
  readonly key: string;
}

/** Claims without a stream, at once or as soon as there is a task. */
export class ClaimWaiters {
  private readonly options: ClaimWaitersOptions;
  private readonly stopping = new AbortController();

  /** Creates it; no claim waits. */
  constructor(options: ClaimWaitersOptions) {
    this.options = options;
  }

  /**
   * Answers at least one task, or none when the wait is over or `signal` ends it.
   *
   * @throws SitqError DRAINING once it was stopped
   */
  claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedTask[]> {
    const ended = this.options.claimers.claiming(request);
    return this.options.pending.track(this.claimAndLease(request, signal).finally(ended));
  }

  /** Ends all waiting. Idempotent. */
  stop(): void {
    this.stopping.abort();
  }

  private async claimAndLease(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedTask[]> {
    const stopped = this.stopping.signal;
    if (signal.aborted) return [];
    if (stopped.aborted) throw draining();
    const claimed = await (request.waitMs === 0 ? this.claimNow(request) : this.claimWaiting(request, signal));
    // At an empty answer without a reason the caller would repeat the call at once.
    if (claimed.length === 0 && stopped.aborted) throw draining();
    const kept = signal.aborted ? 0 : countWithin(claimed, sentBytes);
    const tasks = claimed.slice(0, kept);
    this.options.completer.giveBack(claimed.slice(kept).map((task) => leaseOf(task, "unary")));
    for (const task of tasks) {
      const terms = { attemptMs: task.attemptTimeoutMs, leaseMs: request.leaseMs };
      this.options.leases.open({ ...leaseOf(task, "unary"), queue: task.queue, holder: task.workerId }, terms);
    }
    return tasks;
  }

  private async claimWaiting(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedTask[]> {
    const { dispatcher, clock } = this.options;
    const waiter = new Waiter(request, dispatcher);
    const close = () => waiter.close();
    const endTimer = clock.after(request.waitMs, close);
    const releases = [signal, this.stopping.signal].map((each) => onAbort(each, close));
    try {
      dispatcher.add(waiter);
      return await waiter.done;
    } finally {
      endTimer();
      for (const release of releases) release();
    }
  }

  private async claimNow(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    const { clock, claimer, turns, lanes } = this.options;
    const nowMs = clock.now();
    const tasks: ClaimedTask[] = [];
    try {
      const chosen = request.taskIds.length > 0 ? await this.byQueue(request) : null;
      const sources: Source[] = chosen
        ? [...chosen.keys()].map((queue) => ({ queue, key: queue }))
        : this.sourcesOf(request);
      const inTurn = turns.inTurn(sources, ({ key }) => key);
      for (const { queue, lane, key } of inTurn) {
        const slots = [{ workerId: request.workerId, n: request.maxTasks - tasks.length }];
        const types = request.types && { types: request.types.types };
        const ids = chosen && { ids: chosen.get(queue) ?? [] };
        const plan = { queue, slots, leaseUntilMs: nowMs + request.leaseMs, ...types, ...ids, ...(lane && { lane }) };
        let answer = await claimer.claim(plan, nowMs);
        while (answer.short === "cut" && answer.tasks.length + answer.late.length === 0)
          answer = await claimer.claim(plan, nowMs);
        tasks.push(...answer.tasks);
        for (const { ready } of answer.late) {
          const task = await ready;
          if (task !== null) tasks.push(task);
        }
        if (answer.tasks.length + answer.late.length > 0) turns.take(key);
        if (lane === undefined && chosen === null) {
          lanes.update(queue, answer.lanes);
          // Those that were not known before come after all others.
          const found = this.lanesOf(queue, request.workerId);
          inTurn.push(...found.filter((each) => !inTurn.some((known) => known.key === each.key)));
        }
        if (tasks.length === request.maxTasks) break;
      }
    } catch (error) {
      // What was claimed until then is leased to the caller: no other worker would get it.
      if (tasks.length === 0) throw error;
    }
    return tasks;
  }

  /** The queues of a caller, and those lanes beside them that the last claims found. */
  private sourcesOf({ queues, workerId }: ClaimRequest): Source[] {
    return queues.flatMap((queue) => [{ queue, key: queue }, ...this.lanesOf(queue, workerId)]);
  }

  private lanesOf(queue: string, workerId: string): Source[] {
    return this.options.lanes.openTo(workerId, queue).map((lane) => ({ queue, lane, key: `${queue} ${lane}` }));
  }

  /** The tasks that are asked for by name, by their queues. */
  private async byQueue({ taskIds, queues, types }: ClaimRequest): Promise<Map<string, string[]>> {
    const found = (await this.options.store.get(taskIds)).flatMap((each) => each?.task ?? []);
    const asked = found.filter(
      ({ queue, type }) => (queues.length === 0 || queues.includes(queue)) && (types === null || types.has(type)),
    );
    return new Map(
      [...Map.groupBy(asked, ({ queue }) => queue)].map(([queue, tasks]) => [queue, tasks.map(({ id }) => id)]),
    );
  }
}

/** A claim that waits. It takes part in the balancing like a stream, for one hand-out. */
class Waiter implements Consumer {
  readonly ahead = null;
  readonly id: string;
  readonly weight = 0;
  readonly queues: readonly string[];
  readonly types: TypeSet | null;
  readonly leaseMs: number;
  readonly draining = false;
  private readonly dispatcher: Dispatcher;
  private readonly maxTasks: number;
  private readonly tasks: ClaimedTask[] = [];
  private readonly result = Promise.withResolvers<readonly ClaimedTask[]>();
  private promised = 0;
  private isOpen = true;

  constructor({ workerId, queues, types, maxTasks, leaseMs }: ClaimRequest, dispatcher: Dispatcher) {
    this.id = workerId;
    this.queues = queues;
    this.types = types;
    this.leaseMs = leaseMs;
    this.maxTasks = maxTasks;
    this.dispatcher = dispatcher;
  }

  /** Resolves when the waiting is over and nothing is promised any more. */
  get done(): Promise<readonly ClaimedTask[]> {
    return this.result.promise;
  }

  get capacity(): number {
    return this.isOpen ? this.maxTasks : 0;
  }

  get load(): number {
    return this.promised + this.tasks.length;
  }

  reserve(n: number): void {
    this.promised += n;
  }

  deliver(claimed: readonly ClaimedTask[], reserved: number): void {
    this.promised -= reserved;
    this.tasks.push(...claimed);
    this.finish();
  }

  /** Accepts no more calls. */
  close(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.dispatcher.remove(this);
    this.finish();
  }

  private finish(): void {
    if (this.promised > 0 || (this.isOpen && this.tasks.length === 0)) return;
    this.close();
    this.result.resolve(this.tasks);
  }
}
