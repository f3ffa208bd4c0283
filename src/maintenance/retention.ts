import type { Clock } from "../domain/clock.ts";
import type { Retries } from "../domain/retries.ts";
import type { Store } from "../store/store.ts";

/** Deletes what has been kept long enough, in steps that nobody notices. */
export interface Retention {
  /** One whole round over everything; answers how much was deleted. Rejects only once it is stopped. */
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

/** What retention needs. */
export interface RetentionOptions {
  readonly clock: Clock;
  readonly retries: Retries;
  /** Whether the clock is to be trusted with deletions. */
  readonly mayDelete: () => boolean;
  readonly intervalMs: number;
  /** What is deleted, for the log. */
  readonly what: string;
}

/** Retention by a verb of the store that deletes a bounded part. */
export function createRetention(
  sweep: Store["sweep"],
  { clock, retries, mayDelete, intervalMs, what }: RetentionOptions,
): Retention {
  let stopped = false;
  /** What the steps of the round under way took, without the pauses after those that failed, in milliseconds. */
  let busyMs = 0;
  let endTimer: () => void = () => undefined;

  async function takeStep(afterId: string | null): ReturnType<Store["sweep"]> {
    const began = clock.monotonic();
    const step = await sweep(afterId, clock.now());
    busyMs += clock.monotonic() - began;
    return step;
  }

  async function runOnce(): Promise<number> {
    let deleted = 0;
    let afterId: string | null = null;
    do {
      const from: string | null = afterId;
      const step: Awaited<ReturnType<Store["sweep"]>> = await retries.untilDone(
        `deleting ${what} that were kept long enough`,
        () => takeStep(from),
      );
      deleted += step.deleted;
      afterId = step.nextAfterId;
    } while (afterId !== null && !stopped && mayDelete());
    return deleted;
  }

  function schedule(delayMs: number): void {
    if (stopped) return;
    endTimer = clock.after(delayMs, () => void round());
  }

  async function round(): Promise<void> {
    busyMs = 0;
    // Only the end of the server ends a round.
    if (mayDelete()) await runOnce().catch(() => undefined);
    const pauseMs = Math.min(busyMs / dutyShare, longestPauseMs);
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
