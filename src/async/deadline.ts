import { type LinkedController, linkedController } from "./signals.ts";

/** A signal with a time limit. */
export interface Deadline extends LinkedController {
  /** Whether the time was over before anything else aborted the signal. */
  readonly isOver: boolean;
  /** Takes the limit away; the signal goes on. */
  lift(): void;
}

/** The longest time that a timer of Node takes, in milliseconds: 24 days. */
const longestTimerMs = 2_147_483_647;

/**
 * Creates a signal that is aborted after `timeoutMs` milliseconds by the system's clock, or with the first of several others.
 *
 * @param timeoutMs `undefined`: no limit; more than 24 days: as many
 */
export function deadline(timeoutMs: number | undefined, ...signals: readonly (AbortSignal | undefined)[]): Deadline {
  const linked = linkedController(...signals);
  let isOver = false;
  const end = () => {
    isOver = !linked.signal.aborted;
    linked.abort(new DOMException("The time is over.", "TimeoutError"));
  };
  const timer = timeoutMs === undefined ? undefined : setTimeout(end, Math.min(timeoutMs, longestTimerMs));
  return {
    ...linked,
    get isOver() {
      return isOver;
    },
    lift: () => clearTimeout(timer),
    release() {
      clearTimeout(timer);
      linked.release();
    },
  };
}
