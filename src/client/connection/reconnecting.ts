import { type CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { type BackoffOptions, createBackoff } from "./backoff.ts";
import type { Tries } from "./outages.ts";
import { sleep } from "./sleep.ts";

/** How a stream is opened again. */
export interface ReconnectOptions {
  /** Reports each try. */
  readonly tries: Tries;
  /** What no reconnect can mend: it is thrown. */
  readonly isFinal: (error: CallError) => boolean;
  /** How long the delays are. */
  readonly backoff?: BackoffOptions;
  /** How long the server may be out of reach, in milliseconds: then the last failure is thrown. Default: any time. */
  readonly retryTimeoutMs?: number;
  /** Called with the first message of each stream. */
  readonly onUp?: () => void;
  /** Called when a stream has broken, with the reason and when the next one begins, in milliseconds. */
  readonly onDown?: (error: CallError, delayMs: number) => void;
  /** Waits before the next stream. Default: as long as the delay is. */
  readonly wait?: (delayMs: number) => Promise<void>;
}

/** How long a stream lasts before the delays begin anew, in milliseconds: one that breaks soon after its first message breaks again. */
const steadyMs = 10_000;

/**
 * The messages of one stream after the other: one that breaks is opened again after a delay, as often as it must be. It ends with a
 * stream that ends well, and without an error when the signal is aborted.
 *
 * @param open begins a stream, which ends with the signal
 * @throws CallError what no reconnect can mend
 */
export async function* reconnecting<T>(
  signal: AbortSignal | undefined,
  open: () => AsyncIterable<T>,
  options: ReconnectOptions,
): AsyncGenerator<T, void> {
  const { tries, isFinal, retryTimeoutMs = Number.POSITIVE_INFINITY, onUp, onDown } = options;
  const { wait = (delayMs: number) => sleep(delayMs, signal) } = options;
  const backoff = createBackoff(options.backoff);
  let untilMs: number | null = null;
  while (!signal?.aborted) {
    const beginMs = performance.now();
    let isUp = false;
    let error: CallError;
    tries.begin();
    try {
      for await (const message of open()) {
        if (!isUp) {
          isUp = true;
          untilMs = null;
          tries.reached();
          onUp?.();
        }
        yield message;
      }
      return;
    } catch (thrown) {
      error = callErrorFrom(thrown);
    }
    if (signal?.aborted) return;
    if (isFinal(error)) throw error;
    if (isUp && performance.now() - beginMs >= steadyMs) backoff.reset();
    untilMs ??= performance.now() + retryTimeoutMs;
    const delayMs = backoff.next(error.retryAfterMs);
    if (performance.now() + delayMs > untilMs) throw error;
    if (!isUp) tries.failed(error);
    onDown?.(error, delayMs);
    await wait(delayMs);
  }
}
