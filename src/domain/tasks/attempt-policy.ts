import { type RetryPolicy, resolveRetryPolicy } from "../retry.ts";
import type { QueueSettings } from "./queue.ts";
import type { NewTask } from "./task.ts";

/** What a producer may ask for the attempts of a task; what is missing is its queue's. */
export type AskedPolicy = Partial<Pick<NewTask, "maxAttempts" | "attemptTimeoutMs" | "retryPolicy">>;

/** What bounds the attempts of a task. */
export interface AttemptBounds {
  /** In all, those before the last retry by hand included. */
  readonly maxAttempts: number;
  /** `null`: no bound. */
  readonly attemptTimeoutMs: number | null;
}

/** The policy in force for the attempts of a task. */
export interface AttemptPolicy extends AttemptBounds {
  readonly retryPolicy: RetryPolicy;
}

/**
 * The bounds in force: the task's own first, then its queue's.
 *
 * @param attemptBase how many attempts the task had before its last retry by hand, which gave it a fresh allowance
 */
export function attemptBounds(asked: AskedPolicy, attemptBase: number, queue: QueueSettings): AttemptBounds {
  return {
    maxAttempts: attemptBase + (asked.maxAttempts ?? queue.maxAttempts),
    attemptTimeoutMs: asked.attemptTimeoutMs ?? queue.attemptTimeoutMs,
  };
}

/** The policy in force: the task's own first, then its queue's. @param attemptBase as in attemptBounds */
export function attemptPolicy(asked: AskedPolicy, attemptBase: number, queue: QueueSettings): AttemptPolicy {
  const retryPolicy = resolveRetryPolicy(asked.retryPolicy ?? null, queue.retryPolicy);
  return { ...attemptBounds(asked, attemptBase, queue), retryPolicy };
}
