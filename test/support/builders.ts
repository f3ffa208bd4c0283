import type { NewTask, TaskError, TaskFilter } from "../../src/domain/task.ts";

/** A task that asks for nothing special, with what a test changes of it. */
export function newTask(overrides: Partial<NewTask> = {}): NewTask {
  return {
    queue: "orders",
    type: "order.ship",
    payload: null,
    headers: null,
    priority: 0,
    scheduleMs: null,
    delayMs: null,
    expireMs: null,
    timeToLiveMs: null,
    maxAttempts: null,
    retryPolicy: null,
    attemptTimeoutMs: null,
    correlationId: null,
    sourceService: null,
    deduplicationKey: null,
    duplicatePolicy: "return_existing",
    requestId: null,
    ...overrides,
  };
}

/** A filter that every task matches, with what a test changes of it. */
export function taskFilter(overrides: Partial<TaskFilter> = {}): TaskFilter {
  return {
    queue: null,
    type: null,
    states: [],
    correlationId: null,
    createdAfterMs: null,
    createdBeforeMs: null,
    ...overrides,
  };
}

/** The error of a worker's handler. */
export function taskError(message = "the printer is on fire"): TaskError {
  return { type: "PrinterError", message, stackTrace: "at print (printer.ts:7)" };
}
