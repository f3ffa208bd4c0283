import type { EnqueueStreamResult } from "../../../gen/sitq/v1/queue_service_pb.js";
import { attribute } from "../../contract/semantic-conventions.ts";
import { invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { unlessSplit } from "../connection/batcher.ts";
import type { SitqClient } from "../connection/connection.ts";
import type { EncodedItem } from "../connection/encoded-items.ts";
import { createRequestIds } from "../connection/request-ids.ts";
import { retryCall } from "../connection/retry-call.ts";
import { Sender } from "../connection/sender.ts";
import { type SentMessage, spanning, startSend, startSendAll, untilAnswered } from "../tracing/send-span.ts";
import type { AwaitOptions } from "./await-end.ts";
import { awaitCompleted } from "./await-task.ts";
import { type CompletedTask, completedTask } from "./completed-task.ts";
import {
  type AnyDefinition,
  type DispatchOptions,
  encodeNewTask,
  type NewTask,
  type TaskArguments,
  type TaskOptions,
  taskFrom,
} from "./new-task.ts";
import { plainTask, type TaskDefinition } from "./task-definition.ts";
import { type EnqueueAnswer, enqueueAnswer, type TaskHandle } from "./task-handle.ts";

/** How a producer sends. */
export interface ProducerOptions {
  /**
   * How long an enqueue is repeated when the server is out of reach or its answer is lost, in milliseconds; 0: not at all. A
   * repeat makes no second task. Default 30,000.
   */
  readonly retryTimeoutMs?: number;
  /** How long the server may be silent before what it did not answer is repeated, in milliseconds. Default 10,000. */
  readonly callTimeoutMs?: number;
}

const optionNames: OptionNames<ProducerOptions> = { retryTimeoutMs: true, callTimeoutMs: true };

/** What can be said of one enqueue. */
export interface EnqueueOptions extends TaskOptions {
  /** Stops waiting for the answer, with the signal's reason. A task that was sent by then may be stored all the same. */
  readonly signal?: AbortSignal;
}

/** What can be said of a batch of tasks. */
export interface EnqueueAllOptions {
  /**
   * Whether all of the tasks are stored or none; no two may then have one `requestId`, or one `deduplicationKey` in one queue.
   * Default false: the tasks are answered one by one, and a batch that is too large for the server is stored in parts.
   */
  readonly atomic?: boolean;
  /** Stops waiting for the answers, with the signal's reason. Tasks that were sent by then may be stored all the same. */
  readonly signal?: AbortSignal;
}

const enqueueAllNames: OptionNames<EnqueueAllOptions> = { atomic: true, signal: true };

/** How a result is waited for, and read. */
type ResultOptions = AwaitOptions & { readonly definition?: AnyDefinition };

const resultOptionNames: OptionNames<ResultOptions> = { timeoutMs: true, signal: true, definition: true };

/**
 * Enqueues tasks. Each call resolves once its task is on the server's disk. Calls that are made in one turn of the event loop, or
 * while others are under way, share a batch on the wire; each still gets its own answer.
 *
 * A call that fails rejects with a CallError.
 */
export interface Producer {
  /** Enqueues a task of a definition that names its queue. */
  enqueue<I, R>(
    task: TaskDefinition<I, unknown, never, R>,
    payload: I,
    options?: EnqueueOptions,
  ): Promise<TaskHandle<R>>;
  /** Enqueues a task of a definition into a queue. */
  enqueue<I, R>(
    queue: string,
    task: TaskDefinition<I, unknown, never, R>,
    payload: I,
    options?: EnqueueOptions,
  ): Promise<TaskHandle<R>>;
  /** Enqueues a task with a plain payload: a JSON value, a Uint8Array, or nothing. */
  enqueue(queue: string, type: string, payload?: unknown, options?: EnqueueOptions): Promise<TaskHandle<unknown>>;
  /**
   * Enqueues tasks in one batch that is stored in one transaction: at most 1000, and 3 MiB in all. It answers for each task, in
   * order: `{ task, error: null }`, or `{ task: null, error }` if the server refuses it, which does not refuse the others. With
   * `atomic` it does: then nothing is stored, and the error of each of the others has the reason BATCH_REFUSED.
   */
  enqueueAll<R>(tasks: readonly NewTask<R>[], options?: EnqueueAllOptions): Promise<EnqueueAnswer<R>[]>;
  /**
   * Hands a task to one of the workers of a service, by a strategy or to a chosen one, and waits for what it answers: beside the
   * result, which worker ran it and how long it took. The service's queue is the one of its name.
   *
   * @throws as `enqueue` and `awaitResult`
   */
  distribute<I, R>(
    service: string,
    task: TaskDefinition<I, unknown, never, R>,
    payload: I,
    options: DistributeOptions,
  ): Promise<CompletedTask<R>>;
  distribute(
    service: string,
    type: string,
    payload: unknown,
    options: DistributeOptions,
  ): Promise<CompletedTask<unknown>>;
  /**
   * Waits until a task is COMPLETED and answers its result, through restarts of the server.
   *
   * @param task what `enqueue` answered; or an id, whose result is then read by `options.definition`, or as a plain value
   * @throws TaskFailedError if it ends otherwise; CallError DEADLINE_EXCEEDED after `timeoutMs`, DATA_LOSS if the result is damaged
   *   on the server's disk; PayloadMismatchError
   */
  awaitResult<R>(task: TaskHandle<R>, options?: AwaitOptions): Promise<R>;
  awaitResult<R>(
    taskId: string,
    options: AwaitOptions & { readonly definition: TaskDefinition<never, unknown, never, R> },
  ): Promise<R>;
  awaitResult(taskId: string, options?: AwaitOptions): Promise<unknown>;
  /** `awaitResult`, with which worker ran the task and how long its last attempt took. */
  awaitCompleted<R>(task: TaskHandle<R>, options?: AwaitOptions): Promise<CompletedTask<R>>;
  awaitCompleted<R>(
    taskId: string,
    options: AwaitOptions & { readonly definition: TaskDefinition<never, unknown, never, R> },
  ): Promise<CompletedTask<R>>;
  awaitCompleted(taskId: string, options?: AwaitOptions): Promise<CompletedTask<unknown>>;
  /** Resolves when no enqueue waits for its answer. */
  flush(): Promise<void>;
  /** Accepts no more calls and resolves when no enqueue waits for its answer. Idempotent. */
  close(): Promise<void>;
}

/** How a task is distributed: a strategy or a worker, what else is said of the task, and how long its result is waited for. */
export type DistributeOptions = DispatchOptions & Omit<EnqueueOptions, "dispatch"> & AwaitOptions;

/**
 * Makes a producer. Close it before its client.
 *
 * @throws CallError INVALID_ARGUMENT of an option that there is not
 */
export function createProducer(client: SitqClient, options: ProducerOptions = {}): Producer {
  refuseUnknown(options, optionNames);
  const { retryTimeoutMs = 30_000, callTimeoutMs = 10_000 } = options;
  const nextRequestId = createRequestIds();
  const tries = client.outages.follow("an enqueue");
  const sender = new Sender({ owner: "producer", items: "tasks", sendBatch: send, retryTimeoutMs });

  async function send(items: readonly EncodedItem[], untilMs: number | null): Promise<readonly EnqueueStreamResult[]> {
    const batch = { items, atomic: false, timeoutMs: callTimeoutMs };
    const call = () => client.enqueueStream.send(batch);
    return retryCall(call, { tries, timeoutMs: retryTimeoutMs, untilMs, unless: unlessSplit(items) });
  }

  const idOf = ({ options }: NewTask<unknown>) => options.requestId ?? nextRequestId();

  function sendOne(task: NewTask<unknown>): Promise<TaskHandle<unknown>> {
    const { signal }: EnqueueOptions = task.options;
    signal?.throwIfAborted();
    sender.assertOpen();
    const id = idOf(task);
    const span = startSend(client, task, sentTask);
    try {
      const item = encodeNewTask(task, id, client.service, span?.headersOf(0));
      const answer = sender.send(item, (result) => stored(enqueueAnswer(task, id, result)), signal);
      return span === null ? answer : untilAnswered(span, answer, (stored) => stored.id);
    } catch (error) {
      span?.end(error);
      throw error;
    }
  }

  // What the overloads of Producer promise of types is between the definition's encode and decode. Not async: of the tens of thousands
  // that may be under way, each would keep the state of a function that waits.
  function enqueue(...args: TaskArguments): Promise<TaskHandle<never>> {
    try {
      return sendOne(taskFrom(args)) as Promise<TaskHandle<never>>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** All of the tasks or none: they are never sent in parts. */
  async function sendTogether(items: readonly EncodedItem[]): Promise<readonly EnqueueStreamResult[]> {
    const batch = { items, atomic: true, timeoutMs: callTimeoutMs };
    return retryCall(() => client.enqueueStream.send(batch), { tries, timeoutMs: retryTimeoutMs });
  }

  async function enqueueAll<R>(tasks: readonly NewTask<R>[], options: EnqueueAllOptions = {}) {
    refuseUnknown(options, enqueueAllNames);
    const { atomic = false, signal } = options;
    signal?.throwIfAborted();
    sender.assertOpen();
    const ids = tasks.map(idOf);
    return spanning(startSendAll(client, tasks, sentTask), async (span) => {
      const items = tasks.map((task, index) =>
        encodeNewTask(task, ids[index] as string, client.service, span?.headersOf(index)),
      );
      const results = atomic
        ? await sender.sendWhole(items, () => sendTogether(items), signal)
        : await sender.sendAll(items, signal);
      return tasks.map((task, index) => {
        const answer = enqueueAnswer(task, ids[index] as string, results[index]);
        span?.answered(index, answer.task?.id ?? "", answer.error);
        return answer;
      });
    });
  }

  async function awaitDone(
    task: TaskHandle<unknown> | string,
    options: ResultOptions = {},
  ): Promise<CompletedTask<never>> {
    refuseUnknown(options, resultOptionNames);
    const { definition: said, ...waits } = options;
    const [id, definition = plainTask("")] = typeof task === "string" ? [task, said] : [task.id, task.definition];
    const completed = await awaitCompleted(client, id, { ...waits, retryTimeoutMs });
    return completedTask(completed, definition) as CompletedTask<never>;
  }

  async function awaitResult(...args: Parameters<typeof awaitDone>): Promise<never> {
    return (await awaitDone(...args)).result;
  }

  async function distribute(
    service: string,
    task: AnyDefinition | string,
    payload: unknown,
    options: DistributeOptions,
  ): Promise<CompletedTask<never>> {
    const { timeoutMs, signal, ...rest } = options ?? {};
    const { dispatch, others } = splitDispatch(rest);
    const waits = { ...(timeoutMs !== undefined && { timeoutMs }), ...(signal && { signal }) };
    const enqueued = await enqueue(service, task, payload, { ...others, dispatch, ...(signal && { signal }) });
    return awaitDone(enqueued, waits);
  }

  return {
    enqueue,
    enqueueAll,
    distribute,
    awaitResult,
    awaitCompleted: awaitDone,
    flush: () => sender.flush(),
    close: () => sender.close(),
  };
}

/** What the span of an enqueue says of its task. */
function sentTask({ queue, definition, options }: NewTask<unknown>): SentMessage {
  const { headers, correlationId } = options;
  return { destination: queue, headers, correlationId, attributes: { [attribute.taskType]: definition.type } };
}

/** Parts what is said of the dispatch from what is said of the task. */
function splitDispatch(options: DispatchOptions & Omit<EnqueueOptions, "dispatch">) {
  if ("strategy" in options) {
    const { strategy, ...others } = options;
    return { dispatch: { strategy }, others };
  }
  if (options?.workerId === undefined) throw invalid("dispatch", "strategy or workerId is required");
  const { workerId, workerWaitMs, ...others } = options;
  return { dispatch: { workerId, ...(workerWaitMs !== undefined && { workerWaitMs }) }, others };
}

/** The task that was stored. @throws CallError the refusal */
function stored<R>({ task, error }: EnqueueAnswer<R>): TaskHandle<R> {
  if (error !== null) throw error;
  return task;
}
