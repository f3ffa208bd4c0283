/**
 * A small model of the life of a task, to compare engines with: plain records and loops, slow and obvious.
 *
 * It says nothing of what the contract leaves open: which of two tasks that became ready in the same millisecond goes first,
 * and whether a claim fails the expired tasks that stand behind what it took.
 */

import type { Lease, LeaseKind } from "../../src/domain/lease.ts";
import { backoffMs, ranMs, releasePauseMs, resolveRetryPolicy } from "../../src/domain/retry.ts";
import type { Settlement } from "../../src/domain/tasks/outcome.ts";
import {
  type AttemptOutcome,
  isFinished,
  isRetryable,
  type NewTask,
  type TaskState,
  taskStates,
} from "../../src/domain/tasks/task.ts";

/** A task as the model sees it. */
export interface ModelTask {
  readonly id: string;
  readonly asked: NewTask;
  state: TaskState;
  attempt: number;
  /** Attempts used before the last retry by hand. */
  base: number;
  /** Since when it may be claimed. */
  readyMs: number;
  /** It stands in line as it was created: equal ones of these go first in, first out. */
  fresh: boolean;
  scheduleMs: number | null;
  expireMs: number | null;
  lease: Lease | null;
  startMs: number;
  finishMs: number | null;
  errorType: string | null;
  result: Uint8Array | null;
  readonly history: { attempt: number; workerId: string; startMs: number; finishMs: number; outcome: AttemptOutcome }[];
  /** Every state that it came into. */
  readonly states: (TaskState | null)[];
}

/** How a failed attempt asks to be retried. */
type FailedHow = Omit<Extract<Settlement["outcome"], { kind: "failed" }>, "kind" | "error">;

/** What an answer must be; several where the contract leaves it open. */
export type Expected = readonly object[];

/** The attempts that tasks have if they do not say; the queues of the model keep the default. */
const defaultMaxAttempts = 5;

/** The model's world: tasks by id, in the order of their creation. */
export class Model {
  readonly tasks = new Map<string, ModelTask>();
  readonly deleted: ModelTask[] = [];
  readonly paused = new Set<string>();

  maxAttempts(task: ModelTask): number {
    return task.base + (task.asked.maxAttempts ?? defaultMaxAttempts);
  }

  counts(queue: string): Record<TaskState, number> {
    const counts = Object.fromEntries(taskStates.map((state) => [state, 0])) as Record<TaskState, number>;
    for (const task of this.tasks.values()) if (task.asked.queue === queue) counts[task.state]++;
    return counts;
  }

  /** What an enqueue must answer. A created task is then told by `add`. */
  judge(asked: NewTask): { readonly answer: object; readonly replaces: ModelTask | null } {
    const tasks = [...this.tasks.values()];
    const same = tasks.find((task) => asked.requestId !== null && task.asked.requestId === asked.requestId);
    if (same !== undefined) {
      const { id, state } = same;
      const isRepeat = JSON.stringify(same.asked) === JSON.stringify(asked);
      return {
        answer: isRepeat ? { status: "existing", task: { id, state } } : { status: "request_id_reused", id },
        replaces: null,
      };
    }
    const rival = this.rivalOf(asked);
    if (rival === undefined) return { answer: { status: "created" }, replaces: null };
    const { id, state } = rival;
    if (asked.duplicatePolicy === "return_existing") {
      return { answer: { status: "existing", task: { id, state } }, replaces: null };
    }
    if (asked.duplicatePolicy === "refuse" || state === "running") {
      return { answer: { status: "duplicate", id, state }, replaces: null };
    }
    return { answer: { status: "created" }, replaces: rival };
  }

  add(asked: NewTask, id: string, nowMs: number): ModelTask {
    const scheduleMs = asked.delayMs === null ? null : nowMs + asked.delayMs;
    const waits = scheduleMs !== null && scheduleMs > nowMs;
    const task: ModelTask = {
      id,
      asked,
      state: waits ? "scheduled" : "pending",
      attempt: 0,
      base: 0,
      readyMs: nowMs,
      fresh: true,
      scheduleMs,
      expireMs: asked.timeToLiveMs === null ? null : nowMs + asked.timeToLiveMs,
      lease: null,
      startMs: 0,
      finishMs: null,
      errorType: null,
      result: null,
      history: [],
      states: [waits ? "scheduled" : "pending"],
    };
    this.tasks.set(id, task);
    return task;
  }

  /** The unfinished task of the queue with the same key. */
  rivalOf({ queue, deduplicationKey }: NewTask): ModelTask | undefined {
    if (deduplicationKey === null) return undefined;
    return [...this.tasks.values()].find(
      ({ asked, state }) => asked.queue === queue && asked.deduplicationKey === deduplicationKey && !isFinished(state),
    );
  }

  /** The tasks of a queue that may be claimed. */
  ready(queue: string, nowMs: number): ModelTask[] {
    return this.pending(queue).filter((task) => !this.isLate(task, nowMs));
  }

  pending(queue: string): ModelTask[] {
    return [...this.tasks.values()].filter((task) => task.asked.queue === queue && task.state === "pending");
  }

  isLate({ expireMs }: ModelTask, nowMs: number): boolean {
    return expireMs !== null && expireMs < nowMs;
  }

  /** Whether `a` must be handed out before `b`. */
  goesBefore(a: ModelTask, b: ModelTask): boolean {
    if (a.asked.priority !== b.asked.priority) return a.asked.priority > b.asked.priority;
    if (a.readyMs !== b.readyMs) return a.readyMs < b.readyMs;
    return a.fresh && b.fresh && a.id < b.id;
  }

  handOut(task: ModelTask, workerId: string, leaseKind: LeaseKind, nowMs: number): Lease {
    task.attempt++;
    task.lease = { taskId: task.id, attempt: task.attempt, workerId, leaseKind };
    task.startMs = nowMs;
    this.moveTo(task, "running");
    return task.lease;
  }

  /** Does what a settlement does, and says what it must answer. */
  settle({ taskId, attempt, workerId, leaseKind, outcome }: Settlement, nowMs: number): Expected {
    const task = this.tasks.get(taskId);
    if (task === undefined) return [{ status: "not_found" }];
    const held = task.lease;
    if (held?.attempt === attempt && held.workerId === workerId && held.leaseKind === leaseKind) {
      this.end(task, outcome, nowMs);
      return [settled(task)];
    }
    const stale = { status: "stale", state: task.state };
    const ended = task.history.filter((entry) => entry.attempt === attempt && entry.workerId === workerId);
    if (outcome.kind === "completed" && ended.at(-1)?.outcome === "completed") {
      const isSame = Buffer.compare(task.result ?? Buffer.of(), outcome.result ?? Buffer.of()) === 0;
      return isSame ? [settled(task)] : [{ status: "already_settled" }];
    }
    if (ended.every((entry) => entry.outcome !== outcome.kind)) return [stale];
    // One worker can have released an attempt and then ended it otherwise: which of the two it repeats, nobody knows.
    return ended.at(-1)?.outcome === outcome.kind ? [settled(task)] : [settled(task), stale];
  }

  private end(task: ModelTask, outcome: Settlement["outcome"], nowMs: number): void {
    if (outcome.kind === "not_arrived" || outcome.kind === "unsent") throw new Error("the commands do not say it");
    let delayMs = 0;
    const releases = this.releasesInARow(task, nowMs);
    this.record(task, outcome.kind, nowMs);
    switch (outcome.kind) {
      case "completed":
        task.result = outcome.result;
        this.finish(task, "completed", null, nowMs);
        break;
      case "released":
        task.attempt--;
        delayMs = Math.max(outcome.delayMs ?? 0, releasePauseMs(outcome.reason, releases));
        if (outcome.reason !== null) task.errorType = outcome.reason;
        if (delayMs === 0) this.moveTo(task, "pending");
        else this.putOff(task, nowMs + delayMs, nowMs);
        break;
      case "lease_lost":
        task.errorType = "LEASE_LOST";
        if (task.attempt >= this.maxAttempts(task)) this.finish(task, "failed", "LEASE_LOST", nowMs);
        else this.moveTo(task, "pending");
        break;
      case "failed":
        this.fail(task, outcome.error.type, outcome, nowMs);
        break;
      case "timed_out":
        this.fail(task, "ATTEMPT_TIMEOUT", { terminal: false, retryDelayMs: null, random: outcome.random }, nowMs);
        break;
    }
  }

  /** How often it was released in a row without having run; the attempt that ends now counts as a run too. */
  private releasesInARow({ history, startMs }: ModelTask, nowMs: number): number {
    if (nowMs - startMs >= ranMs) return 0;
    const isSpin = (entry: (typeof history)[number]) =>
      entry.outcome === "released" && entry.finishMs - entry.startMs < ranMs;
    return history.length - 1 - history.findLastIndex((entry) => !isSpin(entry));
  }

  private fail(task: ModelTask, errorType: string, how: FailedHow, nowMs: number): void {
    const policy = resolveRetryPolicy(task.asked.retryPolicy);
    const dueMs = nowMs + (how.retryDelayMs ?? backoffMs(policy, task.attempt - task.base, how.random));
    const isLast = task.attempt >= this.maxAttempts(task) || this.isLate(task, dueMs);
    task.errorType = errorType;
    if (how.terminal || isLast) this.finish(task, "failed", errorType, nowMs);
    else this.putOff(task, dueMs, nowMs);
  }

  private putOff(task: ModelTask, dueMs: number, nowMs: number): void {
    const waits = dueMs > nowMs;
    if (waits) task.scheduleMs = dueMs;
    else task.readyMs = dueMs;
    task.fresh = task.fresh && waits;
    this.moveTo(task, waits ? "scheduled" : "pending");
  }

  private record(task: ModelTask, outcome: AttemptOutcome, nowMs: number): void {
    if (task.lease === null) throw new Error(`${task.id} does not run`);
    const { attempt, workerId } = task.lease;
    task.history.push({ attempt, workerId, startMs: task.startMs, finishMs: nowMs, outcome });
    task.lease = null;
  }

  private finish(task: ModelTask, state: TaskState, errorType: string | null, nowMs: number): void {
    task.finishMs = nowMs;
    task.errorType = errorType ?? task.errorType;
    this.moveTo(task, state);
  }

  private moveTo(task: ModelTask, state: TaskState): void {
    task.state = state;
    task.states.push(state);
  }

  cancel(id: string, errorType: string, nowMs: number): object {
    const task = this.tasks.get(id);
    if (task === undefined) return { status: "not_found" };
    if (task.state === "cancelled") return { status: "cancelled", lease: null, task: { id } };
    if (isFinished(task.state)) return { status: "finished", state: task.state };
    const { lease } = task;
    if (lease !== null) this.record(task, "cancelled", nowMs);
    this.finish(task, "cancelled", errorType, nowMs);
    return { status: "cancelled", lease, task: { id, state: "cancelled" } };
  }

  retry(id: string, nowMs: number): object {
    const task = this.tasks.get(id);
    if (task === undefined) return { status: "not_found" };
    if (!isRetryable(task.state)) return { status: "not_retryable", state: task.state };
    const rival = isFinished(task.state) ? this.rivalOf(task.asked) : undefined;
    if (rival !== undefined) return { status: "duplicate", id: rival.id };
    if (task.state !== "scheduled") {
      task.base = task.attempt;
      task.expireMs = null;
      task.finishMs = null;
    }
    task.readyMs = nowMs;
    task.fresh = false;
    this.moveTo(task, "pending");
    return { status: "retried", task: { id, state: "pending", attempt: task.attempt } };
  }

  delete(id: string): "deleted" | "running" | "not_found" {
    const task = this.tasks.get(id);
    if (task === undefined) return "not_found";
    if (task.state === "running") return "running";
    task.states.push(null);
    this.tasks.delete(id);
    this.deleted.push(task);
    return "deleted";
  }

  /** Changes all tasks of a queue that may be; answers how many were. */
  changeAll(change: "cancel" | "retry" | "delete", queue: string, errorType: string, nowMs: number): number {
    const ids = [...this.tasks.values()].filter(({ asked }) => asked.queue === queue).map(({ id }) => id);
    const isMeant = ({ state }: ModelTask) => (change === "retry" ? isFinished(state) && state !== "completed" : true);
    const one = (id: string) => {
      const task = this.tasks.get(id);
      if (task === undefined || !isMeant(task)) return false;
      if (change === "delete") return this.delete(id) === "deleted";
      if (change === "retry") return "task" in this.retry(id, nowMs);
      return !isFinished(task.state) && "task" in this.cancel(id, errorType, nowMs);
    };
    return ids.filter(one).length;
  }

  updateLease({ taskId, attempt, workerId, leaseKind }: Lease): "updated" | "stale" | "not_found" {
    const task = this.tasks.get(taskId);
    if (task === undefined) return "not_found";
    const held = task.lease;
    return held?.attempt === attempt && held.workerId === workerId && held.leaseKind === leaseKind
      ? "updated"
      : "stale";
  }

  /** Takes up a lease that a crash forgot; `null`: the task is another's, or this is not its next attempt. */
  takeUp({ taskId, attempt, workerId }: Lease, nowMs: number): Lease | null {
    const task = this.tasks.get(taskId);
    if (task?.state !== "pending" || task.attempt !== attempt - 1) return null;
    return this.handOut(task, workerId, "stream", nowMs);
  }

  /** A crash forgets that a task was handed out. */
  forget(task: ModelTask): void {
    task.attempt--;
    task.lease = null;
    task.state = "pending";
  }

  /** Fails a task that was not begun in time. */
  expire(task: ModelTask, nowMs: number): void {
    this.finish(task, "failed", "EXPIRED", nowMs);
  }

  /** Does all that time does, and says what the steps must answer together. */
  advance(nowMs: number): { readonly readyQueues: string[]; readonly nextMs: number | null } {
    const waiting = () => [...this.tasks.values()].filter(({ state }) => state === "pending" || state === "scheduled");
    for (const task of waiting()) if (this.isLate(task, nowMs)) this.expire(task, nowMs);
    const ready = new Set<string>();
    for (const task of waiting()) {
      if (task.state !== "scheduled" || task.scheduleMs === null || task.scheduleMs > nowMs) continue;
      ready.add(task.asked.queue);
      this.putOff(task, task.scheduleMs, nowMs);
    }
    const times = waiting().flatMap((task) => [
      ...(task.state === "scheduled" && task.scheduleMs !== null ? [task.scheduleMs] : []),
      ...(task.expireMs === null ? [] : [task.expireMs]),
    ]);
    return { readyQueues: [...ready].sort(), nextMs: times.length === 0 ? null : Math.min(...times) };
  }
}

function settled({ asked, state, scheduleMs }: ModelTask): object {
  return { status: "settled", queue: asked.queue, state, scheduleMs: state === "scheduled" ? scheduleMs : null };
}
