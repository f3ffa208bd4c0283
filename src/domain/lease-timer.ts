import type { Clock } from "./clock.ts";

/** A timer that fires this much too late, in milliseconds, means that the server itself stood still. */
const stallMs = 200;

/**
 * Calls `onDue` when a lease's time is up; answers a function that calls it off.
 *
 * It decides only after everything that has already arrived was read: a heartbeat may still be in the socket. And when the timer
 * fires far too late, the server itself stalled and could not read messages, so the time starts again.
 */
export function startLeaseTimer(clock: Clock, ms: number, onDue: () => void): () => void {
  // A negative time would look like a stall each time the timer fires, and never end.
  const spanMs = Math.max(ms, 0);
  let ended = false;
  let endTimer = arm();

  function arm(): () => void {
    const due = clock.monotonic() + spanMs;
    return clock.after(spanMs, () => {
      if (clock.monotonic() - due > stallMs) {
        endTimer = arm();
        return;
      }
      clock.afterIo(() => {
        if (!ended) onDue();
      });
    });
  }

  return () => {
    ended = true;
    endTimer();
  };
}
