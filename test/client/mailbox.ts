/** What comes, for a test that waits for it. */
export interface Mailbox<T> {
  /** All that came so far. */
  readonly all: readonly T[];
  put(value: T): void;
  /** The next one that nobody has taken. @throws if none comes within a minute */
  next(): Promise<T>;
}

/** An empty mailbox. @param what names it in the error */
export function createMailbox<T>(what: string): Mailbox<T> {
  const all: T[] = [];
  const waiting: ((value: T) => void)[] = [];
  let taken = 0;
  return {
    all,
    put(value) {
      all.push(value);
      waiting.shift()?.(value);
    },
    next() {
      const value = all[taken];
      taken++;
      if (value !== undefined) return Promise.resolve(value);
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`no ${what} came`)), 60_000);
        waiting.push((found) => {
          clearTimeout(timer);
          resolve(found);
        });
      });
    },
  };
}
