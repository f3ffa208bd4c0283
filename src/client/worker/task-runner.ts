import type { Task } from "../../../gen/sitq/v1/task_pb.js";
import type { Outcome_Failed } from "../../../gen/sitq/v1/worker_service_pb.js";
import { type Deferred, deferred } from "../../async/deferred.ts";
import type { ClientLog } from "../connection/client-log.ts";
import { AttemptAborted } from "../errors/errors.ts";
import { Attempt, type ReportProgress } from "./attempt.ts";
import { type AttemptOutcome, released } from "./attempt-outcome.ts";
import type { HandlerTable } from "./handlers.ts";
import type { LeaseRef } from "./outcome-outbox.ts";
import { runAttempt } from "./run-attempt.ts";

/**
 * The tasks in the worker's hands, and the handlers that work on them: never more than `concurrency` at a time.
 *
 * ```
 *   accept ──▶ waiting ──slot free──▶ running ──returns──▶ its outcome is told
 *                 │                      │
 *                 └────── giveUp ────────┴──▶ not held: aborted; its slot is free when the handler returns, and nothing is told
 * ```
 *
 * Tasks wait only behind handlers that go on after their lease is gone: the server counts those slots as free.
 */
export interface TaskRunner {
  /** Handlers that have not returned. */
  readonly running: number;
  /** Those of them whose lease is gone. */
  readonly overstaying: number;
  /** The attempts whose leases the worker holds. */
  held(): Iterable<Attempt>;
  /** Takes tasks in; once closed, gives them back. */
  accept(tasks: readonly Task[]): void;
  /** The worker does not hold the attempt any more: its handler is told to stop. Unknown ones are passed over. */
  giveUp(lease: LeaseRef, reason: AttemptAborted): void;
  /** Takes nothing more, and gives back what no handler has begun. */
  close(): void;
  /** Tells every handler to stop; one that throws then gives its task back. */
  abortAll(reason: AttemptAborted): void;
  /** Gives back everything that is held, whether or not its handler has returned. */
  releaseAll(): void;
  /** Resolves when no handler runs. */
  idle(): Promise<void>;
}

/** What the tasks need around them. */
export interface TaskRunnerOptions {
  readonly concurrency: number;
  readonly handlers: HandlerTable;
  readonly log: ClientLog;
  readonly report: ReportProgress;
  /** Told when a handler is called. */
  readonly onBegin: (attempt: Attempt) => void;
  /** Told how an attempt ended that the worker holds no more. */
  readonly onOutcome: (attempt: Attempt, outcome: AttemptOutcome) => void;
  /** Told when a handler returned whose lease was gone. */
  readonly onOverstayed: (attempt: Attempt) => void;
}

/** Without tasks. */
export function createTaskRunner(options: TaskRunnerOptions): TaskRunner {
  const { concurrency, handlers, log, onBegin, onOutcome, onOverstayed } = options;
  const held = new Map<string, Attempt>();
  const unknownTypes = new Set<string>();
  let waiting: Attempt[] = [];
  let running = 0;
  let overstaying = 0;
  let closed = false;
  let beginning = false;
  let idle: Deferred<void> | null = null;

  function take(task: Task): void {
    const former = held.get(task.id);
    if (former?.attempt === task.attempt) return;
    // The server knows best: a newer attempt means that the older one is over.
    if (former !== undefined) letGo(former, new AttemptAborted("LEASE_LOST"));
    const attempt = new Attempt(task, options.report);
    held.set(task.id, attempt);
    if (closed) tell(attempt, released(null));
    else waiting.push(attempt);
  }

  /** One loop, however deep handlers that return at once would nest it. */
  function beginWaiting(): void {
    if (beginning) return;
    beginning = true;
    let next = 0;
    while (running < concurrency && next < waiting.length) {
      const attempt = waiting[next++];
      if (attempt?.isHeld) begin(attempt);
    }
    waiting = next === waiting.length ? [] : waiting.slice(next);
    beginning = false;
  }

  function begin(attempt: Attempt): void {
    const entry = handlers.find(attempt.task.type);
    if (entry === undefined) {
      withoutHandler(attempt);
      return;
    }
    running++;
    attempt.isRunning = true;
    onBegin(attempt);
    runAttempt(attempt, entry, ended);
  }

  function ended(attempt: Attempt, outcome: AttemptOutcome, thrown: unknown): void {
    running--;
    attempt.isRunning = false;
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
      tell(attempt, outcome);
    } else {
      overstaying--;
      onOverstayed(attempt);
    }
    beginWaiting();
    if (running > 0) return;
    idle?.resolve();
    idle = null;
  }

  function withoutHandler(attempt: Attempt): void {
    const { type } = attempt.task;
    if (!unknownTypes.has(type))
      log.warn(factsOf(attempt), `no handler for the task type ${type}; its tasks are released`);
    unknownTypes.add(type);
    // It goes to another worker: in a rolling deploy there may be one that knows it. The server holds it back meanwhile.
    tell(attempt, released(null, "NO_HANDLER"));
  }

  function tell(attempt: Attempt, outcome: AttemptOutcome): void {
    attempt.isHeld = false;
    held.delete(attempt.taskId);
    onOutcome(attempt, outcome);
  }

  function letGo(attempt: Attempt, reason: AttemptAborted): void {
    attempt.isHeld = false;
    held.delete(attempt.taskId);
    if (attempt.isRunning) overstaying++;
    attempt.abort(reason);
  }

  return {
    get running() {
      return running;
    },
    get overstaying() {
      return overstaying;
    },
    held: () => held.values(),

    accept(tasks) {
      for (const task of tasks) take(task);
      beginWaiting();
    },

    giveUp(lease, reason) {
      const attempt = held.get(lease.taskId);
      if (attempt?.attempt === lease.attempt) letGo(attempt, reason);
    },

    close() {
      closed = true;
      for (const attempt of held.values()) if (!attempt.isRunning) tell(attempt, released(null));
    },

    abortAll(reason) {
      for (const attempt of held.values()) attempt.abort(reason);
    },

    releaseAll() {
      for (const attempt of held.values()) {
        if (attempt.isRunning) overstaying++;
        tell(attempt, released(null));
      }
    },

    idle() {
      if (running === 0) return Promise.resolve();
      idle ??= deferred();
      return idle.promise;
    },
  };
}

/** What an operator is told of a failed attempt: which task, what kind, and why. */
function failureText({ taskId, attempt, task }: Attempt, { error, terminal }: Outcome_Failed): string {
  const { message = "", type = "" } = error ?? {};
  const place = `attempt ${attempt} of ${task.maxAttempts}${terminal ? ", and no other follows" : ""}`;
  return `task ${taskId} (${task.type}) failed in ${place}: ${type === "" || type === "Error" ? "" : `${type}: `}${message}`;
}

function factsOf({ taskId, attempt, task }: Attempt) {
  return { task_id: taskId, attempt, queue: task.queue, type: task.type };
}
