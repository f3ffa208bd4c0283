import { randomUUID } from "node:crypto";
import { deferred } from "../../async/deferred.ts";
import { aborted } from "../../async/signals.ts";
import type { CallError } from "../../grpc/client/call-error.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { clientLogOf, errorText } from "../connection/client-log.ts";
import type { SitqClient } from "../connection/connection.ts";
import { atMost } from "../connection/sleep.ts";
import { tooLargeBy } from "../connection/too-large.ts";
import { AttemptAborted } from "../errors/errors.ts";
import { generatedId } from "../options/generated-id.ts";
import type { Attempt } from "./attempt.ts";
import type { AttemptOutcome } from "./attempt-outcome.ts";
import { createHandlerTable } from "./handlers.ts";
import { OutcomeOutbox } from "./outcome-outbox.ts";
import { type ProcessedTask, type ProcessOptions, processTask } from "./process-task.ts";
import { ProgressReporter } from "./progress-reporter.ts";
import { TaskRunner } from "./task-runner.ts";
import { WorkerConnection } from "./worker-connection.ts";
import { checkWorkerOptions, type WorkerOptions } from "./worker-options.ts";
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
   * valid, or another process has its worker id (`WORKER_REPLACED`). Its handlers are then told to stop.
   */
  readonly ended: Promise<CallError | null>;
  /**
   * Connects, and goes on: it connects again whenever it must, until `stop`, or until another process takes its worker id.
   * Resolves at the first welcome.
   *
   * @throws CallError if the server refuses the worker for good, or `stop` comes first
   * @throws Error if it was started or stopped before
   */
  start(): Promise<void>;
  /**
   * Claims one chosen task, out of its turn, runs its handler, and answers the result once the server has it on its disk. The worker
   * need not be started; its concurrency does not count here. The task must be PENDING.
   *
   * @throws CallError NOT_FOUND; FAILED_PRECONDITION with `TASK_NOT_CLAIMABLE` and why; whatever the handler threw
   */
  process(taskId: string, options?: ProcessTaskOptions): Promise<ProcessedTask>;
  /**
   * Takes nothing more, waits for the handlers that run, then tells them to stop and gives back what is left, which burns no
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

/** How long handlers have to return once they are told to stop, in milliseconds. */
const abortGraceMs = 1_000;
/** How long a stopping worker tries to have its outcomes settled, in milliseconds. */
const settleTimeoutMs = 10_000;

/**
 * Makes a worker. It does nothing before `start`.
 *
 * @throws CallError INVALID_ARGUMENT of an option that there is not; TypeError or RangeError if one is not valid
 */
export function createWorker(client: SitqClient, options: WorkerOptions): Worker {
  checkWorkerOptions(options);
  const { queues, concurrency = 10, service = client.service, address = "", weight = 0, metadata = {} } = options;
  const { events = {}, workerId = generatedId(service) } = options;
  const log = options.log === undefined ? client.log : clientLogOf(options.log);
  const stopped = deferred<CallError | null>();
  const graceOver = new AbortController();
  let phase: "idle" | "started" | "stopping" | "stopped" = "idle";

  const handlers = createHandlerTable(options.handlers, options.fallback);
  const outcomes = new OutcomeOutbox(log);
  const progress = new ProgressReporter(() => connection.poke());
  const tasks = new TaskRunner({
    concurrency,
    handlers,
    log,
    report: progress.report,
    onBegin: (attempt) => tell(() => events.onTaskStart?.(attempt.task)),
    onOutcome,
    onOverstayed(attempt) {
      connection.poke();
      tell(() => events.onTaskEnd?.(attempt.task, "abandoned"));
    },
  });
  const incarnation = randomUUID();
  const identity = {
    workerId,
    incarnation,
    service,
    queues: [...queues],
    types: [...handlers.types],
    address,
    weight,
    metadata: { ...metadata },
  };
  const protocol = new WorkerProtocol({ identity, concurrency, tasks, outcomes, progress });
  const connection = new WorkerConnection({
    connect: () => client.openWorkerConnection(),
    protocol,
    tries: client.outages.follow(`the worker ${workerId}`, log),
    onConnect() {
      log.info({ worker_id: workerId }, `the worker ${workerId} is connected`);
      tell(() => events.onConnect?.(workerId));
    },
    onDrain: () =>
      log.info({ worker_id: workerId }, `the server is draining: no more tasks will be sent to the worker ${workerId}`),
    onDisconnect,
  });

  function onOutcome(attempt: Attempt, outcome: AttemptOutcome): void {
    progress.forget(attempt);
    outcomes.add(attempt.taskId, attempt.attempt, outcome);
    connection.poke();
    const { case: how } = outcome;
    if (how !== undefined) tell(() => events.onTaskEnd?.(attempt.task, how));
  }

  function onDisconnect(error: CallError | null, delayMs: number | null): void {
    outcomes.sendAgain(error === null ? null : tooLargeBy(error));
    const facts = { worker_id: workerId, error, delay_ms: delayMs };
    if (error?.reason === "WORKER_REPLACED") {
      log.error(facts, `another process uses the worker id ${workerId}; this worker stops`);
    } else {
      log.info(facts, `the worker ${workerId} is disconnected${error === null ? "" : `: ${error.message}`}`);
    }
    if (error !== null && delayMs === null) refused(error);
    tell(() => events.onDisconnect?.(error, delayMs));
  }

  /** The server wants nothing more of it: nobody takes its outcomes, and its tasks are others'. */
  function refused(error: CallError): void {
    if (phase !== "started") return;
    phase = "stopped";
    const reason = new AttemptAborted("WORKER_REPLACED");
    for (const { taskId, attempt } of [...tasks.held()]) tasks.giveUp({ taskId, attempt }, reason);
    protocol.close();
    outcomes.abandon();
    progress.stop();
    stopped.resolve(error);
  }

  const processing: ProcessOptions = {
    ...{ client, workerId, handlers },
    onStart: (task) => tell(() => events.onTaskStart?.(task)),
    onEnd: (task, outcome) => tell(() => events.onTaskEnd?.(task, outcome)),
  };

  function tell(event: () => void): void {
    try {
      event();
    } catch (error) {
      log.error({ worker_id: workerId, error }, `a listener of the worker ${workerId} threw: ${errorText(error)}`);
    }
  }

  async function start(): Promise<void> {
    if (phase !== "idle")
      throw new Error(`The worker ${workerId} was ${phase === "started" ? "started" : "stopped"} before.`);
    phase = "started";
    await connection.start();
  }

  function stateNow(): WorkerState {
    if (phase !== "started") return phase;
    return connection.state === "connected" || connection.state === "draining" ? connection.state : "connecting";
  }

  async function shutDown(): Promise<void> {
    protocol.close();
    connection.poke();
    await Promise.race([tasks.idle(), aborted(graceOver.signal)]);
    tasks.abortAll(new AttemptAborted("WORKER_STOPPING"));
    await atMost(abortGraceMs, tasks.idle());
    tasks.releaseAll();
    if (outcomes.size > 0) {
      connection.poke();
      connection.hurry();
      await atMost(settleTimeoutMs, outcomes.emptied());
    }
    await connection.close();
    progress.stop();
  }

  return {
    id: workerId,
    get state() {
      return stateNow();
    },
    getStatus() {
      const state = stateNow();
      return {
        id: workerId,
        service,
        queues: [...queues],
        state,
        isRunning: phase === "started" || phase === "stopping",
        isConnected: state === "connected" || state === "draining",
        running: tasks.running,
        concurrency,
      };
    },
    get running() {
      return tasks.running;
    },
    ended: stopped.promise,
    start,

    async process(taskId, options = {}) {
      refuseUnknown(options, processNames);
      return processTask(processing, taskId, options.signal);
    },

    async stop(options = {}) {
      refuseUnknown(options, stopNames);
      const { graceMs = 30_000 } = options;
      const graceTimer = setTimeout(() => graceOver.abort(), graceMs);
      if (phase === "idle") {
        phase = "stopped";
        stopped.resolve(null);
      } else if (phase === "started") {
        phase = "stopping";
        await shutDown();
        phase = "stopped";
        stopped.resolve(null);
      }
      await stopped.promise;
      clearTimeout(graceTimer);
    },
  };
}
