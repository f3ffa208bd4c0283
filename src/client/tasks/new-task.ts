import { create, type Message, type MessageInitShape } from "@bufbuild/protobuf";
import type { Payload } from "../../../gen/sitq/v1/payload_pb.js";
import {
  type BalancingStrategy,
  BalancingStrategySchema,
  type Dispatch,
  DispatchSchema,
} from "../../../gen/sitq/v1/queue_pb.js";
import { DuplicatePolicy, DuplicatePolicySchema, EnqueueRequestSchema } from "../../../gen/sitq/v1/queue_service_pb.js";
import { type RetryPolicy, RetryPolicySchema, type TaskSchema } from "../../../gen/sitq/v1/task_pb.js";
import { withTrace } from "../../contract/trace-context.ts";
import { checked, invalid } from "../../grpc/client/invalid.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { type EncodedItem, encodeItem } from "../connection/encoded-items.ts";
import { type EnumOption, enumValue } from "../options/enum-texts.ts";
import { spanOf, timeOf } from "../options/spans.ts";
import { plainTask, type TaskDefinition } from "./task-definition.ts";

// Encoded as they are: a message of each would be several times as large.
type TaskInit = Exclude<MessageInitShape<typeof TaskSchema>, Message>;
type RequestInit = Exclude<MessageInitShape<typeof EnqueueRequestSchema>, Message>;

/** When a failed attempt is tried again; what is not said is the queue's. */
export interface RetryPolicyOptions {
  /** The delay after the first failure, in milliseconds: 0 to 1 day. */
  readonly initialBackoffMs?: number;
  /** The longest delay, in milliseconds: `initialBackoffMs` to 7 days. */
  readonly maxBackoffMs?: number;
  /** The factor from one delay to the next: 1 to 10. */
  readonly multiplier?: number;
  /** The share of the delay that is random: 0 to 1. */
  readonly jitter?: number;
}

/** What can be said of a new task. The bounds are those of `sitq.v1.Task`. */
export interface TaskOptions {
  /** How long until the first attempt, in milliseconds, by the server's clock. Not together with `scheduleTime`. */
  readonly delayMs?: number;
  /** When the first attempt may begin. Default: at once. */
  readonly scheduleTime?: Date;
  /** The higher goes first: -1000 to 1000. Default 0. */
  readonly priority?: number;
  /** What rides along unread. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ties together what belongs together. */
  readonly correlationId?: string;
  /** At most one unfinished task of the queue has this key. */
  readonly deduplicationKey?: string;
  /** What a second task with the key gets. Default `return_existing`. */
  readonly duplicatePolicy?: EnumOption<DuplicatePolicy>;
  /** How many attempts it has in all: 1 to 1000. Default: the queue's. */
  readonly maxAttempts?: number;
  /** The delay between attempts. Default: the queue's. */
  readonly retryPolicy?: RetryPolicyOptions;
  /** How long one attempt may run, in milliseconds. Default: the queue's. */
  readonly attemptTimeoutMs?: number;
  /** How long the task may wait to be begun, in milliseconds, by the server's clock. Not together with `expireTime`. */
  readonly timeToLiveMs?: number;
  /** After this time it is not begun any more. Default: never. */
  readonly expireTime?: Date;
  /** Which worker gets it, over its queue's own strategy: by a strategy, or one worker. Default: by the queue's. */
  readonly dispatch?: DispatchOptions;
  /** Makes the enqueue safe to repeat, also by another process. Default: one of the producer's own. */
  readonly requestId?: string;
}

/** How one task is dispatched. */
export type DispatchOptions =
  | { readonly strategy: EnumOption<BalancingStrategy> }
  /** For this worker. After `workerWaitMs` (30,000 unless it is said) any worker may have it. */
  | { readonly workerId: string; readonly workerWaitMs?: number };

/** Any definition, where the payload was already checked against it. */
export type AnyDefinition<Result = unknown> = TaskDefinition<never, unknown, never, Result>;

/** A task that is ready to be enqueued; `newTask` makes it, and it can be enqueued any number of times. */
export interface NewTask<Result> {
  readonly queue: string;
  readonly definition: AnyDefinition<Result>;
  readonly payload: Payload;
  readonly options: TaskOptions;
}

/**
 * The arguments of `newTask` and `enqueue`: a queue, then a definition or a bare type; or a definition alone; then the payload
 * and the options. Their overloads say it in types.
 */
export type TaskArguments = [queueOrTask: string | AnyDefinition, ...rest: unknown[]];

/**
 * Makes a task for `enqueueAll`, from the same arguments as `enqueue`.
 *
 * @throws CallError INVALID_ARGUMENT if the payload does not fit, or of an option that there is not
 */
export function newTask<I, R>(
  task: TaskDefinition<I, unknown, never, R>,
  payload: I,
  options?: TaskOptions,
): NewTask<R>;
export function newTask<I, R>(
  queue: string,
  task: TaskDefinition<I, unknown, never, R>,
  payload: I,
  options?: TaskOptions,
): NewTask<R>;
export function newTask(queue: string, type: string, payload?: unknown, options?: TaskOptions): NewTask<unknown>;
export function newTask(...args: TaskArguments): NewTask<unknown> {
  const task = taskFrom(args);
  refuseUnknown(task.options, taskOptionNames);
  return task;
}

/** The task that the arguments mean. @throws CallError INVALID_ARGUMENT if the payload does not fit */
export function taskFrom([first, ...rest]: TaskArguments): NewTask<unknown> {
  const queue = typeof first === "string" ? first : null;
  const [task, value, options = {}] = (queue === null ? [first, ...rest] : rest) as [
    AnyDefinition | string,
    unknown,
    TaskOptions?,
  ];
  const definition = typeof task === "string" ? plainTask(task) : task;
  if (definition?.input === undefined)
    throw invalid("task.type", "is required: a text, or what jsonTask or defineTask made");
  const into = queue ?? definition.queue;
  if (into === null)
    throw invalid("task.queue", `Neither the call nor the definition of ${definition.type} names one.`);
  // The overloads have checked the value against the definition.
  const payload = checked("task.payload", () => definition.input.encode(value as never));
  return { queue: into, definition, payload, options };
}

/**
 * Encodes the request for a task.
 *
 * @param trace headers that are added, where there is room for them
 * @throws CallError INVALID_ARGUMENT if a value cannot be encoded
 */
export function encodeNewTask(
  newTask: NewTask<unknown>,
  requestId: string,
  sourceService: string,
  trace?: Readonly<Record<string, string>> | null,
): EncodedItem {
  const { queue, definition, payload, options } = newTask;
  refuseUnknown(options, enqueueOptionNames);
  const task = taskOf(queue, definition.type, options);
  if (trace != null) task.headers = withTrace(options.headers, trace);
  task.payload = payload;
  if (sourceService !== "") task.sourceService = sourceService;
  const request: RequestInit = { task, requestId, duplicatePolicy: DuplicatePolicy.RETURN_EXISTING };
  const { duplicatePolicy } = options;
  if (duplicatePolicy !== undefined) {
    request.duplicatePolicy = enumValue(DuplicatePolicySchema, "duplicate_policy", duplicatePolicy);
  }
  if (options.dispatch !== undefined) request.dispatch = dispatchOf(options.dispatch);
  return checked("task", () => encodeItem(EnqueueRequestSchema, request));
}

const taskOptionNames: OptionNames<TaskOptions> = {
  dispatch: true,
  delayMs: true,
  scheduleTime: true,
  priority: true,
  headers: true,
  correlationId: true,
  deduplicationKey: true,
  duplicatePolicy: true,
  maxAttempts: true,
  retryPolicy: true,
  attemptTimeoutMs: true,
  timeToLiveMs: true,
  expireTime: true,
  requestId: true,
};

/** Of one enqueue: `signal` is the producer's. */
const enqueueOptionNames: OptionNames<TaskOptions & { readonly signal?: AbortSignal }> = {
  ...taskOptionNames,
  signal: true,
};

const dispatchNames: OptionNames<{ strategy: unknown; workerId: unknown; workerWaitMs: unknown }> = {
  strategy: true,
  workerId: true,
  workerWaitMs: true,
};

const retryPolicyNames: OptionNames<RetryPolicyOptions> = {
  initialBackoffMs: true,
  maxBackoffMs: true,
  multiplier: true,
  jitter: true,
};

function dispatchOf(options: DispatchOptions): Dispatch {
  refuseUnknown<object>(options, dispatchNames);
  const dispatch = create(DispatchSchema);
  if ("strategy" in options) {
    dispatch.strategy = enumValue(BalancingStrategySchema, "dispatch.strategy", options.strategy);
    return dispatch;
  }
  if (options.workerId === undefined) throw invalid("dispatch", "strategy or workerId is required");
  dispatch.workerId = options.workerId;
  if (options.workerWaitMs !== undefined) dispatch.workerWait = spanOf("dispatch.worker_wait", options.workerWaitMs);
  return dispatch;
}

function taskOf(queue: string, type: string, options: TaskOptions): TaskInit {
  const task: TaskInit = { queue, type };
  if (options.priority !== undefined) task.priority = options.priority;
  if (options.maxAttempts !== undefined) task.maxAttempts = options.maxAttempts;
  if (options.correlationId !== undefined) task.correlationId = options.correlationId;
  if (options.deduplicationKey !== undefined) task.deduplicationKey = options.deduplicationKey;
  if (options.headers !== undefined) task.headers = { ...options.headers };
  if (options.delayMs !== undefined) task.delay = spanOf("task.delay", options.delayMs);
  if (options.scheduleTime !== undefined) task.scheduleTime = timeOf("task.schedule_time", options.scheduleTime);
  if (options.timeToLiveMs !== undefined) task.timeToLive = spanOf("task.time_to_live", options.timeToLiveMs);
  if (options.expireTime !== undefined) task.expireTime = timeOf("task.expire_time", options.expireTime);
  if (options.attemptTimeoutMs !== undefined) {
    task.attemptTimeout = spanOf("task.attempt_timeout", options.attemptTimeoutMs);
  }
  if (options.retryPolicy !== undefined) task.retryPolicy = retryPolicyOf("task.retry_policy", options.retryPolicy);
  return task;
}

/** A policy as the contract has it. @throws CallError INVALID_ARGUMENT below `field` */
export function retryPolicyOf(field: string, options: RetryPolicyOptions): RetryPolicy {
  refuseUnknown(options, retryPolicyNames);
  const { initialBackoffMs, maxBackoffMs, multiplier, jitter } = options;
  const policy = create(RetryPolicySchema, { multiplier: multiplier ?? 0 });
  if (initialBackoffMs !== undefined) policy.initialBackoff = spanOf(`${field}.initial_backoff`, initialBackoffMs);
  if (maxBackoffMs !== undefined) policy.maxBackoff = spanOf(`${field}.max_backoff`, maxBackoffMs);
  if (jitter !== undefined) policy.jitter = jitter;
  return policy;
}
