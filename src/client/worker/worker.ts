import { randomUUID } from "node:crypto";
import { deferred } from "../../async/deferred.ts";
import { aborted } from "../../async/signals.ts";
import type { CallError } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { type ClientLog, clientLogOf, errorText } from "../connection/client-log.ts";
import type { SitqClient } from "../connection/connection.ts";
import { atMost } from "../connection/sleep.ts";
import { tooLargeBy } from "../connection/too-large.ts";
import { AttemptAborted } from "../errors/errors.ts";
import { generatedId } from "../options/generated-id.ts";
import { serverOf } from "../tracing/server-attributes.ts";
import type { Attempt } from "./attempt.ts";
import type { AttemptOutcome } from "./attempt-outcome.ts";
import { createHandlerTable } from "./handlers.ts";
import { OutcomeOutbox } from "./outcome-outbox.ts";
import { type ProcessedTask, type ProcessOptions, processTask } from "./process-task.ts";
import { ProgressReporter } from "./progress-reporter.ts";
import { TaskRunner } from "./task-runner.ts";
import { WorkerConnection } from "./worker-connection.ts";
import { checkWorkerOptions, type WorkerEvents, type WorkerOptions } from "./worker-options.ts";
import { WorkerProtocol } from "./worker-protocol.ts";
import type { WorkerState, WorkerStatus } from "./worker-status.ts";

/** A worker: it holds one stream open, hands tasks to handlers, and keeps each outcome until the server has it on its disk. */
export interface Worker {
  readonly id: string;
  /** How it stands now. */
  getStatus(): WorkerStatus;
  readonly state: WorkerState;
  /** Handlers that have not returned. */
  readonly running: number;
  /**
   * Resolves when it has ended: with `null` after `stop`, with the error if the server refused it for good: `hello` is not
   * valid, or another process has its worker id (`WORKER_REPLACED`). Its handlers are then aborted.
   */
  readonly ended: Promise<CallError | null>;
  /**
   * Connects, and goes on: it connects again whenever it must, until `stop`, or until another process takes its worker id.
   * Resolves at the first welcome. If the server refuses its credentials or rights later, it goes on trying, after delays that grow to
   * a minute, and logs that once.
   *
   * @throws CallError if the server refuses the worker for good, or `stop` comes first
   * @throws Error if it was started or stopped before
   */
  start(): Promise<void>;
  /**
   * Claims one chosen task, out of its turn, runs its handler, and answers the result once the server has it on its disk. The worker
   * need not be started; its capacity does not count here. The task must be PENDING.
   *
   * @throws CallError NOT_FOUND; FAILED_PRECONDITION with `TASK_NOT_CLAIMABLE` and why; whatever the handler threw
   */
  process(taskId: string, options?: ProcessTaskOptions): Promise<ProcessedTask>;
  /**
   * Takes no more tasks, waits for running handlers, then aborts them and releases the remaining tasks, which burns no
   * attempt; waits until every outcome is settled, and ends the stream. It can be called before `start`, and again: with a
   * shorter grace it hurries the first call.
   *
   * @param options.graceMs how long handlers may go on, in milliseconds. Default 30,000
   */
  stop(options?: StopOptions): Promise<void>;
}

/** How one task is processed. */
interface ProcessTaskOptions {
  readonly signal?: AbortSignal;
}

const processNames: OptionNames<ProcessTaskOptions> = { signal: true };

/** How a worker is stopped. */
interface StopOptions {
  readonly graceMs?: number;
}

const stopNames: OptionNames<StopOptions> = { graceMs: true };

/** How long handlers have to return once they are aborted, in milliseconds. */
const abortGraceMs = 1_000;
/** How long a stopping worker tries to have its outcomes settled, in milliseconds. */
const settleTimeoutMs = 10_000;

/**
 * Creates a worker. It does nothing before `start`.
 *
 * @throws CallError INVALID_ARGUMENT of an option that there is not; TypeError or RangeError if one is not valid
 */
export function createWorker(client: SitqClient, options: WorkerOptions): Worker {
  return new StreamWorker(client, options);
}

class StreamWorker implements Worker {
  readonly id: string;
  readonly ended: Promise<CallError | null>;
  readonly #service: string;
  readonly #queues: readonly string[];
  readonly #capacity: number;
  readonly #events: WorkerEvents;
  readonly #log: ClientLog;
  readonly #outcomes: OutcomeOutbox;
  readonly #progress: ProgressReporter;
  readonly #tasks: TaskRunner;
  readonly #protocol: WorkerProtocol;
  readonly #connection: WorkerConnection;
  /** What one task that is processed by its id needs. */
  readonly #processing: ProcessOptions;
  /** Settles `ended`. */
  readonly #stopped = deferred<CallError | null>();
  /** Aborted when a stop waits for no handler any more. */
  readonly #graceOver = new AbortController();
  #phase: "idle" | "started" | "stopping" | "stopped" = "idle";

  constructor(client: SitqClient, options: WorkerOptions) {
    checkWorkerOptions(options);
    const { queues, capacity = 10, service = client.service, address = "", weight = 0, metadata = {} } = options;
    const { events = {}, workerId = generatedId(service) } = options;
    const handlers = createHandlerTable(options.handlers, options.fallback);
    this.id = workerId;
    this.ended = this.#stopped.promise;
    this.#service = service;
    this.#queues = [...queues];
    this.#capacity = capacity;
    this.#events = events;
    this.#log = options.log === undefined ? client.log : clientLogOf(options.log);

    this.#outcomes = new OutcomeOutbox(this.#log);
    this.#progress = new ProgressReporter(() => this.#connection.poke());
    this.#tasks = new TaskRunner({
      capacity,
      handlers,
      log: this.#log,
      report: this.#progress.report,
      processor: { workerId, log: this.#log, server: serverOf(client), isAsked: false },
      onBegin: (attempt) => this.#notify(() => events.onTaskStart?.(attempt.task)),
      onOutcome: (attempt, outcome) => this.#onOutcome(attempt, outcome),
      onOverstayed: (attempt) => {
        this.#connection.poke();
        this.#notify(() => events.onTaskEnd?.(attempt.task, "abandoned"));
      },
    });
    this.#protocol = new WorkerProtocol({
      identity: {
        workerId,
        incarnation: randomUUID(),
        service,
        queues: [...queues],
        types: [...handlers.types],
        address,
        weight,
        metadata: { ...metadata },
      },
      capacity,
      tasks: this.#tasks,
      outcomes: this.#outcomes,
      progress: this.#progress,
    });
    this.#connection = new WorkerConnection({
      connect: () => client.openWorkerConnection(),
      protocol: this.#protocol,
      tries: client.outages.follow(`the worker ${workerId}`, this.#log),
      onConnect: () => this.#onConnect(),
      onDrain: () =>
        this.#log.info(
          { worker_id: workerId },
          `the server is draining: no more tasks will be sent to the worker ${workerId}`,
        ),
      onDisconnect: (error, delayMs) => this.#onDisconnect(error, delayMs),
    });
    this.#processing = {
      client,
      workerId,
      handlers,
      onStart: (task) => this.#notify(() => events.onTaskStart?.(task)),
      onEnd: (task, outcome) => this.#notify(() => events.onTaskEnd?.(task, outcome)),
    };
  }

  get state(): WorkerState {
    if (this.#phase !== "started") return this.#phase;
    const { state } = this.#connection;
    return state === "connected" || state === "draining" ? state : "connecting";
  }

  get running(): number {
    return this.#tasks.running;
  }

  // Bound, so that they can be taken out of the worker.
  readonly getStatus = (): WorkerStatus => {
    const { id, state, running } = this;
    return {
      id,
      service: this.#service,
      queues: [...this.#queues],
      state,
      isRunning: this.#phase === "started" || this.#phase === "stopping",
      isConnected: state === "connected" || state === "draining",
      running,
      capacity: this.#capacity,
    };
  };

  readonly start = async (): Promise<void> => {
    if (this.#phase !== "idle")
      throw new Error(`The worker ${this.id} was ${this.#phase === "started" ? "started" : "stopped"} before.`);
    this.#phase = "started";
    await this.#connection.start();
  };

  readonly process = async (taskId: string, options: ProcessTaskOptions = {}): Promise<ProcessedTask> => {
    refuseUnknown(options, processNames);
    return processTask(this.#processing, taskId, options.signal);
  };

  readonly stop = async (options: StopOptions = {}): Promise<void> => {
    refuseUnknown(options, stopNames);
    const { graceMs = 30_000 } = options;
    const graceTimer = setTimeout(() => this.#graceOver.abort(), graceMs);
    if (this.#phase === "idle") {
      this.#phase = "stopped";
      this.#stopped.resolve(null);
    } else if (this.#phase === "started") {
      this.#phase = "stopping";
      await this.#shutDown();
      this.#phase = "stopped";
      this.#stopped.resolve(null);
    }
    await this.ended;
    clearTimeout(graceTimer);
  };

  async #shutDown(): Promise<void> {
    this.#protocol.close();
    this.#connection.poke();
    await Promise.race([this.#tasks.idle(), aborted(this.#graceOver.signal)]);
    this.#tasks.abortAll(new AttemptAborted("WORKER_STOPPING"));
    await atMost(abortGraceMs, this.#tasks.idle());
    this.#tasks.releaseAll();
    if (this.#outcomes.size > 0) {
      this.#connection.poke();
      this.#connection.hurry();
      await atMost(settleTimeoutMs, this.#outcomes.emptied());
    }
    await this.#connection.close();
    this.#outcomes.abandon();
    this.#progress.stop();
  }

  #onConnect(): void {
    this.#log.info({ worker_id: this.id }, `the worker ${this.id} is connected`);
    this.#notify(() => this.#events.onConnect?.(this.id));
  }

  #onOutcome(attempt: Attempt, outcome: AttemptOutcome): void {
    this.#progress.forget(attempt);
    const { case: how } = outcome;
    this.#outcomes.add(attempt.taskId, attempt.attempt, outcome, attempt.span?.settle(how ?? ""));
    this.#connection.poke();
    if (how !== undefined) this.#notify(() => this.#events.onTaskEnd?.(attempt.task, how));
  }

  #onDisconnect(error: CallError | null, delayMs: number | null): void {
    this.#outcomes.sendAgain(error === null ? null : tooLargeBy(error));
    const facts = { worker_id: this.id, error, delay_ms: delayMs };
    if (error?.reason === "WORKER_REPLACED") {
      this.#log.error(facts, `another process uses the worker id ${this.id}; this worker stops`);
    } else {
      this.#log.info(facts, `the worker ${this.id} is disconnected${error === null ? "" : `: ${error.message}`}`);
    }
    if (error !== null && delayMs === null) this.#refused(error);
    this.#notify(() => this.#events.onDisconnect?.(error, delayMs));
  }

  /** Ends it when the server refuses it for good: no server takes its outcomes, and its tasks go to other workers. */
  #refused(error: CallError): void {
    if (this.#phase !== "started") return;
    this.#phase = "stopped";
    const reason = new AttemptAborted("WORKER_REPLACED");
    for (const attempt of [...this.#tasks.held()]) this.#tasks.giveUp(attempt, reason);
    this.#protocol.close();
    this.#outcomes.abandon();
    this.#progress.stop();
    this.#stopped.resolve(error);
  }

  /** Calls a listener; one that throws harms nothing. */
  #notify(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#log.error({ worker_id: this.id, error }, `a listener of the worker ${this.id} threw: ${errorText(error)}`);
    }
  }
}
