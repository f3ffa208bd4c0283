/** Work that has begun: whoever stops waits for its end. */
export interface UnderWay {
  /** Counts the work until it settles, and answers it. */
  track<T>(work: Promise<T>): Promise<T>;
  /** Fulfilled when none is left, neither of what began meanwhile. */
  ended(): Promise<void>;
}

/** Nothing is under way yet. */
export function createUnderWay(): UnderWay {
  const begun = new Set<Promise<unknown>>();

  return {
    track(work) {
      begun.add(work);
      const forget = () => begun.delete(work);
      work.then(forget, forget);
      return work;
    },

    async ended() {
      while (begun.size > 0) await Promise.allSettled(begun);
    },
  };
}
