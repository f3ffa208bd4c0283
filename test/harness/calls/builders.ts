import type { EventFilter, NewEvent, NewSubscription } from "../../../src/domain/events/event.ts";
import { everyTask, type TaskFilter } from "../../../src/domain/operators/task-filter.ts";
import type { NewTask, TaskError } from "../../../src/domain/tasks/task.ts";
import type { NewStep, NewWorkflow } from "../../../src/domain/workflows/workflow.ts";

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
    dispatch: null,
    ...overrides,
  };
}

/** A filter that every task matches, with what a test changes of it. */
export function taskFilter(overrides: Partial<TaskFilter> = {}): TaskFilter {
  return { ...everyTask, ...overrides };
}

/** An event that says nothing special, with what a test changes of it. */
export function newEvent(overrides: Partial<NewEvent> = {}): NewEvent {
  return {
    id: null,
    type: "order.created",
    sourceService: "shop",
    subject: null,
    time: null,
    data: null,
    correlationId: null,
    causationId: null,
    attributes: null,
    ...overrides,
  };
}

/** A filter that every event matches. */
export const everyEvent: EventFilter = {
  types: [],
  sourceService: null,
  attributes: {},
  subject: null,
  correlationId: null,
};

/** A subscription to every event, with what a test changes of it. */
export function newSubscription(overrides: Partial<NewSubscription> = {}): NewSubscription {
  return {
    name: "mail",
    filter: everyEvent,
    queue: "mail",
    orderingKey: null,
    maxAttempts: null,
    retryPolicy: null,
    attemptTimeoutMs: null,
    ...overrides,
  };
}

/** A step that asks for nothing special. What it depends on it also reads. */
export function newStep(stepId: string, overrides: Partial<NewStep> = {}): NewStep {
  return {
    stepId,
    service: "orders",
    action: stepId,
    parameters: null,
    dependsOn: [],
    reads: overrides.dependsOn ?? [],
    hasExpressions: false,
    maxAttempts: 1,
    retryPolicy: null,
    attemptTimeoutMs: null,
    compensateWith: null,
    ...overrides,
  };
}

/** A workflow of these steps, with what a test changes of it. */
export function newWorkflow(steps: readonly NewStep[], overrides: Partial<NewWorkflow> = {}): NewWorkflow {
  return {
    name: "place-order",
    steps,
    input: null,
    correlationId: null,
    sourceService: null,
    requestId: null,
    digest: "",
    ...overrides,
  };
}

/** The error of a worker's handler. */
export function taskError(message = "the printer is on fire"): TaskError {
  return { type: "PrinterError", message, stackTrace: "at print (printer.ts:7)" };
}
