import type { Clock } from "../domain/clock.ts";
import type { Log } from "../domain/log.ts";
import { createService, type Service } from "../domain/service.ts";

/** How often it looks, in milliseconds. */
const intervalMs = 500;
/** How late a look is at the least that is reported. */
const stallMs = 250;

/** Logs when the event loop stood still: while it does, nothing is answered, whatever the store does. */
export function createEventLoopWatch(clock: Pick<Clock, "after" | "monotonic">, log: Pick<Log, "warn">): Service {
  let callOff: () => void = () => undefined;

  function lookLater(): void {
    const dueMs = clock.monotonic() + intervalMs;
    callOff = clock.after(intervalMs, () => {
      const lateMs = clock.monotonic() - dueMs;
      if (lateMs >= stallMs) {
        log.warn({ stall_ms: Math.round(lateMs) }, "the event loop stood still: nothing was answered meanwhile");
      }
      lookLater();
    });
  }

  return createService({ start: lookLater, stop: () => callOff() });
}
