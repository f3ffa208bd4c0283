import type { Clock } from "../domain/clock.ts";
import type { Store } from "../store/store.ts";

/** Deletes what has been kept long enough, in steps that nobody notices. */
export interface Retention {
  /** One whole round over everything; answers how much was deleted. */
  runOnce(): Promise<number>;
  /** Runs a round after each interval. */
  start(): void;
  /** Idempotent; legal before start. Ends a round after its current step. */
  stop(): void;
}

/** A round takes at most this share of the time: after a long one the next comes later. */
const dutyShare = 0.02;
/** The longest pause that a long round earns, in milliseconds: it was long perhaps only because the server stood still. */
const longestPauseMs = 3_600_000;

/** Retention by a verb of the store that deletes a bounded part. */
export function createRetention(
  sweep: Store["sweep"],
  clock: Clock,
  intervalMs: number,
  onError: (error: unknown) => void,
): Retention {
  let stopped = false;
  let endTimer: () => void = () => undefined;

  async function runOnce(): Promise<number> {
    let deleted = 0;
    let afterId: string | null = null;
    do {
      const step = await sweep(afterId, clock.now());
      deleted += step.deleted;
      afterId = step.nextAfterId;
    } while (afterId !== null && !stopped);
    return deleted;
  }

  function schedule(delayMs: number): void {
    if (stopped) return;
    endTimer = clock.after(delayMs, () => void round());
  }

  async function round(): Promise<void> {
    const began = clock.monotonic();
    await runOnce().catch(onError);
    const pauseMs = Math.min((clock.monotonic() - began) / dutyShare, longestPauseMs);
    schedule(Math.max(intervalMs, pauseMs));
  }

  return {
    runOnce,
    start: () => schedule(intervalMs),
    stop() {
      stopped = true;
      endTimer();
    },
  };
}
