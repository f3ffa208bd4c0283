/**
 * The life of a task.
 *
 * ```
 *   blocked ──▶ scheduled ──▶ pending ──claim──▶ running ──completed──▶ completed
 *                   ▲            ▲                  │
 *                   │            └─ released, lost ─┤
 *                   └──── failed, attempts left ────┤
 *                                                   ├─ failed, none left or terminal ─▶ failed
 *                                                   └─ cancelled ─▶ cancelled
 * ```
 *
 * A waiting task (blocked, scheduled, pending) can also be cancelled, or expire into failed. A failed or cancelled task can
 * be retried into pending. `attempt` rises by one with each claim and falls only when that very attempt is released.
 */

import type { Dispatch } from "../balancing/dispatch.ts";
import type { StoredEvent } from "../events/event.ts";
import { noHandler, type RetryPolicy } from "../retry.ts";

/** Every state, in the order of its numbers in the database, from 1. */
export const taskStates = ["blocked", "scheduled", "pending", "running", "completed", "failed", "cancelled"] as const;

/** Where a task stands. */
export type TaskState = (typeof taskStates)[number];

/** Whether a task in this state will never change by itself again. */
export function isFinished(state: TaskState): state is "completed" | "failed" | "cancelled" {
  return state === "completed" || state === "failed" || state === "cancelled";
}

/** Whether a task in this state waits for its first or next attempt. */
export function isWaiting(state: TaskState): state is "blocked" | "scheduled" | "pending" {
  return state === "blocked" || state === "scheduled" || state === "pending";
}

/** Whether RetryTask puts a task in this state back. */
export function isRetryable(state: TaskState): boolean {
  return state === "failed" || state === "cancelled" || state === "scheduled";
}

/** Whether a waiting task may not begin any more. @param expireMs wall clock, milliseconds; `null`: it does not expire */
export function isExpired(expireMs: number | null, nowMs: number): boolean {
  return expireMs !== null && expireMs <= nowMs;
}

/** How an attempt ended, in the order of its numbers in the database, from 1. */
export const attemptOutcomes = ["completed", "failed", "released", "lease_lost", "timed_out", "cancelled"] as const;

/** How an attempt ended. */
export type AttemptOutcome = (typeof attemptOutcomes)[number];

/** Why an attempt did not complete. */
export interface TaskError {
  /** For a person. */
  readonly message: string;
  /** For a program; empty if unknown. */
  readonly type: string;
  /** Where; empty if unknown. */
  readonly stackTrace: string;
}

/** The errors that the server itself writes into a task. */
export const serverErrors = {
  leaseLost: {
    type: "LEASE_LOST",
    message: "The lease ended: the worker was silent, or its stream was ended.",
    stackTrace: "",
  },
  attemptTimeout: { type: "ATTEMPT_TIMEOUT", message: "The attempt ran longer than attempt_timeout.", stackTrace: "" },
  expired: { type: "EXPIRED", message: "The task was not started before expire_time.", stackTrace: "" },
  stepTooLarge: {
    type: "STEP_TOO_LARGE",
    message:
      "The step's parameters and the results that it reads do not fit into one message. Pass addresses of large results.",
    stackTrace: "",
  },
  dataLoss: {
    type: "DATA_LOSS",
    message:
      "The stored task, or the event that it delivers, is damaged: its checksum does not match. It was not handed out.",
    stackTrace: "",
  },
  replaced: { type: "REPLACED", message: "A newer task with the same deduplication_key replaced it.", stackTrace: "" },
  subscriptionEnded: { type: "CANCELLED", message: "Its subscription was deleted.", stackTrace: "" },
  workflowEnded: { type: "CANCELLED", message: "Its workflow ended before it was done.", stackTrace: "" },
} as const satisfies Record<string, TaskError>;

/** The error of a task that a worker gave back for a reason. */
export function releasedError(reason: string, workerId: string, type: string): TaskError {
  const message =
    reason === noHandler ? `The worker ${workerId} does not handle ${type}.` : `The worker ${workerId} released it.`;
  return { type: reason, message, stackTrace: "" };
}

/** The error of a cancelled task. */
export function cancelledError(reason: string): TaskError {
  return { type: "CANCELLED", message: reason || "The task was cancelled.", stackTrace: "" };
}

/** How far a running attempt is. */
export interface TaskProgress {
  /** 0 to 1. */
  readonly fraction: number;
  readonly message: string;
  /** Wall clock, milliseconds. */
  readonly updateMs: number;
}

/** One hand-out of a task. */
export interface TaskAttempt {
  readonly attempt: number;
  readonly workerId: string;
  readonly startMs: number;
  /** `null`: it runs. */
  readonly finishMs: number | null;
  /** `null`: it runs. */
  readonly outcome: AttemptOutcome | null;
  readonly error: TaskError | null;
}

/** What a producer asks for. All times are wall clock, in milliseconds. */
export interface NewTask {
  readonly queue: string;
  readonly type: string;
  /** An encoded sitq.v1.Payload; the server never looks inside. `null`: empty. */
  readonly payload: Uint8Array | null;
  /** As JSON, sorted by key: a text goes from thread to thread, and into its row, as it is. `null`: none. */
  readonly headers: string | null;
  readonly priority: number;
  /** The time of the first attempt; at most one of it and `delayMs` is set. Both `null`: at once. */
  readonly scheduleMs: number | null;
  /** The span until the first attempt. */
  readonly delayMs: number | null;
  /** At most one of it and `timeToLiveMs` is set. Both `null`: never. */
  readonly expireMs: number | null;
  /** `expireMs` as a span from now. */
  readonly timeToLiveMs: number | null;
  /** `null`: the queue's. */
  readonly maxAttempts: number | null;
  /** What it says of its own policy; the queue's fills the rest. */
  readonly retryPolicy: Partial<RetryPolicy> | null;
  /** `null`: the queue's. */
  readonly attemptTimeoutMs: number | null;
  readonly correlationId: string | null;
  readonly sourceService: string | null;
  readonly deduplicationKey: string | null;
  readonly duplicatePolicy: DuplicatePolicy;
  readonly requestId: string | null;
  /** `null`: by its queue's strategy. */
  readonly dispatch: Dispatch | null;
  /** The task that it runs again, by its id. Default: none. */
  readonly rerunOf?: string | null;
}

/** What a second task with the key of an unfinished one gets. */
export type DuplicatePolicy = "return_existing" | "replace" | "refuse";

/** What a task belongs to, or comes from, when no producer enqueued it. */
export type TaskOrigin =
  | {
      readonly kind: "delivery";
      readonly eventId: string;
      readonly sourceService: string;
      readonly subscription: string;
    }
  | { readonly kind: "step"; readonly workflowId: string; readonly stepId: string; readonly isCompensation: boolean }
  | { readonly kind: "rerun"; readonly taskId: string };

/** A task as it is stored, with its queue's defaults filled in. All times are wall clock, in milliseconds. */
export interface Task {
  readonly id: string;
  readonly queue: string;
  readonly type: string;
  readonly payload: Uint8Array | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly priority: number;
  readonly state: TaskState;
  readonly scheduleMs: number | null;
  readonly expireMs: number | null;
  readonly attempt: number;
  /** In all, RetryTask's fresh allowances included. */
  readonly maxAttempts: number;
  /** Attempts that were used before the last RetryTask: what is left of `maxAttempts` is one allowance. */
  readonly attemptBase: number;
  /** The policy in force. */
  readonly retryPolicy: RetryPolicy;
  /** `null`: no bound. */
  readonly attemptTimeoutMs: number | null;
  readonly correlationId: string | null;
  readonly sourceService: string | null;
  readonly deduplicationKey: string | null;
  readonly requestId: string | null;
  readonly workerId: string | null;
  readonly result: Uint8Array | null;
  readonly error: TaskError | null;
  readonly progress: TaskProgress | null;
  /** `null`: a producer enqueued it. */
  readonly origin: TaskOrigin | null;
  /** The event that it delivers, only where the task is read whole; its data is the payload. */
  readonly event: StoredEvent | null;
  readonly createMs: number;
  readonly startMs: number | null;
  readonly finishMs: number | null;
  /** What is `null` because it is damaged on the disk. Not there: nothing. */
  readonly damagedFields?: readonly ("payload" | "headers" | "result")[];
}

/** What a worker needs of a task that it was given. */
export type ClaimedTask = Pick<
  Task,
  | "id"
  | "type"
  | "payload"
  | "priority"
  | "attempt"
  | "maxAttempts"
  | "attemptTimeoutMs"
  | "expireMs"
  | "correlationId"
  | "sourceService"
  | "origin"
  | "event"
  | "createMs"
> &
  Pick<NewTask, "headers"> & { readonly queue: string; readonly workerId: string; readonly step: ClaimedStep | null };

/** What the worker of a workflow's step is given beside its parameters. */
export interface ClaimedStep {
  /** By step id, of the steps that it reads; of a compensation also that of the step that it undoes. `null`: empty. */
  readonly results: Readonly<Record<string, Uint8Array | null>>;
  /** By step id, the spans in which the steps were processed that it waited for; of a compensation, the step that it undoes. Default: none. */
  readonly traceparents?: Readonly<Record<string, string>>;
  /** What its parameters' expressions see beside the results; `null`: they have none. */
  readonly expressions: { readonly workflowName: string; readonly input: Uint8Array | null } | null;
}

/** One change of one task, as watchers see it. */
export interface TaskChange {
  readonly id: string;
  readonly queue: string;
  readonly type: string;
  readonly correlationId: string | null;
  /** `null`: the task was deleted. */
  readonly state: TaskState | null;
  readonly attempt: number;
  readonly workerId: string | null;
  readonly sourceService: string | null;
  readonly priority: number;
  /** Why its newest attempt that did not complete ended, or why it was cancelled. */
  readonly error: Pick<TaskError, "type" | "message"> | null;
  readonly createMs: number;
  readonly changeMs: number;
}
