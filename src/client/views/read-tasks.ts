import { randomUUID } from "node:crypto";
import { type Explanation, ExplanationSchema } from "../../../gen/sitq/v1/explanation_pb.js";
import {
  type CancelTasksResponse,
  CancelTasksResponseSchema,
  DeleteTasksResponseSchema,
  type FailureGroup,
  FailureGroupSchema,
  type QueueService,
  RetryTasksResponseSchema,
  type TaskFilter,
  TaskFilterSchema,
  type TaskOrder,
  TaskOrderSchema,
  TaskView,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { type Task, TaskSchema } from "../../../gen/sitq/v1/task_pb.js";
import type { CallOptions, Client } from "../../grpc/client/client.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { type EnumOption, enumValue } from "../options/enum-texts.ts";
import { toPayload } from "../values/payload.ts";
import { fromPlain, type PlainOptions } from "./from-plain.ts";
import { eachItem, type ListOptions, listNames, present, type ReadOptions, readCall, readNames } from "./pages.ts";
import { type Plain, toPlain } from "./plain.ts";

/** Why a task is not running, and about when it will. */
export type ExplanationRecord = Plain<Explanation>;

/** A task as a plain object. */
export type TaskRecord = Plain<Task>;

/** A kind of failures as a plain object: how many tasks of a queue and type failed with one type of error. */
export type FailureRecord = Plain<FailureGroup>;

/** What a change of many tasks did, or would do, as a plain object. */
export type BulkRecord = Plain<CancelTasksResponse>;

/** Which tasks are meant: every member that is given must match. Without any, all are. */
export type TaskFilterOptions = PlainOptions<TaskFilter>;

/** Which tasks are listed, and how. */
export interface TaskListOptions extends TaskFilterOptions, ListOptions {
  /** Whether payloads, results and headers are read too. Default false. */
  readonly full?: boolean;
  /** Which come first, by the time of their creation. Default `"NEWEST_FIRST"`. */
  readonly order?: EnumOption<TaskOrder> | undefined;
}

/** How a task is cancelled. */
export interface CancelTaskOptions extends ReadOptions {
  /** Why, for the running handler and for later readers of the task. At most 1 KiB. */
  readonly reason?: string;
}

const cancelNames: OptionNames<CancelTaskOptions> = { ...readNames, reason: true };

/** What changes of a task that waits. */
export interface TaskChanges {
  /** The queue that it moves to. */
  readonly queue?: string | undefined;
  /** Higher first: -1000 to 1000. */
  readonly priority?: number | undefined;
  /** The delay until it may start, in milliseconds; 0: now. Not together with `scheduleTime`. */
  readonly delayMs?: number | undefined;
  /** When it may start; a past time: now. */
  readonly scheduleTime?: Date | undefined;
}

const changeNames: OptionNames<TaskChanges> = { queue: true, priority: true, delayMs: true, scheduleTime: true };

/** How a task is run again. */
export interface RerunOptions extends ReadOptions {
  /** The payload of the new task, as of an enqueue. Default: that of the old one. */
  readonly payload?: unknown;
  /** Makes a repeat safe. Default: a new one. */
  readonly requestId?: string;
}

const rerunNames: OptionNames<RerunOptions> = { ...readNames, payload: true, requestId: true };

/** How many tasks are changed at once. */
export interface BulkOptions extends ReadOptions {
  /** Only count them, by their types of errors too. Default false. */
  readonly dryRun?: boolean;
}

/** How many tasks are cancelled at once. */
export type CancelAllOptions = BulkOptions & CancelTaskOptions;

const bulkNames: OptionNames<BulkOptions> = { ...readNames, dryRun: true };
const cancelAllNames: OptionNames<CancelAllOptions> = { ...bulkNames, reason: true };
/** The deadline of a call that goes through any number of tasks. */
const bulkTimeoutMs = 600_000;

/** Which failures are listed, and how. */
export interface FailureListOptions extends ListOptions {
  /** Default: of every queue. */
  readonly queue?: string;
  /** The type of the tasks. Default: every type. */
  readonly type?: string;
}

const failureNames: OptionNames<FailureListOptions> = { ...listNames, queue: true, type: true };

/** Reads tasks as plain objects, and changes them, one by one or many at once. */
export interface TaskReader {
  /** One task, whole. @throws CallError NOT_FOUND */
  get(taskId: string, options?: ReadOptions): Promise<TaskRecord>;
  /** Why a task is not running, and about when it will. @param task its id, or its handle @throws CallError NOT_FOUND */
  explain(task: string | { readonly id: string }, options?: ReadOptions): Promise<ExplanationRecord>;
  /** Tasks, newest first unless `order` says otherwise. @throws CallError INVALID_ARGUMENT of a filter that does not fit */
  list(options?: TaskListOptions): AsyncIterable<TaskRecord>;
  /**
   * Cancels a task; a running handler's signal is aborted. Resolves with the task without payload, result, headers and attempts.
   *
   * @throws CallError TASK_NOT_FOUND; TASK_FINISHED
   */
  cancel(taskId: string, options?: CancelTaskOptions): Promise<TaskRecord>;
  /** Puts back a task that failed or was cancelled, with fresh attempts. @throws CallError TASK_NOT_FOUND; TASK_NOT_RETRYABLE */
  retry(taskId: string, options?: ReadOptions): Promise<TaskRecord>;
  /**
   * Changes the queue, the priority or the time of a task that waits; what is not given stays.
   *
   * @throws CallError TASK_NOT_FOUND; TASK_RUNNING; TASK_FINISHED; TASK_IN_WORKFLOW or TASK_IS_DELIVERY of its queue; TASK_BLOCKED of its
   *   time; DUPLICATE_TASK or QUEUE_FULL in another queue
   */
  update(taskId: string, changes: TaskChanges, options?: ReadOptions): Promise<TaskRecord>;
  /**
   * Runs a finished task again, as a new task with the same content, or with another payload. Resolves with the new task, which a repeat
   * with the same `requestId` finds.
   *
   * @throws CallError TASK_NOT_FOUND; TASK_UNFINISHED; TASK_IN_WORKFLOW; TASK_IS_DELIVERY
   */
  rerun(taskId: string, options?: RerunOptions): Promise<TaskRecord>;
  /** The kinds of failures among the FAILED tasks that are kept, largest first. */
  failures(options?: FailureListOptions): AsyncIterable<FailureRecord>;
  /**
   * Cancels every unfinished task that matches; the signals of running handlers are aborted. `timeoutMs` of this and the next is 10
   * minutes by default.
   *
   * @throws CallError INVALID_ARGUMENT of a filter that does not fit
   */
  cancelAll(filter: TaskFilterOptions, options?: CancelAllOptions): Promise<BulkRecord>;
  /** Puts back every FAILED task that matches, or CANCELLED ones if `states` says so. @throws CallError INVALID_ARGUMENT */
  retryAll(filter: TaskFilterOptions, options?: BulkOptions): Promise<BulkRecord>;
  /** Deletes every task that matches and does not run. @throws CallError INVALID_ARGUMENT */
  deleteAll(filter: TaskFilterOptions, options?: BulkOptions): Promise<BulkRecord>;
}

/** Creates a reader over a typed client. */
export function createTaskReader(service: Client<typeof QueueService>): TaskReader {
  return {
    async get(taskId, options = {}) {
      const { task } = await service.getTask({ taskId }, readCall(options));
      return toPlain(TaskSchema, present(task, "task"));
    },
    async explain(task, options = {}) {
      const taskId = typeof task === "string" ? task : task.id;
      const { explanation } = await service.explainTask({ taskId }, readCall(options));
      return toPlain(ExplanationSchema, present(explanation, "explanation"));
    },
    async cancel(taskId, options = {}) {
      refuseUnknown(options, cancelNames);
      const { reason = "", ...read } = options;
      const { task } = await service.cancelTask({ taskId, reason }, readCall(read));
      return toPlain(TaskSchema, present(task, "task"));
    },
    async retry(taskId, options = {}) {
      const { task } = await service.retryTask({ taskId }, readCall(options));
      return toPlain(TaskSchema, present(task, "task"));
    },
    async update(taskId, changes, options = {}) {
      refuseUnknown(changes, changeNames);
      const { queue, priority, delayMs, scheduleTime } = changes;
      const values = { queue, priority, delay: delayMs, schedule_time: scheduleTime };
      const paths = Object.entries(values).flatMap(([path, value]) => (value === undefined ? [] : [path]));
      const task = fromPlain(TaskSchema, "task", { id: taskId, queue, priority, delayMs, scheduleTime });
      const answer = await service.updateTask({ task, updateMask: { paths } }, readCall(options));
      return toPlain(TaskSchema, present(answer.task, "task"));
    },
    async rerun(taskId, options = {}) {
      refuseUnknown(options, rerunNames);
      const { payload, requestId = randomUUID(), ...read } = options;
      const content = "payload" in options ? { payload: toPayload(payload) } : {};
      const { task } = await service.rerunTask({ taskId, requestId, ...content }, readCall(read));
      return toPlain(TaskSchema, present(task, "task"));
    },
    failures(options = {}) {
      refuseUnknown(options, failureNames);
      const { queue = "", type = "", ...list } = options;
      return eachItem(list, async (page, call) => {
        const { failures, nextPageToken } = await service.listFailures({ queue, type, ...page }, call);
        return { items: failures.map((group) => toPlain(FailureGroupSchema, group)), nextPageToken };
      });
    },
    async cancelAll(wanted, options = {}) {
      refuseUnknown(options, cancelAllNames);
      const { reason = "", dryRun = false, ...read } = options;
      const filter = fromPlain(TaskFilterSchema, "filter", wanted);
      const answer = await service.cancelTasks({ filter, reason, dryRun }, bulkCall(read));
      return toPlain(CancelTasksResponseSchema, answer);
    },
    async retryAll(wanted, options = {}) {
      refuseUnknown(options, bulkNames);
      const { dryRun = false, ...read } = options;
      const filter = fromPlain(TaskFilterSchema, "filter", wanted);
      return toPlain(RetryTasksResponseSchema, await service.retryTasks({ filter, dryRun }, bulkCall(read)));
    },
    async deleteAll(wanted, options = {}) {
      refuseUnknown(options, bulkNames);
      const { dryRun = false, ...read } = options;
      const filter = fromPlain(TaskFilterSchema, "filter", wanted);
      return toPlain(DeleteTasksResponseSchema, await service.deleteTasks({ filter, dryRun }, bulkCall(read)));
    },
    list({ full = false, order, pageSize, signal, ...wanted } = {}) {
      const filter = fromPlain(TaskFilterSchema, "filter", wanted, ["full", "order", ...Object.keys(listNames)]);
      const orderValue: TaskOrder = order === undefined ? 0 : enumValue(TaskOrderSchema, "order", order);
      return eachItem({ pageSize, signal }, async (page, call) => {
        const view = full ? TaskView.FULL : TaskView.BASIC;
        const { tasks, nextPageToken } = await service.listTasks({ filter, view, order: orderValue, ...page }, call);
        return { items: tasks.map((task) => toPlain(TaskSchema, task)), nextPageToken };
      });
    },
  };
}

function bulkCall(read: ReadOptions): CallOptions {
  return readCall({ timeoutMs: bulkTimeoutMs, ...read });
}
