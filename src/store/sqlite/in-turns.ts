/**
 * Actions in the order in which they were added, a few in each turn of the event loop.
 *
 * Answers to clients that then call again are told so. Told all at once they would bring client and server into step: one works
 * while the other waits, and then the other way round.
 */
export interface InTurns {
  /** Adds actions. The first few run at once if nothing waits before them. */
  add(actions: readonly (() => void)[]): void;
  /** Runs everything that waits, at once. */
  flush(): void;
}

/** @param each how many actions run in one turn, from 1 on */
export function createInTurns(each: number): InTurns {
  const waiting: (() => void)[] = [];
  let isGoing = false;

  function run(n: number): void {
    for (const action of waiting.splice(0, n)) action();
  }

  function go(): void {
    run(each);
    isGoing = waiting.length > 0;
    if (isGoing) setImmediate(go);
  }

  return {
    add(actions) {
      for (const action of actions) waiting.push(action);
      if (!isGoing) go();
    },
    flush: () => run(waiting.length),
  };
}
