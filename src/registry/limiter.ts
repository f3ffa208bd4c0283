/** Runs an action as soon as there is room for it, and answers what it does. */
export type Limiter = <T>(action: () => Promise<T>) => Promise<T>;

/** Creates a limiter that runs `most` actions at a time, and the others in the order in which they came. */
export function createLimiter(most: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (action) => {
    // A finishing action passes its slot to the first waiter, so that a newcomer cannot jump the queue.
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await action();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running--;
      else next();
    }
  };
}
