import { type CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { createBackoff } from "./backoff.ts";
import { headersJudge, isRetryable } from "./is-retryable.ts";
import type { Tries } from "./outages.ts";
import { sleep } from "./sleep.ts";

/** How long a call is repeated. */
export interface RetryOptions {
  /** Reports each try. */
  readonly tries: Tries;
  /** How long after its first failure a call is repeated, in milliseconds; 0: not at all. */
  readonly timeoutMs: number;
  /** Until when it is repeated instead, by `performance.now()`; `null`: it has not failed before. */
  readonly untilMs?: number | null;
  /** Which transient failures are not repeated. */
  readonly unless?: ((error: CallError) => boolean) | undefined;
  /** Stops the repeating: the last failure is then thrown. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Makes a call that is safe to repeat, and repeats it while its failures are transient. The delays are jittered, and at least as long
 * as the server asks for; there is none where another server is tried.
 *
 * @throws CallError the last failure
 */
export async function retryCall<T>(call: () => Promise<T>, options: RetryOptions): Promise<T> {
  const backoff = createBackoff({ capMs: 5_000 });
  const { tries, timeoutMs, signal, unless } = options;
  const isInVain = headersJudge();
  let untilMs = options.untilMs ?? null;
  for (;;) {
    tries.begin();
    try {
      const answer = await call();
      tries.reached();
      return answer;
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      if (!isRetryable(error) || isInVain(error) || unless?.(error) || signal?.aborted) throw error;
      untilMs ??= performance.now() + timeoutMs;
      const delayMs = tries.isElsewhere() ? 0 : backoff.next(error.retryAfterMs);
      if (performance.now() + delayMs > untilMs) throw error;
      tries.failed(error);
      await sleep(delayMs, signal);
      if (signal?.aborted) throw error;
    }
  }
}
