import type { Clock } from "../domain/clock.ts";
import type { EventStore } from "../store/event-store.ts";

/** Takes subscriptions that are behind through the events that they have missed, in steps between which others get their turn. */
export interface CatchUp {
  /** Some subscription may be behind. */
  wake(): void;
  /** Goes on until none is; a step that fails rejects. */
  runOnce(): Promise<void>;
  /** Takes up what an earlier process left. */
  start(): void;
  /** Idempotent; legal before start. Ends after the current step. */
  stop(): void;
}

/** How long a step that failed is left alone, in milliseconds: the disk may have room again. */
const retryMs = 1_000;

/** Catching up over a store. */
export function createCatchUp(store: EventStore, clock: Clock, onError: (error: unknown) => void): CatchUp {
  let isDue = false;
  let running: Promise<void> | null = null;
  let stopped = false;
  let endTimer: () => void = () => undefined;

  async function run(): Promise<void> {
    try {
      while (isDue && !stopped) {
        isDue = false;
        const { isBehind } = await store.catchUp(clock.now());
        isDue ||= isBehind;
      }
    } finally {
      // In the turn in which the loop ended: whoever wakes it next begins it anew.
      running = null;
    }
  }

  function runOnce(): Promise<void> {
    isDue = true;
    running ??= Promise.resolve().then(run);
    return running;
  }

  function wake(): void {
    if (stopped) return;
    runOnce().catch((error: unknown) => {
      if (stopped) return;
      onError(error);
      endTimer();
      endTimer = clock.after(retryMs, wake);
    });
  }

  return {
    wake,
    runOnce,
    start: wake,
    stop() {
      stopped = true;
      endTimer();
    },
  };
}
