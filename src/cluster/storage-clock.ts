import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import type { Renewal, Revisions } from "../store/cluster-store.ts";

/** What is seen of the storage at a look. */
export interface Look extends Pick<Renewal, "nowMs"> {
  readonly revisions: Pick<Revisions, "shifts">;
}

/**
 * The clock of the storage that servers share, as one of them knows it, so that all of them have one time. It is looked at again and again;
 * between two looks, and while the storage cannot be reached, the monotonic clock of the machine carries it on. The wall clock of the
 * machine has no part in it.
 */
export interface StorageClock extends Clock {
  /** How many shifts of the stored times by a jump of the clock had been made at the last look; 0: it was not looked at. */
  readonly shifts: number;
  /**
   * Looks at the clock of the storage. When on the way there and back it was read is unknown: a difference that may come from that is
   * none, and of a greater one the least that it must be is followed.
   *
   * @param ask looks
   */
  look<T extends Look>(ask: () => Promise<T>): Promise<T>;
}

/** How far the machine's clock may be off until that is logged, in milliseconds. */
const toleratedMs = 1_000;

/**
 * Creates the clock of a storage.
 *
 * @param gapMs how far the machine's clock is ahead of the storage's now
 */
export function createStorageClock(machine: Clock, gapMs: number, log: Log): StorageClock {
  /** The storage's time less the monotonic time. */
  let offsetMs = machine.now() - gapMs - machine.monotonic();
  let isMachineOff = false;
  let shifts = 0;

  function now(): number {
    return Math.round(machine.monotonic() + offsetMs);
  }

  function compareMachine(halfMs: number): void {
    const aheadMs = machine.now() - now();
    const isOff = Math.abs(aheadMs) > toleratedMs + halfMs;
    if (isOff === isMachineOff) return;
    isMachineOff = isOff;
    if (isOff)
      log.warn({ ahead_ms: aheadMs }, "the clocks of this machine and of the database differ: the database's counts");
    else log.info({}, "the clocks of this machine and of the database agree again");
  }

  return {
    get shifts() {
      return shifts;
    },
    now,
    monotonic: () => machine.monotonic(),
    after: (delayMs, action) => machine.after(delayMs, action),
    afterIo: (action) => machine.afterIo(action),

    async look(ask) {
      const askedMs = machine.monotonic();
      const answer = await ask();
      const halfMs = (machine.monotonic() - askedMs) / 2;
      const offMs = answer.nowMs - (askedMs + halfMs + offsetMs);
      if (Math.abs(offMs) > halfMs) offsetMs += offMs - Math.sign(offMs) * halfMs;
      ({ shifts } = answer.revisions);
      compareMachine(halfMs);
      return answer;
    },
  };
}
