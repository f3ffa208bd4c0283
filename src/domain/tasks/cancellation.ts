/** Why a worker is to stop an attempt that is not its own any more. */
export interface Cancellation {
  readonly why: "cancelled" | "attempt_timeout" | "lease_lost";
  /** The canceller's own words; empty: it had none. */
  readonly words: string;
}

/** It was cancelled. */
export function calledOff(words: string): Cancellation {
  return { why: "cancelled", words };
}
