/**
 * What the end of an attempt means for its task: retry, when, or dead.
 *
 * ```
 *   failed, timed out ──attempts left──▶ scheduled after the backoff (pending without one), in a new place
 *   lease lost ─────────attempts left──▶ pending, in its old place
 *   released ──────────────────────────▶ pending in its old place, or scheduled after a pause; the attempt does not count
 *   never sent, never arrived ─────────▶ pending in its old place; the attempt does not count
 *   none left, terminal, or expired by its next attempt ──▶ failed
 * ```
 */

import { backoffMs, ranMs, releasePauseMs } from "../retry.ts";
import { type AttemptHistory, lastOutcome, releasesInARow } from "./attempt-history.ts";
import type { AttemptPolicy } from "./attempt-policy.ts";
import type { Outcome, Settlement, UncompletedOutcome } from "./outcome.ts";
import { type AttemptOutcome, isExpired, releasedError, serverErrors, type TaskError } from "./task.ts";

/** A task whose attempt ends. Times are wall clock, in milliseconds. */
export interface RunningTask {
  readonly type: string;
  readonly attempt: number;
  /** How many attempts it had before its last retry by hand. */
  readonly attemptBase: number;
  readonly workerId: string;
  readonly startMs: number | null;
  readonly expireMs: number | null;
  readonly policy: AttemptPolicy;
}

/** What becomes of the task. */
export type AttemptEnd = Failed | BackInQueue;

interface Failed {
  readonly to: "failed";
  /** How the attempt goes on record. */
  readonly outcome: AttemptOutcome;
  readonly error: TaskError;
}

/** The task waits again. */
export interface BackInQueue {
  readonly to: "scheduled" | "pending";
  /** When it may be claimed, which is its new place in line; `null`: at once, in its old place. */
  readonly readyMs: number | null;
  /** Whether the attempt counts. One that does not gives its number back. */
  readonly countsAsAttempt: boolean;
  /** How the attempt goes on record; `null`: it does not. */
  readonly outcome: AttemptOutcome | null;
  /** `null`: the task keeps the error that it has. */
  readonly error: TaskError | null;
}

/** What the end of an attempt that did not complete means for its task. */
export function afterAttempt(
  task: RunningTask,
  outcome: UncompletedOutcome,
  history: AttemptHistory,
  nowMs: number,
): AttemptEnd {
  switch (outcome.kind) {
    case "failed": {
      if (outcome.terminal) return { to: "failed", outcome: "failed", error: outcome.error };
      const delayMs = outcome.retryDelayMs ?? backoffAfter(task, outcome.random);
      return retriedOrFailed(task, "failed", outcome.error, delayMs, nowMs);
    }
    case "timed_out":
      return retriedOrFailed(task, "timed_out", serverErrors.attemptTimeout, backoffAfter(task, outcome.random), nowMs);
    case "lease_lost":
      return afterLostLease(task);
    case "not_arrived":
      // The second time it is a lost lease: a worker that dies of its task comes back and never names it.
      return isSecondTime(task, history) ? afterLostLease(task) : uncounted("released", null, null);
    case "unsent":
      return uncounted(null, null, null);
    case "released": {
      const hasRun = nowMs - (task.startMs ?? nowMs) >= ranMs;
      const releases = hasRun ? 0 : releasesInARow(history);
      const pauseMs = Math.max(outcome.delayMs ?? 0, releasePauseMs(outcome.reason, releases));
      const error = outcome.reason === null ? null : releasedError(outcome.reason, task.workerId, task.type);
      return uncounted("released", error, pauseMs === 0 ? null : nowMs + pauseMs);
    }
  }
}

function isSecondTime({ attempt, workerId }: RunningTask, history: AttemptHistory): boolean {
  return lastOutcome(history, attempt, workerId) === "released";
}

/** Whether no attempt follows this one. */
function isLast({ attempt, policy }: RunningTask): boolean {
  return attempt >= policy.maxAttempts;
}

function backoffAfter({ attempt, attemptBase, policy }: RunningTask, random: number): number {
  return backoffMs(policy.retryPolicy, attempt - attemptBase, random);
}

function retriedOrFailed(
  task: RunningTask,
  outcome: AttemptOutcome,
  error: TaskError,
  delayMs: number,
  nowMs: number,
): AttemptEnd {
  const readyMs = nowMs + delayMs;
  if (isLast(task) || isExpired(task.expireMs, readyMs)) return { to: "failed", outcome, error };
  return { to: readyMs > nowMs ? "scheduled" : "pending", readyMs, countsAsAttempt: true, outcome, error };
}

function afterLostLease(task: RunningTask): AttemptEnd {
  const end = { outcome: "lease_lost", error: serverErrors.leaseLost } as const;
  return isLast(task) ? { to: "failed", ...end } : { to: "pending", readyMs: null, countsAsAttempt: true, ...end };
}

function uncounted(outcome: AttemptOutcome | null, error: TaskError | null, readyMs: number | null): BackInQueue {
  return { to: readyMs === null ? "pending" : "scheduled", readyMs, countsAsAttempt: false, outcome, error };
}

/** Whether one write can complete both: they differ in nothing but their tasks, and leave no result. */
export function areBatchable(a: Settlement, b: Settlement): boolean {
  return (
    isWithoutResult(a.outcome) &&
    isWithoutResult(b.outcome) &&
    a.attempt === b.attempt &&
    a.workerId === b.workerId &&
    a.leaseKind === b.leaseKind
  );
}

function isWithoutResult(outcome: Outcome): boolean {
  return outcome.kind === "completed" && outcome.result === null;
}
