/** Something that runs when it is asked for, but not too often. */
export interface Reread {
  /** Runs it: at once, or as soon as the time since it ran last is over. */
  ask(): void;
  stop(): void;
}

/** Runs something at most once in a time, however often it is asked for; the last wish is never lost. */
export function everyAtMost(leastMs: number, run: () => void): Reread {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let isAsked = false;
  function rest(): void {
    timer = setTimeout(() => {
      timer = null;
      if (isAsked) go();
    }, leastMs);
  }
  function go(): void {
    isAsked = false;
    run();
    rest();
  }
  return {
    ask() {
      isAsked = true;
      if (timer === null) go();
    },
    stop() {
      if (timer !== null) clearTimeout(timer);
    },
  };
}
