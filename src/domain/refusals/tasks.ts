/** What is refused of tasks and queues. */

import { quoted, SitqError } from "../errors.ts";

/** No task has the id. */
export function taskNotFound(id: string): SitqError {
  return new SitqError("TASK_NOT_FOUND", `There is no task ${quoted(id)}.`, {
    field: "task_id",
    metadata: { task_id: id },
  });
}

/** A finished task cannot be cancelled, or changed. */
export function taskFinished(id: string, state: string, done: "cancelled" | "changed" = "cancelled"): SitqError {
  return new SitqError("TASK_FINISHED", `The task ${id} is ${state}: it can no longer be ${done}.`, {
    field: "task_id",
    metadata: { state },
  });
}

/** A running task cannot be deleted, or changed. */
export function taskRunning(id: string, advice = "Cancel it first."): SitqError {
  return new SitqError("TASK_RUNNING", `The task ${id} is running. ${advice}`, { field: "task_id" });
}

/** A task whose content is damaged on the disk is neither changed nor copied. */
export function taskDamaged(id: string): SitqError {
  return new SitqError("DATA_LOSS", `The task ${id} is damaged on the disk.`, { field: "task_id" });
}

/** Only a finished task can run again. */
export function taskUnfinished(id: string, state: string): SitqError {
  return new SitqError("TASK_UNFINISHED", `The task ${id} is ${state}: only a finished task can be run again.`, {
    field: "task_id",
    metadata: { state },
  });
}

/** A task that waits for other tasks has no time. */
export function taskBlocked(id: string): SitqError {
  return new SitqError("TASK_BLOCKED", `The task ${id} waits for other tasks: its time cannot be changed.`, {
    field: "task.schedule_time",
  });
}

/** A delivery stays what its subscription makes it. */
export function taskIsDelivery(id: string, advice: string): SitqError {
  return new SitqError("TASK_IS_DELIVERY", `The task ${id} delivers an event. ${advice}`, { field: "task_id" });
}

/** The task has not failed, or is not waiting for a retry. */
export function taskNotRetryable(id: string, state: string): SitqError {
  return new SitqError("TASK_NOT_RETRYABLE", `The task ${id} is ${state}: there is nothing to retry.`, {
    field: "task_id",
    metadata: { state },
  });
}

/** The step of a workflow cannot be retried or deleted alone. @param workflowId `null`: not to be named */
export function taskInWorkflow(id: string, advice: string, workflowId: string | null = null): SitqError {
  return new SitqError("TASK_IN_WORKFLOW", `The task ${id} is a step of a workflow. ${advice}`, {
    field: "task_id",
    metadata: workflowId === null ? {} : { workflow_id: workflowId },
  });
}

/** An unfinished task has the deduplication key. @param unreplaceable the state in which it cannot be replaced; `null`: none was to be */
export function duplicateTask(id: string, unreplaceable: string | null): SitqError {
  const why = unreplaceable === null ? "" : ` It is ${unreplaceable}, so it cannot be replaced.`;
  return new SitqError("DUPLICATE_TASK", `Unfinished task ${id} has this deduplication_key.${why}`, {
    field: "task.deduplication_key",
    metadata: { task_id: id },
  });
}

/** A request id made a task or started a workflow with other content. */
export function requestIdReused(what: "task" | "workflow", id: string): SitqError {
  const deed = what === "task" ? "made" : "started";
  return new SitqError("REQUEST_ID_REUSED", `This request_id ${deed} the ${what} ${id}, with other content.`, {
    field: "request_id",
    metadata: { [`${what}_id`]: id },
  });
}

/** Another item of an atomic batch was refused. */
export function batchRefused(): SitqError {
  return new SitqError(
    "BATCH_REFUSED",
    "Another task of the batch was refused, so none was stored. See the other results.",
  );
}

/** No queue has the name. */
export function queueNotFound(name: string): SitqError {
  return new SitqError("QUEUE_NOT_FOUND", `There is no queue ${quoted(name)}.`, {
    field: "name",
    metadata: { queue: name },
  });
}

/** The queue holds as many unfinished tasks as it may. @param field the field that names it */
export function queueFull(field: string, queue: string, depth: number): SitqError {
  return new SitqError("QUEUE_FULL", `Queue ${queue} holds ${depth} unfinished tasks, its limit.`, {
    field,
    metadata: { queue, depth: String(depth) },
    retryAfterMs: 1_000,
  });
}

/** The caller does not hold the attempt (any more). */
export function staleAttempt(id: string, attempt: number, workerId: string): SitqError {
  return new SitqError("STALE", `Worker ${workerId} does not hold attempt ${attempt} of task ${id}, or no longer.`, {
    field: "attempt",
    metadata: { task_id: id, attempt: String(attempt), worker_id: workerId },
  });
}
