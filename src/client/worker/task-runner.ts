import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import type { Outcome_Failed } from "../../../gen/sitq/v1/worker_service_pb.js";
import { type Deferred, deferred } from "../../async/deferred.ts";
import { TransientMap } from "../../collections/transient-map.ts";
import type { ClientLog } from "../connection/client-log.ts";
import { AttemptAborted } from "../errors/errors.ts";
import type { Processor } from "../tracing/process-span.ts";
import { Attempt, type ReportProgress } from "./attempt.ts";
import { type AttemptOutcome, released } from "./attempt-outcome.ts";
import type { HandlerTable } from "./handlers.ts";
import type { LeaseRef } from "./outcome-outbox.ts";
import { runAttempt } from "./run-attempt.ts";

/** What a runner needs. */
export interface TaskRunnerOptions {
  readonly capacity: number;
  readonly handlers: HandlerTable;
  readonly log: ClientLog;
  readonly report: ReportProgress;
  /** Who the tasks are processed by, for their spans. */
  readonly processor: Processor;
  /** Called when a handler begins. */
  readonly onBegin: (attempt: Attempt) => void;
  /** Called with how an attempt ended, whose lease the worker then gives up. */
  readonly onOutcome: (attempt: Attempt, outcome: AttemptOutcome) => void;
  /** Called when a handler has returned whose lease was gone. */
  readonly onOverstayed: (attempt: Attempt) => void;
}

/**
 * Runs the handlers of the tasks whose leases the worker holds: never more than `capacity` at a time.
 *
 * ```
 *   accept ──▶ waiting ──slot free──▶ running ──returns──▶ its outcome is reported
 *                 │                      │
 *                 └────── giveUp ────────┴──▶ not held: aborted; its slot is free when the handler returns, and nothing is reported
 * ```
 *
 * Tasks wait only behind handlers that go on after their lease is gone: the server counts those slots as free.
 */
export class TaskRunner {
  readonly #options: TaskRunnerOptions;
  /** The attempts whose leases the worker holds, by task id. */
  readonly #held = new TransientMap<string, Attempt>();
  /** Types without a handler that the log has named. */
  readonly #unknownTypes = new Set<string>();
  /** What no handler has begun, in order; those that are not held any more are passed over. */
  #waiting: Attempt[] = [];
  #running = 0;
  #overstaying = 0;
  #closed = false;
  /** Whether waiting attempts are being begun: what comes meanwhile is begun by the same loop. */
  #beginning = false;
  #idle: Deferred<void> | null = null;

  constructor(options: TaskRunnerOptions) {
    this.#options = options;
  }

  /** Handlers that have not returned. */
  get running(): number {
    return this.#running;
  }

  /** Those of them whose lease is gone. */
  get overstaying(): number {
    return this.#overstaying;
  }

  /** The attempts whose leases the worker holds. */
  held(): readonly Attempt[] {
    return this.#held.values();
  }

  /** Takes tasks in; once closed, releases them. */
  accept(tasks: readonly Task[]): void {
    for (const task of tasks) this.#take(task);
    this.#beginWaiting();
  }

  /** Gives up the lease of an attempt, and aborts its handler. Unknown ones are passed over. */
  giveUp(lease: LeaseRef, reason: AttemptAborted): void {
    const attempt = this.#held.get(lease.taskId);
    if (attempt?.attempt === lease.attempt) this.#letGo(attempt, reason);
  }

  /** Takes no more tasks and releases those that no handler has started. */
  close(): void {
    this.#closed = true;
    for (const attempt of this.#held.values()) if (!attempt.isRunning) this.#report(attempt, released(null));
  }

  /** Aborts every handler; one that throws then releases its task. */
  abortAll(reason: AttemptAborted): void {
    for (const attempt of this.#held.values()) attempt.abort(reason);
  }

  /** Releases everything that is held, whether or not its handler has returned. */
  releaseAll(): void {
    for (const attempt of this.#held.values()) {
      if (attempt.isRunning) this.#overstaying++;
      attempt.ended(released(null), undefined);
      this.#report(attempt, released(null));
    }
  }

  /** Resolves when no handler runs. */
  idle(): Promise<void> {
    if (this.#running === 0) return Promise.resolve();
    this.#idle ??= deferred();
    return this.#idle.promise;
  }

  #take(task: Task): void {
    const former = this.#held.get(task.id);
    if (former?.attempt === task.attempt) return;
    // The server knows best: a newer attempt means that the older one is over.
    if (former !== undefined) this.#letGo(former, new AttemptAborted("LEASE_LOST"));
    const attempt = new Attempt(task, this.#options.report);
    this.#held.set(task.id, attempt);
    if (this.#closed) this.#report(attempt, released(null));
    else this.#waiting.push(attempt);
  }

  /** One loop, however deep handlers that return at once would nest it. */
  #beginWaiting(): void {
    if (this.#beginning) return;
    this.#beginning = true;
    let next = 0;
    while (this.#running < this.#options.capacity && next < this.#waiting.length) {
      const attempt = this.#waiting[next++];
      if (attempt?.isHeld) this.#begin(attempt);
    }
    this.#waiting = next === this.#waiting.length ? [] : this.#waiting.slice(next);
    this.#beginning = false;
  }

  #begin(attempt: Attempt): void {
    const { handlers, onBegin, processor } = this.#options;
    const entry = handlers.find(attempt.task.type);
    if (entry === undefined) {
      this.#withoutHandler(attempt);
      return;
    }
    this.#running++;
    attempt.isRunning = true;
    onBegin(attempt);
    attempt.trace(processor);
    if (attempt.span === null) runAttempt(attempt, entry, this.#ended);
    else attempt.span.run(() => runAttempt(attempt, entry, this.#ended));
  }

  readonly #ended = (attempt: Attempt, outcome: AttemptOutcome, thrown: unknown): void => {
    const { log, onOverstayed } = this.#options;
    this.#running--;
    attempt.isRunning = false;
    attempt.ended(outcome, thrown);
    if (outcome.case === "failed") {
      const facts = { ...factsOf(attempt), outcome: outcome.case, error: thrown };
      log.warn(facts, failureText(attempt, outcome.value));
    } else if (thrown !== undefined) {
      log.debug(
        { ...factsOf(attempt), error: thrown },
        `the handler of the task ${attempt.taskId} threw; the task is released`,
      );
    }
    if (attempt.isHeld) {
      this.#report(attempt, outcome);
    } else {
      this.#overstaying--;
      onOverstayed(attempt);
    }
    this.#beginWaiting();
    if (this.#running > 0) return;
    this.#idle?.resolve();
    this.#idle = null;
  };

  #withoutHandler(attempt: Attempt): void {
    const { type } = attempt.task;
    if (!this.#unknownTypes.has(type))
      this.#options.log.warn(factsOf(attempt), `no handler for the task type ${type}; its tasks are released`);
    this.#unknownTypes.add(type);
    // It goes to another worker: in a rolling deploy there may be one that knows it. The server holds it back meanwhile.
    this.#report(attempt, released(null, "NO_HANDLER"));
  }

  #report(attempt: Attempt, outcome: AttemptOutcome): void {
    attempt.isHeld = false;
    this.#held.delete(attempt.taskId);
    this.#options.onOutcome(attempt, outcome);
  }

  #letGo(attempt: Attempt, reason: AttemptAborted): void {
    attempt.isHeld = false;
    this.#held.delete(attempt.taskId);
    if (attempt.isRunning) this.#overstaying++;
    attempt.abort(reason);
  }
}

/** The line of the log for a failed attempt: which task, what kind, and why. */
function failureText({ taskId, attempt, task }: Attempt, { error, terminal }: Outcome_Failed): string {
  const { message = "", type = "" } = error ?? {};
  const place = `attempt ${attempt} of ${task.maxAttempts}${terminal ? ", and no other follows" : ""}`;
  return `task ${taskId} (${task.type}) failed in ${place}: ${type === "" || type === "Error" ? "" : `${type}: `}${message}`;
}

function factsOf({ taskId, attempt, task, span }: Attempt) {
  return { task_id: taskId, attempt, queue: task.queue, type: task.type, ...span?.ids };
}
