import type { Clock } from "../../domain/clock.ts";
import { leaseOf } from "../../domain/lease.ts";
import { type ClaimedTask, isExpired } from "../../domain/tasks/task.ts";
import type { LeaseTable } from "./lease-table.ts";
import type { OutcomeCompleter } from "./outcome-completer.ts";
import type { WatchedLease } from "./watched-lease.ts";

/** What tasks that are claimed ahead need. */
export interface TasksAheadParts {
  readonly clock: Pick<Clock, "now" | "monotonic" | "after">;
  readonly leases: Pick<LeaseTable, "open" | "start" | "close" | "isWatched">;
  readonly completer: Pick<OutcomeCompleter, "giveBack">;
}

/** The process that gets the tasks. */
export interface TaskHolder {
  /** The worker's id. */
  readonly id: string;
  /** What its leases are held by. */
  readonly holder: string;
}

interface LeasedTask {
  readonly task: ClaimedTask;
  readonly lease: WatchedLease;
}

/** As many tasks are claimed ahead as the worker ends in this time, in milliseconds: several times what a claim takes, so that many share one. */
const aheadMs = 50;
/** How long a task waits for its worker, in milliseconds: then the worker has become slower, and others may be free. */
const mostWaitMs = 200;
/** The worker's pace is what it ended in at least this time, in milliseconds, and is not known any more after the longer one. */
const paceMs = 20;
const mostPaceMs = 100;
/** So many ends tell a pace: one or two may be quick by chance. */
const fewestEnds = 8;
/** How many tasks are claimed ahead at the most, and how large their payloads are in all when no more are. */
const mostTasks = 512;
const mostBytes = 4_194_304;

/**
 * The tasks of one worker that were claimed ahead of its room, so that it gets the next one when it has ended one, without waiting for a
 * commit. Where tasks are short the worker would do nothing else for most of the time.
 *
 * How many there are to be follows from how many it ends: for one whose tasks take long there are hardly any. What it has no room for in
 * `mostWaitMs` goes back to its queue, with its place in line and its attempt.
 */
export class TasksAhead {
  private readonly parts: TasksAheadParts;
  private readonly worker: TaskHolder;
  private readonly tasks: LeasedTask[] = [];
  /** Of the payloads. */
  private bytes = 0;
  /** Tasks that the worker has ended since then. */
  private ends = 0;
  private sinceMs: number;
  /** Tasks that it ends in a millisecond. */
  private pace = 0;
  private endTimer: () => void = () => undefined;

  /** None is there, and none is to be, until the worker has ended some. */
  constructor(parts: TasksAheadParts, worker: TaskHolder) {
    this.parts = parts;
    this.worker = worker;
    this.sinceMs = parts.clock.monotonic();
  }

  /** How many there are. */
  get count(): number {
    return this.tasks.length;
  }

  /** How many there are to be. */
  get wanted(): number {
    if (this.bytes > mostBytes || this.parts.clock.monotonic() - this.sinceMs > mostPaceMs) return 0;
    return Math.min(Math.floor(this.pace * aheadMs), mostTasks);
  }

  /** The worker has ended `n` tasks. */
  ended(n: number): void {
    this.ends += n;
    const nowMs = this.parts.clock.monotonic();
    const elapsedMs = nowMs - this.sinceMs;
    const areFew = this.ends < fewestEnds;
    if (elapsedMs < paceMs || (areFew && elapsedMs < mostPaceMs)) return;
    this.pace = areFew ? 0 : this.ends / elapsedMs;
    this.ends = 0;
    this.sinceMs = nowMs;
  }

  /** Leases claimed tasks to the worker. @returns those for which it has room; the others are kept, behind those that are there */
  lease(tasks: readonly ClaimedTask[], room: number): readonly ClaimedTask[] {
    const { id: workerId, holder } = this.worker;
    const startMs = this.parts.clock.monotonic();
    for (const [index, task] of tasks.entries()) {
      const { id: taskId, queue, attempt, attemptTimeoutMs } = task;
      const held = { taskId, attempt, workerId, leaseKind: "stream", queue, holder } as const;
      const hasRoom = index < room;
      const lease = this.parts.leases.open(held, {
        attemptMs: hasRoom ? attemptTimeoutMs : null,
        leaseMs: null,
        startMs,
      });
      if (!hasRoom) this.add({ task, lease });
    }
    return tasks.length <= room ? tasks : tasks.slice(0, Math.max(room, 0));
  }

  /** Takes out the first `n`, as they are handed to the worker now. What has expired meanwhile goes back: no attempt begins after that. */
  take(n: number): ClaimedTask[] {
    const { clock, leases } = this.parts;
    const [startMs, nowMs] = [clock.monotonic(), clock.now()];
    // This process stood still: others may have ended it meanwhile, and have given its leases away.
    if (this.leftMs(startMs) < 0) this.giveBack();
    const taken: ClaimedTask[] = [];
    const expired: LeasedTask[] = [];
    while (taken.length < n && this.count > 0) {
      for (const leased of this.takeOut(n - taken.length)) {
        const { task, lease } = leased;
        // Others have ended meanwhile.
        if (!leases.isWatched(lease)) continue;
        if (isExpired(task.expireMs, nowMs)) {
          expired.push(leased);
          continue;
        }
        leases.start(lease, task.attemptTimeoutMs, startMs);
        taken.push(task);
      }
    }
    if (expired.length > 0) this.offerAgain(expired);
    return taken;
  }

  /** Takes out the task of a lease that has ended. @returns whether it was there */
  drop({ taskId, attempt }: Pick<WatchedLease, "taskId" | "attempt">): boolean {
    const index = this.tasks.findIndex(({ lease }) => lease.taskId === taskId && lease.attempt === attempt);
    const [dropped] = index < 0 ? [] : this.tasks.splice(index, 1);
    if (dropped === undefined) return false;
    this.bytes -= bytesOf(dropped);
    if (this.count === 0) this.endTimer();
    return true;
  }

  /** Gives all of them back to their queues. */
  giveBack(): void {
    if (this.count > 0) this.offerAgain(this.takeOut(this.count));
  }

  private offerAgain(taken: readonly LeasedTask[]): void {
    const { leases, completer } = this.parts;
    const held = taken.filter(({ lease }) => leases.isWatched(lease));
    for (const { lease } of held) leases.close(lease);
    completer.giveBack(held.map(({ task }) => leaseOf(task, "stream")));
  }

  private add(leased: LeasedTask): void {
    leased.lease.isAhead = true;
    if (this.tasks.length === 0) this.watch(mostWaitMs);
    this.tasks.push(leased);
    this.bytes += bytesOf(leased);
  }

  private takeOut(n: number): LeasedTask[] {
    if (n <= 0) return [];
    const taken = this.tasks.splice(0, n);
    for (const leased of taken) this.bytes -= bytesOf(leased);
    if (this.tasks.length === 0) this.endTimer();
    return taken;
  }

  /** How long the first one may still wait. */
  private leftMs(nowMs: number): number {
    const [first] = this.tasks;
    return first === undefined ? mostWaitMs : first.lease.startMs + mostWaitMs - nowMs;
  }

  /** Gives back what has waited too long, as soon as the first one has. */
  private watch(ms: number): void {
    this.endTimer();
    this.endTimer = this.parts.clock.after(ms, () => {
      const leftMs = this.leftMs(this.parts.clock.monotonic());
      if (leftMs > 0) return this.watch(leftMs);
      this.pace = 0;
      this.giveBack();
    });
  }
}

function bytesOf({ task: { payload } }: LeasedTask): number {
  return payload?.length ?? 0;
}
