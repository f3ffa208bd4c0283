import type { Clock } from "../domain/clock.ts";
import type { Store } from "../store/store.ts";

/** What time does to waiting tasks: those that are due become ready, those that are too late fail. */
export interface Upkeep {
  /** Something is due at this time, by the wall clock. */
  due(ms: number): void;
  /** Does what is due now, all of it, and sets the timer for what comes next. */
  runOnce(): Promise<void>;
  /** Looks at what is on the disk, and goes on by itself. */
  start(): Promise<void>;
  /** Idempotent; legal before start. */
  stop(): void;
}

/** The timer runs on the monotonic clock: this often it looks whether the wall clock jumped past something. */
const longestSleepMs = 30_000;

/** Upkeep of a store. */
export function createUpkeep(store: Store, clock: Clock, onError: (error: unknown) => void): Upkeep {
  let nextMs: number | null = null;
  let endTimer: () => void = () => undefined;
  let running: Promise<void> | null = null;
  let stopped = false;

  function schedule(ms: number): void {
    if (stopped || (nextMs !== null && nextMs <= ms)) return;
    nextMs = ms;
    endTimer();
    endTimer = clock.after(Math.min(Math.max(ms - clock.now(), 0), longestSleepMs), () => {
      nextMs = null;
      runOnce().catch(onError);
    });
  }

  async function run(): Promise<void> {
    for (;;) {
      const nowMs = clock.now();
      const { nextMs: after } = await store.advance(nowMs);
      if (after === null) return;
      if (after > nowMs || stopped) return schedule(after);
    }
  }

  function runOnce(): Promise<void> {
    // What comes due while it runs is found by its last step.
    running ??= run().finally(() => {
      running = null;
    });
    return running;
  }

  return {
    due: schedule,
    runOnce,
    start: runOnce,
    stop() {
      stopped = true;
      endTimer();
    },
  };
}
