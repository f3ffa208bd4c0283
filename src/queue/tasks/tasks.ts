import type { Clock } from "../../domain/clock.ts";
import type { SitqError } from "../../domain/errors.ts";
import {
  batchRefused,
  duplicateTask,
  queueFull,
  requestIdReused,
  taskFinished,
  taskInWorkflow,
  taskNotFound,
  taskNotRetryable,
  taskRunning,
} from "../../domain/refusals/tasks.ts";
import { cancelledError, type NewTask, type Task } from "../../domain/tasks/task.ts";
import type { Scheduler } from "../../maintenance/scheduler.ts";
import type { Admission } from "../../store/admission.ts";
import type { Store } from "../../store/store.ts";
import type { EnqueueAnswer, FailureQuery, ListQuery } from "../../store/task-store.ts";
import type { TaskTraces } from "../../tracing/traces.ts";
import type { Dispatcher } from "../dispatch/dispatcher.ts";
import type { LeaseEnder } from "../leases/lease-ender.ts";
import { type ChangeMatching, createChangeMatching } from "./change-matching.ts";
import { createEditTasks, type EditTasks } from "./edit-tasks.ts";
import type { Enqueued } from "./enqueued.ts";
import type { TaskRecord } from "./task-feed.ts";

/** What producers and operators do with tasks. */
export interface Tasks extends EditTasks {
  /** @throws SitqError OVERLOADED if an enqueue would be refused: before it is even checked */
  assertOpen(): void;
  /**
   * Stores tasks in one transaction and answers, or refuses, each one, in order.
   *
   * @param atomic all of them or none. Default false
   * @throws SitqError OVERLOADED
   */
  enqueue(tasks: readonly NewTask[], atomic?: boolean): Promise<(Enqueued | SitqError)[]>;
  /** @throws SitqError TASK_NOT_FOUND */
  get(id: string): Promise<TaskRecord>;
  list(query: ListQuery): ReturnType<Store["list"]>;
  /** @throws SitqError TASK_NOT_FOUND, TASK_FINISHED */
  cancel(id: string, reason: string): Promise<Task>;
  /** @throws SitqError TASK_NOT_FOUND, TASK_NOT_RETRYABLE, TASK_IN_WORKFLOW, DUPLICATE_TASK */
  retry(id: string): Promise<Task>;
  readonly changeMatching: ChangeMatching;
  /** The kinds of failures among the tasks that are kept. */
  listFailures(query: FailureQuery): ReturnType<Store["listFailures"]>;
  /** @throws SitqError TASK_NOT_FOUND, TASK_RUNNING, TASK_IN_WORKFLOW */
  delete(id: string): Promise<void>;
}

/** What the use cases of tasks need. */
export interface TasksOptions {
  readonly store: Store;
  readonly admission: Admission;
  readonly clock: Clock;
  readonly dispatcher: Pick<Dispatcher, "wake" | "ended">;
  readonly scheduler: Pick<Scheduler, "due">;
  readonly ender: Pick<LeaseEnder, "endCancelled">;
  /** Records what becomes of tasks. Default: nothing does. */
  readonly traces?: TaskTraces | null;
}

/** Creates the use cases of tasks. */
export function createTasks({
  store,
  admission,
  clock,
  dispatcher,
  scheduler,
  ender,
  traces = null,
}: TasksOptions): Tasks {
  function enqueuedOf(request: NewTask, answer: EnqueueAnswer): Enqueued | SitqError {
    switch (answer.status) {
      case "created": {
        const { task } = answer;
        if (task.state === "scheduled" && task.scheduleMs !== null) scheduler.due(task.scheduleMs);
        if (task.expireMs !== null) scheduler.due(task.expireMs);
        const { dispatch } = request;
        if (dispatch !== null && "workerId" in dispatch) {
          scheduler.due(Math.max(task.createMs, task.scheduleMs ?? 0) + dispatch.waitMs);
        }
        return { created: true, request, task };
      }
      case "existing":
        return { created: false, task: answer.task };
      case "request_id_reused":
        return requestIdReused("task", answer.id);
      case "duplicate":
        return duplicateTask(answer.id, request.duplicatePolicy === "replace" ? answer.state : null);
      case "queue_full":
        return queueFull("task.queue", request.queue, answer.depth);
      case "batch_refused":
        return batchRefused();
    }
  }

  /** Wakes the dispatcher at the moment when the store is asked: a claim that came before would find nothing. */
  function storeNow(tasks: readonly NewTask[], atomic: boolean): Promise<EnqueueAnswer[]> {
    let ready = 0;
    tasks.forEach((task, index) => {
      const { queue, type, scheduleMs, delayMs } = task;
      if (scheduleMs === null && delayMs === null) ready++;
      const next = tasks[index + 1];
      // Once for those that are alike and stand together.
      if (ready === 0 || (next?.queue === queue && next.type === type)) return;
      dispatcher.wake(queue, ready, type);
      ready = 0;
    });
    return store.enqueue(tasks, clock.now(), atomic);
  }

  const tasks: Omit<Tasks, keyof EditTasks> = {
    assertOpen: () => admission.assertOpen(),

    async enqueue(tasks, atomic = false) {
      const beganMs = traces?.now() ?? 0;
      const bytes = tasks.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0);
      const answers = await admission.admit(tasks.length, bytes, () => storeNow(tasks, atomic));
      const enqueued = answers.map((answer, index) => {
        const request = tasks[index];
        if (request === undefined) throw new Error("an answer without a question");
        // A time that was already past: the wake that was spared above is due.
        const isReady = answer.status === "created" && answer.task.state === "pending";
        if (isReady && (request.scheduleMs ?? request.delayMs) !== null)
          dispatcher.wake(request.queue, 1, request.type);
        return enqueuedOf(request, answer);
      });
      traces?.stored(tasks, (index) => createdId(enqueued[index]), beganMs);
      // The promises that they came through may be old by now, and would keep them until the next full collection.
      answers.length = 0;
      return enqueued;
    },

    async get(id) {
      const [found] = await store.get([id]);
      if (!found) throw taskNotFound(id);
      return found;
    },

    list: (query) => store.list(query),

    async cancel(id, reason) {
      const [answer] = await store.cancel([id], cancelledError(reason), clock.now());
      if (answer === undefined || answer.status === "not_found") throw taskNotFound(id);
      if (answer.status === "finished") throw taskFinished(id, answer.state);
      const { task, lease } = answer;
      if (lease === null) dispatcher.ended(task.queue);
      else ender.endCancelled([lease], reason);
      return task;
    },

    async retry(id) {
      const [answer] = await store.retry([id], clock.now());
      if (answer === undefined || answer.status === "not_found") throw taskNotFound(id);
      if (answer.status === "in_workflow") {
        throw taskInWorkflow(id, `Retry the workflow ${answer.workflowId} as a whole.`, answer.workflowId);
      }
      if (answer.status === "duplicate") throw duplicateTask(answer.id, null);
      if (answer.status === "not_retryable") throw taskNotRetryable(id, answer.state);
      return answer.task;
    },

    changeMatching: createChangeMatching({ store, clock, dispatcher, ender }),

    listFailures: (query) => store.listFailures(query),

    async delete(id) {
      const [answer] = await store.delete([id], clock.now());
      if (answer === "deleted") return;
      if (answer === "in_workflow") throw taskInWorkflow(id, "It goes with its workflow.");
      if (answer !== "running") throw taskNotFound(id);
      throw taskRunning(id);
    },
  };
  return { ...tasks, ...createEditTasks(store, clock, scheduler, tasks) };
}

/** The id of a task that was stored by this call; `null`: it was not. */
function createdId(enqueued: Enqueued | SitqError | undefined): string | null {
  return enqueued !== undefined && "created" in enqueued && enqueued.created ? enqueued.task.id : null;
}
