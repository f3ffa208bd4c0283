import { type CallError, callErrorFrom } from "../../grpc/client/call-error.ts";
import { type BackoffOptions, createBackoff } from "./backoff.ts";
import { headersJudge, isDenied } from "./is-retryable.ts";
import type { Tries } from "./outages.ts";
import { sleep } from "./sleep.ts";

/** How a stream is opened again. */
export interface ReconnectOptions {
  /** Reports each try. */
  readonly tries: Tries;
  /** Whether an error is thrown, since no reconnect can mend it. */
  readonly isFinal: (error: CallError) => boolean;
  /** How long the delays are. */
  readonly backoff?: BackoffOptions;
  /** How long the server may be out of reach before the last failure is thrown, in milliseconds. Default: without a limit. */
  readonly retryTimeoutMs?: number;
  /** Called with the first message of each stream. */
  readonly onUp?: () => void;
  /** Called when a stream has broken, with the error and the delay before the next one, in milliseconds. */
  readonly onDown?: (error: CallError, delayMs: number) => void;
  /** Waits before the next stream. Default: for the delay. */
  readonly wait?: (delayMs: number) => Promise<void>;
}

/**
 * After a stream that lasted this long the delays start again at the shortest, in milliseconds. A first message alone is not enough:
 * a stream that breaks soon after it is likely to break again.
 */
const steadyMs = 10_000;

/**
 * The delays after a refusal of credentials or rights, or of headers, which lasts until an operator changes it. They are long: the server
 * slows down addresses whose credentials it refuses.
 */
const deniedBackoff: BackoffOptions = { baseMs: 2_000, capMs: 60_000 };

/**
 * Yields the messages of a stream, which is opened again whenever it breaks: after a delay, or at once at another server. Returns when a stream ends without an
 * error, or when the signal is aborted. The delays are longer while the server refuses the caller's
 * credentials, rights or headers.
 *
 * @param open opens a stream, which ends when the signal is aborted
 * @throws CallError the error of a stream if it is final, or if the server was out of reach for too long
 */
export async function* reconnecting<T>(
  signal: AbortSignal | undefined,
  open: () => AsyncIterable<T>,
  options: ReconnectOptions,
): AsyncGenerator<T, void> {
  const { tries, isFinal, retryTimeoutMs = Number.POSITIVE_INFINITY, onUp, onDown } = options;
  const { wait = (delayMs: number) => sleep(delayMs, signal) } = options;
  const { random } = options.backoff ?? {};
  const backoff = createBackoff(options.backoff);
  const denied = createBackoff({ ...deniedBackoff, ...(random && { random }) });
  const isInVain = headersJudge();
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
    if (isUp && performance.now() - beginMs >= steadyMs) {
      backoff.reset();
      denied.reset();
    }
    untilMs ??= performance.now() + retryTimeoutMs;
    const isLasting = isInVain(error) || isDenied(error);
    const delayMs = tries.isElsewhere() ? 0 : (isLasting ? denied : backoff).next(error.retryAfterMs);
    if (performance.now() + delayMs > untilMs) throw error;
    if (!isUp) tries.failed(error);
    onDown?.(error, delayMs);
    await wait(delayMs);
  }
}
