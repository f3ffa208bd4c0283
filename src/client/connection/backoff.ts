/** The delays between tries of one thing: exponential with full jitter, so that clients that failed together do not retry together. */
export interface Backoff {
  /**
   * The delay before the next try, in milliseconds: anything from 0 to the bound, which doubles each time.
   *
   * @param atLeastMs what the server asked for, by RetryInfo; the jitter comes on top
   */
  next(atLeastMs?: number | null): number;
  /** Starts again at the shortest. */
  reset(): void;
}

/** How long the delays are. */
export interface BackoffOptions {
  /** The bound of the first delay, in milliseconds. Default 100. */
  readonly baseMs?: number;
  /** The bound of every delay, in milliseconds. Default 10,000. */
  readonly capMs?: number;
  /** The bound of a delay together with what the server asked for, in milliseconds. Default: none. */
  readonly longestMs?: number;
  /** From 0 (inclusive) to 1 (exclusive). Default: Math.random. */
  readonly random?: () => number;
}

/** Creates a backoff. The formula is "full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/ */
export function createBackoff(options: BackoffOptions = {}): Backoff {
  const { baseMs = 100, capMs = 10_000, longestMs = Number.POSITIVE_INFINITY, random = Math.random } = options;
  let tries = 0;
  return {
    next(atLeastMs) {
      const bound = Math.min(capMs, baseMs * 2 ** tries);
      tries++;
      return Math.min(longestMs, Math.round((atLeastMs ?? 0) + random() * bound));
    },
    reset() {
      tries = 0;
    },
  };
}
