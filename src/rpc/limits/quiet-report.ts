import type { Clock } from "../../domain/clock.ts";
import type { Log } from "../../domain/log.ts";

/** How often the same complaint is logged, in milliseconds. */
const quietMs = 60_000;

/** What a report needs. */
export interface Reporting {
  readonly clock: Pick<Clock, "monotonic">;
  readonly log: Pick<Log, "warn">;
}

/** Makes a function that logs a warning once a minute at most, so that a flood of refusals does not fill the log. */
export function quietReport({ clock, log }: Reporting): Log["warn"] {
  let quietUntil = Number.NEGATIVE_INFINITY;
  return (facts, message) => {
    if (clock.monotonic() < quietUntil) return;
    quietUntil = clock.monotonic() + quietMs;
    log.warn(facts, message);
  };
}
