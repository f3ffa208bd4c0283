import { type CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { createBackoff } from "./backoff.ts";
import { isRetryable } from "./is-retryable.ts";
import type { Tries } from "./outages.ts";
import { sleep } from "./sleep.ts";

/** How long a call is repeated. */
export interface RetryOptions {
  /** Hears of failures before they are repeated. */
  readonly tries: Tries;
  /** For how long after the first failure, in milliseconds; 0: not at all. */
  readonly timeoutMs: number;
  /** Until when instead, by `performance.now()`; `null`: nothing has failed before. */
  readonly untilMs?: number | null;
  /** What is not repeated though it is transient. */
  readonly unless?: ((error: CallError) => boolean) | undefined;
  /** Ends it: the last failure is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a call that is safe to repeat, again and again while its failures are transient, with jittered delays and with
 * those that the server asks for.
 *
 * @throws CallError the last failure
 */
export async function retryCall<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const backoff = createBackoff({ capMs: 5_000 });
  const { tries, timeoutMs, signal, unless } = options;
  let untilMs = options.untilMs ?? null;
  for (;;) {
    tries.begin();
    try {
      const answer = await call();
      tries.reached();
      return answer;
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      if (!isRetryable(error) || unless?.(error) || signal?.aborted) throw error;
      untilMs ??= performance.now() + timeoutMs;
      const delayMs = backoff.next(error.retryAfterMs);
      if (performance.now() + delayMs > untilMs) throw error;
      tries.failed(error);
      await sleep(delayMs, signal);
      if (signal?.aborted) throw error;
    }
  }
}
