import type { Clock } from "../domain/clock.ts";
import type { Retries } from "../domain/retries.ts";
import type { EventStore } from "../store/event-store.ts";

/** Takes subscriptions that are behind through the events that they have missed, in steps between which others get their turn. */
export interface CatchUp {
  /** Some subscription may be behind. */
  wake(): void;
  /** Goes on until none is. Rejects only once it is stopped. */
  runOnce(): Promise<void>;
  /** Takes up what an earlier process left. */
  start(): void;
  /** Idempotent; legal before start. Ends after the current step. */
  stop(): void;
}

/** Catching up over a store. */
export function createCatchUp(store: EventStore, clock: Clock, retries: Retries): CatchUp {
  let isDue = false;
  let running: Promise<void> | null = null;
  let stopped = false;

  async function run(): Promise<void> {
    try {
      while (isDue && !stopped) {
        isDue = false;
        const { isBehind } = await retries.untilDone("catching up", () => store.catchUp(clock.now()));
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
    // Only the end of the server ends it.
    runOnce().catch(() => undefined);
  }

  return {
    wake,
    runOnce,
    start: wake,
    stop() {
      stopped = true;
    },
  };
}
