import type { Clock } from "../../domain/clock.ts";

/** Heartbeats are said at so many moments of an interval. */
const ticksInInterval = 10;

/**
 * Calls `onBeat` shortly before the end of each interval; answers a function that ends it.
 *
 * The moments are the same for many workers: in one go, a heartbeat and its answer cost a fraction of what they cost alone.
 */
export function startBeats(clock: Clock, intervalMs: number, onBeat: () => void): () => void {
  let endTimer = next();

  function next(): () => void {
    const tickMs = intervalMs / ticksInInterval;
    const nowMs = clock.monotonic();
    // Rounded, since a timer may come a little early; so it is half a tick before the end of the interval at the latest.
    const nextMs = (Math.round(nowMs / tickMs) + ticksInInterval - 1) * tickMs;
    return clock.after(nextMs - nowMs, () => {
      onBeat();
      endTimer = next();
    });
  }

  return () => endTimer();
}
