import type { Clock } from "../../domain/clock.ts";
import type { SitqError } from "../../domain/errors.ts";
import { judgeRerun, type TaskUpdate } from "../../domain/operators/operator-changes.ts";
import {
  duplicateTask,
  queueFull,
  taskBlocked,
  taskDamaged,
  taskFinished,
  taskInWorkflow,
  taskIsDelivery,
  taskNotFound,
  taskRunning,
  taskUnfinished,
} from "../../domain/refusals/tasks.ts";
import type { NewTask, Task } from "../../domain/tasks/task.ts";
import type { Scheduler } from "../../maintenance/scheduler.ts";
import type { Store } from "../../store/store.ts";
import type { Enqueued } from "./enqueued.ts";
import type { TaskRecord } from "./task-feed.ts";

/** How a task is run again. */
export interface Rerun {
  /** As in NewTask; not set: that of the old one. */
  readonly payload?: Uint8Array | null;
  /** As in NewTask. */
  readonly requestId: string | null;
}

/** What operators change of single tasks. */
export interface EditTasks {
  /**
   * Changes a task that waits.
   *
   * @throws SitqError TASK_NOT_FOUND, TASK_RUNNING, TASK_FINISHED, TASK_IN_WORKFLOW, TASK_IS_DELIVERY, TASK_BLOCKED, DUPLICATE_TASK,
   *   QUEUE_FULL, DATA_LOSS
   */
  update(id: string, update: TaskUpdate): Promise<Task>;
  /**
   * Enqueues a finished task once more.
   *
   * @throws SitqError TASK_NOT_FOUND, TASK_UNFINISHED, TASK_IN_WORKFLOW, TASK_IS_DELIVERY, DATA_LOSS, and those of an enqueue
   */
  rerun(id: string, rerun: Rerun): Promise<Enqueued>;
}

/** What these use cases are made of: other ones of tasks. */
interface TaskCalls {
  get(id: string): Promise<TaskRecord>;
  enqueue(tasks: readonly NewTask[]): Promise<(Enqueued | SitqError)[]>;
}

/** Creates these use cases over the others of tasks. */
export function createEditTasks(
  store: Store,
  clock: Clock,
  scheduler: Pick<Scheduler, "due">,
  tasks: TaskCalls,
): EditTasks {
  return {
    async update(id, update) {
      const answer = await store.update(id, update, clock.now());
      switch (answer.status) {
        case "updated": {
          const { task } = answer;
          if (task.state === "scheduled" && task.scheduleMs !== null) scheduler.due(task.scheduleMs);
          return task;
        }
        case "not_found":
          throw taskNotFound(id);
        case "running":
          throw taskRunning(id, "What runs is not changed.");
        case "finished":
          throw taskFinished(id, answer.state, "changed");
        case "queue_full":
          throw queueFull("task.queue", update.queue ?? "", answer.depth);
        case "duplicate":
          throw duplicateTask(answer.id, null);
        default:
          throw refusal(id, answer.status);
      }
    },

    async rerun(id, { payload, requestId }) {
      const { task } = await tasks.get(id);
      const verdict = judgeRerun({
        state: task.state,
        isInWorkflow: task.origin?.kind === "step",
        isDelivery: task.origin?.kind === "delivery",
      });
      if (verdict === "unfinished") throw taskUnfinished(id, task.state);
      if (verdict !== "rerun") throw refusal(id, verdict);
      const isDamaged = task.damagedFields?.some((field) => field === "headers" || payload === undefined) === true;
      if (isDamaged) throw taskDamaged(id);
      const [answer] = await tasks.enqueue([copyOf(task, payload === undefined ? task.payload : payload, requestId)]);
      if (answer === undefined || !("created" in answer)) throw answer;
      return answer;
    },
  };
}

function refusal(id: string, status: "in_workflow" | "delivery" | "blocked" | "damaged"): SitqError {
  switch (status) {
    case "in_workflow":
      return taskInWorkflow(id, "Retry the workflow, or start another one.");
    case "delivery":
      return taskIsDelivery(id, "Replay its subscription.");
    case "blocked":
      return taskBlocked(id);
    case "damaged":
      return taskDamaged(id);
  }
}

function copyOf(task: Task, payload: Uint8Array | null, requestId: string | null): NewTask {
  const { queue, type, headers, priority, retryPolicy, attemptTimeoutMs, correlationId, sourceService } = task;
  return {
    queue,
    type,
    payload,
    headers: headers && JSON.stringify(headers),
    priority,
    scheduleMs: null,
    delayMs: null,
    expireMs: null,
    timeToLiveMs: null,
    maxAttempts: task.maxAttempts - task.attemptBase,
    retryPolicy,
    attemptTimeoutMs,
    correlationId,
    sourceService,
    deduplicationKey: task.deduplicationKey,
    duplicatePolicy: "refuse",
    requestId,
    dispatch: null,
    rerunOf: task.id,
  };
}
