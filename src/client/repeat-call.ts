import { status as statusCode } from "@grpc/grpc-js";
import { type CallError, callErrorFrom } from "../rpc/adapter/call-error.ts";
import { createBackoff } from "./backoff.ts";
import { pause } from "./pause.ts";

/** How long a call is repeated. */
export interface RepeatOptions {
  /** For how long after the first failure, in milliseconds; 0: not at all. */
  readonly forMs: number;
  /** Ends it: the last failure is thrown. */
  readonly signal?: AbortSignal | undefined;
}

/** Whether a failure says nothing of the request: the server was not reached, is stopping, or its answer was lost. */
export function isTransient({ code }: CallError): boolean {
  return code === statusCode.UNAVAILABLE || code === statusCode.DEADLINE_EXCEEDED;
}

/**
 * Makes a call that is safe to repeat, again and again while its failures are transient, with jittered delays and with
 * those that the server asks for.
 *
 * @throws CallError the last failure
 */
export async function repeatCall<T>(call: () => Promise<T>, { forMs, signal }: RepeatOptions): Promise<T> {
  const backoff = createBackoff({ capMs: 5_000 });
  let untilMs: number | null = null;
  for (;;) {
    try {
      return await call();
    } catch (thrown) {
      const error = callErrorFrom(thrown);
      if (!isTransient(error) || signal?.aborted) throw error;
      untilMs ??= performance.now() + forMs;
      const delayMs = backoff.next(error.retryAfterMs);
      if (performance.now() + delayMs > untilMs) throw error;
      await pause(delayMs, signal);
      if (signal?.aborted) throw error;
    }
  }
}
