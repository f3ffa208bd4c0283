import type { Clock } from "../../src/domain/clock.ts";
import { createCondition } from "./condition.ts";

/** A clock whose hands a test turns. */
export interface FakeClock extends Clock {
  /**
   * Lets time pass, and runs what falls due on the way: in the order of the times that were asked for, equal ones as they were
   * set, each at its own moment, those included that were set meanwhile. Nothing is awaited in between.
   */
  advance(ms: number): void;
  /** Sets the wall clock off by `ms`, forward or back. Timers and `monotonic()` do not notice. */
  jump(ms: number): void;
  /** How many timers are set: 0 at the end shows that nothing was left running. */
  readonly pendingTimers: number;
  /** Resolves once it is so of the number of timers that are set. */
  timers(isSo: (pending: number) => boolean): Promise<void>;
}

/** A day in summer, a round number for assertions. */
const defaultStartMs = Date.UTC(2026, 6, 1, 12);

/** A clock that stands still until it is moved. `monotonic()` starts at 0, the wall clock at `startMs`. */
export function createFakeClock(startMs: number = defaultStartMs): FakeClock {
  const timers = new Set<{ readonly dueMs: number; readonly action: () => void }>();
  const condition = createCondition();
  let monotonicMs = 0;
  let wallOffsetMs = startMs;

  function nextDue(untilMs: number) {
    let next: { readonly dueMs: number; readonly action: () => void } | undefined;
    // A Set keeps the order of insertion: of equal ones the first that was set wins.
    for (const timer of timers) {
      if (timer.dueMs <= untilMs && (next === undefined || timer.dueMs < next.dueMs)) next = timer;
    }
    return next;
  }

  return {
    now: () => monotonicMs + wallOffsetMs,
    monotonic: () => monotonicMs,

    after(delayMs, action) {
      const timer = { dueMs: monotonicMs + Math.max(delayMs, 0), action };
      timers.add(timer);
      condition.changed();
      return () => {
        timers.delete(timer);
        condition.changed();
      };
    },

    afterIo: (action) => void setImmediate(() => setImmediate(action)),

    advance(ms) {
      const untilMs = monotonicMs + ms;
      for (let timer = nextDue(untilMs); timer !== undefined; timer = nextDue(untilMs)) {
        timers.delete(timer);
        monotonicMs = timer.dueMs;
        timer.action();
        condition.changed();
      }
      monotonicMs = untilMs;
    },

    jump(ms) {
      wallOffsetMs += ms;
    },

    get pendingTimers() {
      return timers.size;
    },
    timers: (isSo) => condition.until(() => isSo(timers.size), "the timers were so"),
  };
}
