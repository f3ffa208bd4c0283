/** Counts work that has begun, so that a stop can wait for its end. */
export interface WaitGroup {
  /** Counts the work until it settles, and answers it. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Resolves once all tracked work has ended, including work that begins while waiting. */
  wait(): Promise<void>;
}

/** Creates an empty wait group. */
export function createWaitGroup(): WaitGroup {
  const begun = new Set<Promise<unknown>>();

  return {
    track(work) {
      begun.add(work);
      const forget = () => begun.delete(work);
      work.then(forget, forget);
      return work;
    },

    async wait() {
      while (begun.size > 0) await Promise.allSettled(begun);
    },
  };
}
