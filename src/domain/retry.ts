/** When a failed attempt is tried again. */
export interface RetryPolicy {
  /** The delay after the first failure, in milliseconds. */
  readonly initialBackoffMs: number;
  /** The longest delay, in milliseconds, before jitter. */
  readonly maxBackoffMs: number;
  /** The factor from one delay to the next. */
  readonly multiplier: number;
  /** The share of the delay that is random, 0 to 1. */
  readonly jitter: number;
}

/** The policy of a queue that says nothing. */
export const defaultRetryPolicy: RetryPolicy = {
  initialBackoffMs: 1_000,
  maxBackoffMs: 600_000,
  multiplier: 2,
  jitter: 0.2,
};

/** The policy in force: the task's own fields first, then the queue's, then the defaults. */
export function resolveRetryPolicy(...layers: readonly (Partial<RetryPolicy> | null)[]): RetryPolicy {
  const policy = Object.assign({}, defaultRetryPolicy, ...layers.toReversed()) as RetryPolicy;
  // A layer may lower the bound below another layer's start.
  return { ...policy, maxBackoffMs: Math.max(policy.maxBackoffMs, policy.initialBackoffMs) };
}

/** The reason of a release by a worker that does not handle the type. */
export const noHandler = "NO_HANDLER";

/** An attempt that was released sooner than this, in milliseconds, has not run. */
export const ranMs = 1_000;

/**
 * How long a task that was released is held back at least, in milliseconds: without it one worker is handed the same task hundreds of
 * times a second.
 *
 * @param releases how often it was released in a row before, without having run
 */
export function releasePauseMs(reason: string | null, releases: number): number {
  if (reason === noHandler) return Math.min(1_000 * 2 ** releases, 300_000);
  return releases === 0 ? 0 : Math.min(100 * 2 ** (releases - 1), 60_000);
}

/**
 * The delay before the next attempt, in whole milliseconds: exponential backoff with proportional jitter.
 *
 * `initial * multiplier ^ (failures - 1)`, at most the maximum, times a factor from `1 - jitter` to `1 + jitter`.
 *
 * @param failures attempts that have failed, at least 1
 * @param random a number from 0 (inclusive) to 1 (exclusive)
 */
export function backoffMs(policy: RetryPolicy, failures: number, random: number): number {
  // Finite, since nothing times infinity is not nothing.
  const factor = Math.min(policy.multiplier ** (Math.max(failures, 1) - 1), Number.MAX_VALUE);
  const exponential = policy.initialBackoffMs * factor;
  const bounded = Math.min(exponential, policy.maxBackoffMs);
  return Math.round(bounded * (1 + policy.jitter * (2 * random - 1)));
}
