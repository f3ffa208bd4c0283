/**
 * Callbacks that run in the order in which they were added, a few in each turn of the event loop.
 *
 * They answer clients that then call again. Answering all at once would run client and server in lockstep, each idle while the
 * other works. Where turns are long because much comes in, more are answered in each.
 */
export interface PacedCallbacks {
  /**
   * Adds actions, and urgent ones that go before them. The first few run at once if nothing waits before them.
   *
   * Urgent ones have turns of their own, since what a turn causes to be sent leaves at its end: a claimed task would wait for the answer
   * to the enqueue that shared its commit, on an idle system 0.04 of 0.63 ms.
   */
  add(urgent: readonly (() => void)[], others: readonly (() => void)[]): void;
  /** Runs everything that waits, at once. */
  flush(): void;
}

/** Within how long all that waits is run however long the turns are, in milliseconds. */
const withinMs = 10;

/**
 * Creates paced callbacks.
 *
 * @param each how many actions run in one turn, from 1 on
 * @param monotonic a clock that only goes forward, in milliseconds
 */
export function createPacedCallbacks(each: number, monotonic: () => number): PacedCallbacks {
  const waiting: (() => void)[] = [];
  const urgent: (() => void)[] = [];
  let isGoing = false;
  let wasUrgent = false;
  let lastMs = 0;

  function run(n: number): void {
    // Every other turn is for the rest, however much is urgent.
    wasUrgent = urgent.length > 0 && !(wasUrgent && waiting.length > 0);
    for (const action of (wasUrgent ? urgent : waiting).splice(0, n)) action();
  }

  function go(): void {
    const left = waiting.length + urgent.length;
    const nowMs = monotonic();
    if (!isGoing) wasUrgent = false;
    run(isGoing ? Math.max(each, Math.ceil((left * (nowMs - lastMs)) / withinMs)) : each);
    lastMs = nowMs;
    isGoing = waiting.length + urgent.length > 0;
    if (isGoing) setImmediate(go);
  }

  return {
    add(urgentOnes, others) {
      urgent.push(...urgentOnes);
      waiting.push(...others);
      if (!isGoing) go();
    },
    flush() {
      for (const action of [...urgent.splice(0), ...waiting.splice(0)]) action();
    },
  };
}
