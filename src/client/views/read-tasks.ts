import {
  type QueueService,
  type TaskFilter,
  TaskFilterSchema,
  TaskView,
} from "../../../gen/sitq/v1/queue_service_pb.js";
import { type Task, TaskSchema } from "../../../gen/sitq/v1/task_pb.js";
import type { Client } from "../../grpc/client/client.ts";
import { type OptionNames, refuseUnknown } from "../../grpc/client/known-options.ts";
import { fromPlain, type PlainOptions } from "./from-plain.ts";
import { eachItem, type ListOptions, listNames, present, type ReadOptions, readCall, readNames } from "./pages.ts";
import { type Plain, toPlain } from "./plain.ts";

/** A task as a plain object. */
export type TaskRecord = Plain<Task>;

/** Which tasks are listed, and how. */
export interface TaskListOptions extends PlainOptions<TaskFilter>, ListOptions {
  /** Whether payloads, results and headers are read too. Default false. */
  readonly full?: boolean;
}

/** How a task is cancelled. */
export interface CancelTaskOptions extends ReadOptions {
  /** Why, for the running handler and for later readers of the task. At most 1 KiB. */
  readonly reason?: string;
}

const cancelNames: OptionNames<CancelTaskOptions> = { ...readNames, reason: true };

/** Reads tasks as plain objects, cancels them, and puts them back. */
export interface TaskReader {
  /** One task, whole. @throws CallError NOT_FOUND */
  get(taskId: string, options?: ReadOptions): Promise<TaskRecord>;
  /** Tasks, newest first. @throws CallError INVALID_ARGUMENT of a filter that does not fit */
  list(options?: TaskListOptions): AsyncIterable<TaskRecord>;
  /**
   * Cancels a task; a running handler's signal is aborted. Resolves with the task without payload, result, headers and attempts.
   *
   * @throws CallError TASK_NOT_FOUND; TASK_FINISHED
   */
  cancel(taskId: string, options?: CancelTaskOptions): Promise<TaskRecord>;
  /** Puts back a task that failed or was cancelled, with fresh attempts. @throws CallError TASK_NOT_FOUND; TASK_NOT_RETRYABLE */
  retry(taskId: string, options?: ReadOptions): Promise<TaskRecord>;
}

/** Creates a reader over a typed client. */
export function createTaskReader(service: Client<typeof QueueService>): TaskReader {
  return {
    async get(taskId, options = {}) {
      const { task } = await service.getTask({ taskId }, readCall(options));
      return toPlain(TaskSchema, present(task, "task"));
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
    list({ full = false, pageSize, signal, ...wanted } = {}) {
      const filter = fromPlain(TaskFilterSchema, "filter", wanted, ["full", ...Object.keys(listNames)]);
      return eachItem({ pageSize, signal }, async (page, call) => {
        const view = full ? TaskView.FULL : TaskView.BASIC;
        const { tasks, nextPageToken } = await service.listTasks({ filter, view, ...page }, call);
        return { items: tasks.map((task) => toPlain(TaskSchema, task)), nextPageToken };
      });
    },
  };
}
