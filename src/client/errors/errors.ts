import { type Task, type TaskError, TaskState } from "../../../gen/sitq/v1/task_pb.js";
import { CompensationState, type Workflow, WorkflowState } from "../../../gen/sitq/v1/workflow_service_pb.js";

/** The details of a task's error. */
export interface TaskErrorOptions extends ErrorOptions {
  /** The error for programs, as `last_error.type` shows it. Default: the class's name. */
  readonly type?: string;
}

/** Thrown by a handler: the task failed, and trying again cannot help. It becomes FAILED, whatever attempts it has left. */
export class TerminalError extends Error {
  override readonly name: string = "TerminalError";
  /** The error for programs. */
  readonly type: string;

  constructor(message: string, options: TaskErrorOptions = {}) {
    super(message, options);
    this.type = options.type ?? "TerminalError";
  }
}

/** Thrown by a handler: the attempt failed, and the next one is to begin after `delayMs` instead of by the retry policy. */
export class RetryLaterError extends Error {
  override readonly name: string = "RetryLaterError";
  /** The error for programs. */
  readonly type: string;
  /** When to try again, in milliseconds from now. */
  readonly delayMs: number;

  constructor(message: string, delayMs: number, options: TaskErrorOptions = {}) {
    super(message, options);
    this.delayMs = delayMs;
    this.type = options.type ?? "RetryLaterError";
  }
}

/** Thrown by a handler: the task goes back to its queue, and the attempt does not count. */
export class ReleaseError extends Error {
  override readonly name = "ReleaseError";
  /** When it is offered again, in milliseconds from now; `null`: at once, in its old place. */
  readonly delayMs: number | null;

  constructor(delayMs: number | null = null) {
    super("The task is given back.");
    this.delayMs = delayMs;
  }
}

/** A payload or a result that does not match the definition of its task. */
export class PayloadMismatchError extends Error {
  override readonly name = "PayloadMismatchError";
}

/** An awaited task ended without a result. The message names the task, its type and the reason. */
export class TaskFailedError extends Error {
  override readonly name = "TaskFailedError";
  readonly taskId: string;
  /** The type of the task. */
  readonly taskType: string;
  /** How it ended. */
  readonly state: "FAILED" | "CANCELLED";
  /** The error for programs: a class's name, or one of the server's own, such as `LEASE_LOST` (`sitq.v1.TaskError` has them). */
  readonly type: string;
  /** The error as the task has it; `null`: it has none. */
  readonly lastError: TaskError | null;

  constructor({ id, type, state, attempt, lastError }: Task) {
    const isCancelled = state === TaskState.CANCELLED;
    const end = isCancelled ? "was cancelled" : `failed ${afterAttempts(attempt)}`;
    super(`The task ${id} (${type}) ${withError(end, lastError)}`);
    this.taskId = id;
    this.taskType = type;
    this.state = isCancelled ? "CANCELLED" : "FAILED";
    this.type = lastError?.type ?? "";
    this.lastError = lastError ?? null;
  }
}

/**
 * A workflow that was waited for came to rest without being completed. Its message names the workflow, what it is called, and the step
 * that failed, and says why.
 */
export class WorkflowFailedError extends Error {
  override readonly name = "WorkflowFailedError";
  readonly workflowId: string;
  /** How it ended. */
  readonly state: "FAILED" | "CANCELLED";
  /** The step that failed for good; `null`: it was cancelled. */
  readonly stepId: string | null;
  /** The error for programs, as TaskFailedError has it. */
  readonly type: string;
  /** How far the undoing of what was completed is: `UNSPECIFIED` if there was nothing to undo. */
  readonly compensation: "UNSPECIFIED" | "COMPLETED" | "FAILED";
  /** All of it. */
  readonly workflow: Workflow;

  constructor(workflow: Workflow) {
    const { id, name, steps, failure, compensationState } = workflow;
    const state = workflow.state === WorkflowState.CANCELLED ? "CANCELLED" : "FAILED";
    const stepId = failure?.stepId || null;
    const action = steps.find((step) => step.stepId === stepId)?.action ?? stepId;
    const step = stepId === null ? "" : ` at the step ${stepId}${action === stepId ? "" : ` (${action})`}`;
    const undoing = compensationState === CompensationState.FAILED ? ", and its undoing failed" : "";
    const end = `${state === "CANCELLED" ? "was cancelled" : `failed${step}`}${undoing}`;
    super(`The workflow ${id} (${name}) ${withError(end, failure?.error)}`);
    this.workflowId = id;
    this.state = state;
    this.stepId = stepId;
    this.type = failure?.error?.type ?? "";
    this.compensation = compensationWords.get(compensationState) ?? "UNSPECIFIED";
    this.workflow = workflow;
  }
}

/** An error of a worker or of the server, in words: `NoMoney: no money`; empty: there is none. The types that say nothing are left out. */
export function errorWords(error: TaskError | undefined): string {
  const { type = "", message = "" } = error ?? {};
  return [type, message].filter((part) => part !== "" && part !== "CANCELLED" && part !== "Error").join(": ");
}

function afterAttempts(attempt: number): string {
  if (attempt === 0) return "before its first attempt";
  return attempt === 1 ? "after 1 attempt" : `after ${attempt} attempts`;
}

function withError(end: string, error: TaskError | undefined): string {
  const why = errorWords(error);
  return why === "" ? `${end}.` : `${end}: ${why}`;
}

const compensationWords = new Map([
  [CompensationState.COMPLETED, "COMPLETED" as const],
  [CompensationState.FAILED, "FAILED" as const],
]);

/** Why an attempt is not the worker's any more. */
export type AbortCause = "CANCELLED" | "ATTEMPT_TIMEOUT" | "LEASE_LOST" | "WORKER_STOPPING" | "WORKER_REPLACED";

const abortTexts: Readonly<Record<AbortCause, string>> = {
  CANCELLED: "The task was cancelled.",
  ATTEMPT_TIMEOUT: "The attempt ran longer than its attempt_timeout.",
  LEASE_LOST: "The worker lost the task's lease.",
  WORKER_STOPPING: "The worker is stopping.",
  WORKER_REPLACED: "Another process has the worker's id.",
};

/** The `reason` of a handler's aborted signal. */
export class AttemptAborted extends Error {
  override readonly name = "AttemptAborted";
  /** Why, for programs. */
  readonly why: AbortCause;

  /** @param words the canceller's own; empty: none */
  constructor(why: AbortCause, words = "") {
    super(words || abortTexts[why]);
    this.why = why;
  }
}
