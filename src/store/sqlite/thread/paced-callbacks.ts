/**
 * Callbacks that run in the order in which they were added, a few in each turn of the event loop.
 *
 * They answer clients that then call again. Answering all at once would run client and server in lockstep, each idle while the
 * other works. Where turns are long because much comes in, more are answered in each.
 */
export interface PacedCallbacks {
  /** Adds actions. The first few run at once if nothing waits before them. */
  add(actions: readonly (() => void)[]): void;
  /** Adds actions that go before those of `add`, in order among themselves. */
  addUrgent(actions: readonly (() => void)[]): void;
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
  let lastMs = 0;

  function run(n: number): void {
    const first = urgent.splice(0, n);
    for (const action of first) action();
    // Something of it in every turn, however much is urgent.
    for (const action of waiting.splice(0, Math.max(1, n - first.length))) action();
  }

  function go(): void {
    const left = waiting.length + urgent.length;
    const nowMs = monotonic();
    run(isGoing ? Math.max(each, Math.ceil((left * (nowMs - lastMs)) / withinMs)) : each);
    lastMs = nowMs;
    isGoing = waiting.length + urgent.length > 0;
    if (isGoing) setImmediate(go);
  }

  function addTo(list: (() => void)[], actions: readonly (() => void)[]): void {
    for (const action of actions) list.push(action);
    if (!isGoing) go();
  }

  return {
    add: (actions) => addTo(waiting, actions),
    addUrgent: (actions) => addTo(urgent, actions),
    flush: () => run(waiting.length + urgent.length),
  };
}
