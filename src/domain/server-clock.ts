import type { Clock } from "./clock.ts";

/**
 * The time by which the server lives: the machine's wall clock, without its jumps.
 *
 * It runs with the wall clock as long as both of the machine's clocks agree on how much time has passed. When the wall clock is
 * set (an NTP step, a virtual machine that resumes, a mistake), it runs on by the monotonic clock, from where it stood, until it
 * is set. So no running span ends early or late, and a clock error that is corrected soon has no effect.
 */
export interface ServerClock extends Clock {
  /** How far the wall clock is ahead of this one, in milliseconds, negative: behind; 0: they agree. */
  jumpMs(): number;
  /** Moves forward by `ms`, or back. The caller shifts the stored times. */
  shift(ms: number): void;
  /** Sets what is called at each jump of the wall clock, during the read of the time that notices it. */
  onJump(listener: () => void): void;
}

/** A difference of the clocks up to this, in milliseconds, is no jump and is followed at once: a small step, or a slow read. */
const toleratedMs = 1_000;

/** Creates the clock of a server over the machine's clocks, with which it agrees at first. */
export function createServerClock(machine: Clock): ServerClock {
  /** Wall time less monotonic time, as of the last moment of which it is known that the wall clock had not jumped. */
  let offsetMs = machine.now() - machine.monotonic();
  let latestMs = Number.NEGATIVE_INFINITY;
  let isApart = false;
  let reportJump: () => void = () => undefined;

  /** How far the wall clock is ahead, in milliseconds; `false`: unknown, since the process stood still between the reads. */
  function measure(): number | false {
    const before = machine.monotonic();
    const wallMs = machine.now();
    return machine.monotonic() - before > toleratedMs / 2 ? false : wallMs - before - offsetMs;
  }

  function compare(): void {
    const offMs = measure();
    if (offMs === false) return;
    if (Math.abs(offMs) <= toleratedMs) {
      offsetMs += offMs;
      isApart = false;
    } else if (!isApart) {
      isApart = true;
      reportJump();
    }
  }

  return {
    now() {
      // The short way, since every call of every client reads the time: as long as the clocks agree, it is the wall clock's.
      const monotonicMs = machine.monotonic();
      const wallMs = machine.now();
      const offMs = wallMs - monotonicMs - offsetMs;
      if (Math.abs(offMs) <= toleratedMs) {
        offsetMs += offMs;
        isApart = false;
        latestMs = Math.max(latestMs, wallMs);
        return latestMs;
      }
      compare();
      // During a small step back the time stands still: it never decreases.
      latestMs = Math.max(latestMs, Math.round(machine.monotonic() + offsetMs));
      return latestMs;
    },

    monotonic: () => machine.monotonic(),
    after: (delayMs, action) => machine.after(delayMs, action),
    afterIo: (action) => machine.afterIo(action),

    jumpMs() {
      const offMs = measure();
      return offMs === false || Math.abs(offMs) <= toleratedMs ? 0 : Math.round(offMs);
    },

    shift(ms) {
      offsetMs += ms;
      latestMs = Number.NEGATIVE_INFINITY;
      isApart = false;
    },

    onJump(listener) {
      reportJump = listener;
    },
  };
}

/** A clock whose time stands still at a moment, for what is shown as it was then. Timers and the monotonic clock are the machine's. */
export function createStoppedClock(nowMs: number, machine: Clock): ServerClock {
  const { monotonic, after, afterIo } = machine;
  const nothing = () => undefined;
  return { monotonic, after, afterIo, now: () => nowMs, jumpMs: () => 0, shift: nothing, onJump: nothing };
}
