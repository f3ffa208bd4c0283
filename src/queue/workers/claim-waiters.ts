import { onAbort } from "../../async/signals.ts";
import { countWithin } from "../../contract/message-size.ts";
import type { Lane } from "../../domain/balancing/dispatch.ts";
import { leaseOf } from "../../domain/lease.ts";
import { draining } from "../../domain/refusals/server.ts";
import type { ClaimedTask } from "../../domain/tasks/task.ts";
import type { Consumer, TypeSet } from "../dispatch/consumer.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import { sentBytes } from "../dispatch/encoded-size.ts";
import type { WorkerContext } from "./worker-context.ts";

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

/** Claims for those who hold no stream. */
export interface Claims {
  /**
   * Answers at least one task, or none when the wait is over or `signal` ends it.
   *
   * @throws SitqError DRAINING once it was stopped
   */
  claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedTask[]>;
  /** Ends all waiting. Idempotent. */
  stop(): void;
}

/** Somebody who waits takes part in the balancing like a stream, for one hand-out. */
interface Waiter extends Consumer {
  /** Settled when the waiting is over and nothing is promised any more. */
  readonly done: Promise<readonly ClaimedTask[]>;
  /** Takes nothing more. */
  close(): void;
}

function createWaiter({ workerId, queues, types, maxTasks, leaseMs }: ClaimRequest, dispatcher: Dispatcher): Waiter {
  const done = Promise.withResolvers<readonly ClaimedTask[]>();
  const tasks: ClaimedTask[] = [];
  let promised = 0;
  let open = true;

  function finish(): void {
    if (promised > 0 || (open && tasks.length === 0)) return;
    waiter.close();
    done.resolve(tasks);
  }

  const waiter: Waiter = {
    id: workerId,
    weight: 0,
    queues,
    types,
    leaseMs,
    get capacity() {
      return open ? maxTasks : 0;
    },
    get load() {
      return promised + tasks.length;
    },
    reserve(n) {
      promised += n;
    },
    deliver(claimed, reserved) {
      promised -= reserved;
      tasks.push(...claimed);
      finish();
    },
    done: done.promise,
    close() {
      if (!open) return;
      open = false;
      dispatcher.remove(waiter);
      finish();
    },
  };
  return waiter;
}

/** The line of a queue, or a lane beside it. */
interface Source {
  readonly queue: string;
  readonly lane?: Lane;
  /** What its turns are counted by. */
  readonly key: string;
}

/** Claims over a store and its dispatcher. */
export function createClaims({
  store,
  claimer,
  clock,
  leases,
  dispatcher,
  turns,
  lanes,
  pending,
  giveBack,
}: WorkerContext): Claims {
  const stopping = new AbortController();
  /** What there may be for a caller: the lines of its queues, and those lanes that the last claims of them found. */
  function sourcesOf({ queues, workerId }: ClaimRequest): Source[] {
    return queues.flatMap((queue) => [{ queue, key: queue }, ...lanesOf(queue, workerId)]);
  }

  function lanesOf(queue: string, workerId: string): Source[] {
    return lanes.openTo(workerId, queue).map((lane) => ({ queue, lane, key: `${queue} ${lane}` }));
  }

  /** The tasks that are asked for by name, by their queues. */
  async function byQueue({ taskIds, queues, types }: ClaimRequest): Promise<Map<string, string[]>> {
    const found = (await store.get(taskIds)).flatMap((each) => each?.task ?? []);
    const asked = found.filter(
      ({ queue, type }) => (queues.length === 0 || queues.includes(queue)) && (types === null || types.has(type)),
    );
    return new Map(
      [...Map.groupBy(asked, ({ queue }) => queue)].map(([queue, tasks]) => [queue, tasks.map(({ id }) => id)]),
    );
  }

  async function claimNow(request: ClaimRequest): Promise<readonly ClaimedTask[]> {
    const nowMs = clock.now();
    const tasks: ClaimedTask[] = [];
    try {
      const chosen = request.taskIds.length > 0 ? await byQueue(request) : null;
      const sources: Source[] = chosen
        ? [...chosen.keys()].map((queue) => ({ queue, key: queue }))
        : sourcesOf(request);
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
          const found = lanesOf(queue, request.workerId);
          inTurn.push(...found.filter((each) => !inTurn.some((known) => known.key === each.key)));
        }
        if (tasks.length === request.maxTasks) break;
      }
    } catch (error) {
      // What was claimed until then is the caller's: nobody else would be handed it.
      if (tasks.length === 0) throw error;
    }
    return tasks;
  }

  async function claimWaiting(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedTask[]> {
    const waiter = createWaiter(request, dispatcher);
    const endTimer = clock.after(request.waitMs, waiter.close);
    const releases = [signal, stopping.signal].map((each) => onAbort(each, waiter.close));
    try {
      dispatcher.add(waiter);
      return await waiter.done;
    } finally {
      endTimer();
      for (const release of releases) release();
    }
  }

  async function claim(request: ClaimRequest, signal: AbortSignal): Promise<readonly ClaimedTask[]> {
    if (signal.aborted) return [];
    if (stopping.signal.aborted) throw draining();
    const claimed = request.waitMs === 0 ? await claimNow(request) : await claimWaiting(request, signal);
    // Nothing and no reason would make it ask again at once, and again.
    if (claimed.length === 0 && stopping.signal.aborted) throw draining();
    const kept = signal.aborted ? 0 : countWithin(claimed, sentBytes);
    const tasks = claimed.slice(0, kept);
    giveBack(claimed.slice(kept).map((task) => leaseOf(task, "unary")));
    for (const task of tasks) {
      const terms = { attemptMs: task.attemptTimeoutMs, leaseMs: request.leaseMs };
      leases.open({ ...leaseOf(task, "unary"), queue: task.queue, holder: task.workerId }, terms);
    }
    return tasks;
  }

  return {
    claim: (request, signal) => pending.track(claim(request, signal)),
    stop: () => stopping.abort(),
  };
}
