/**
 * The only source of time. Every part is given one, so that tests set the time.
 *
 * Two clocks in one: the wall clock, for times that are stored and shown, and a monotonic one, for leases and timeouts, which
 * no jump of the wall clock moves.
 */
export interface Clock {
  /** The wall clock, in milliseconds since 1970. */
  now(): number;
  /** A clock that only goes forward, in milliseconds since some fixed moment. */
  monotonic(): number;
  /** Runs `action` once, `delayMs` later by the monotonic clock; answers a function that calls it off. */
  after(delayMs: number, action: () => void): () => void;
  /** Runs `action` once what has already arrived from the network has been read. */
  afterIo(action: () => void): void;
}

/** Node refuses longer timers. */
const longestTimerMs = 2_147_483_647;

/** The machine's clock. Its timers keep the process alive only as long as a server or a stream does. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, action) {
    const timer = setTimeout(action, Math.min(Math.max(delayMs, 0), longestTimerMs));
    timer.unref();
    return () => clearTimeout(timer);
  },
  // Two turns: the first may come before the poll phase that reads the sockets, the second cannot.
  afterIo: (action) => void setImmediate(() => setImmediate(action)),
};

/** When something finished: not before it began, also where the clock was set back meanwhile. */
export function notBefore(startMs: number | null, finishMs: number): number {
  return Math.max(startMs ?? finishMs, finishMs);
}

/** How long the event loop of this thread has worked since it began, in milliseconds. */
export function busyMs(): number {
  return performance.eventLoopUtilization().active;
}
