import type { Clock } from "../../domain/clock.ts";
import { createService, type Service } from "../../domain/service.ts";

/** How many moments of an interval heartbeats are sent at. */
const ticksInInterval = 10;

/** Sends the server's heartbeats over one stream. */
export interface Heartbeats extends Service {
  /** Sends one. */
  runOnce(): void;
}

/**
 * Creates what calls `send` shortly before the end of each interval.
 *
 * The moments are the same for many workers: sent together, a heartbeat and its answer cost a fraction of what they cost alone.
 */
export function createHeartbeats(clock: Clock, intervalMs: number, send: () => void): Heartbeats {
  let endTimer: () => void = () => undefined;
  let stopped = false;

  function schedule(): void {
    if (stopped) return;
    const tickMs = intervalMs / ticksInInterval;
    const nowMs = clock.monotonic();
    // Rounded, since a timer may come a little early; so it is half a tick before the end of the interval at the latest.
    const nextMs = (Math.round(nowMs / tickMs) + ticksInInterval - 1) * tickMs;
    endTimer = clock.after(nextMs - nowMs, () => {
      send();
      schedule();
    });
  }

  const service = createService({
    start: schedule,
    stop() {
      stopped = true;
      endTimer();
    },
  });

  return { ...service, runOnce: send };
}
