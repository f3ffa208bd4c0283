import type { CallError } from "../../grpc/client/call-error.ts";

/** How long an end is waited for. */
export interface AwaitOptions {
  /** Gives up, in milliseconds from now. Default: never. */
  readonly timeoutMs?: number;
  /** Gives up. */
  readonly signal?: AbortSignal;
}

/** Something that ends some time. */
export interface Ending<State, Ended> {
  /**
   * Answers how it stands once it has ended or `leftMs` are over; it may answer earlier, and is then asked again.
   *
   * @param former what it answered before; `null`: it is asked for the first time
   */
  look(leftMs: number, former: State | null): Promise<State>;
  /** The end, once it has come; `null`: not yet. */
  endOf(state: State): Ended | null;
  /** Called after each look at which it has not ended. */
  onWaiting?(state: State): Promise<void>;
  /** The error of a wait whose time is over. */
  notEnded(state: State): Promise<CallError>;
}

/**
 * Waits until something has ended, and answers how.
 *
 * @throws what `notEnded` answers after the timeout; the signal's reason; whatever a look throws
 */
export async function awaitEnd<State, Ended>(ending: Ending<State, Ended>, options: AwaitOptions): Promise<Ended> {
  const { timeoutMs = Number.POSITIVE_INFINITY, signal } = options;
  const untilMs = performance.now() + timeoutMs;
  let state: State | null = null;
  try {
    for (;;) {
      signal?.throwIfAborted();
      state = await ending.look(Math.max(0, untilMs - performance.now()), state);
      const end = ending.endOf(state);
      if (end !== null) return end;
      if (performance.now() >= untilMs) throw await ending.notEnded(state);
      await ending.onWaiting?.(state);
    }
  } catch (error) {
    // A call that the signal has cut off fails in words of its own.
    signal?.throwIfAborted();
    throw error;
  }
}
