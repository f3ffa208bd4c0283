import type { Clock } from "../../domain/clock.ts";
import type { HeavyLane } from "./heavy-lane.ts";
import type { Job, JobAnswer, RunJob } from "./job.ts";

/**
 * Does jobs so that no other caller waits for them. What is light, as nearly everything is, is done at once on the thread that serves,
 * a few milliseconds in one turn of the event loop, counted and timed; what turns out to cost more goes to a thread of its own, where it
 * holds up nothing but others like it.
 */
export interface Lanes {
  /** @param allowance what it may cost in all, asked when its turn has come */
  run(job: Job, allowance: () => number): JobAnswer | Promise<JobAnswer>;
}

/** What a job may cost on the thread that serves, and all of one turn: a unit takes up to half a microsecond, once its code is warm. */
export const lightUnits = 5_000;
const turnUnits = 10_000;

/** How long a job may take on the thread that serves, and all of one turn, in milliseconds: what is cold, or new, takes longer. */
const lightMs = 4;
const turnMs = 5;

/**
 * How often a job that ran out of time is tried again, before it goes where the others may be long: what it has parsed need not be
 * parsed again, and a busy machine may have been the reason.
 */
const lightTries = 3;

/** Creates lanes of which the light one is run by `runJob`; `nextTurn` calls back in a later turn of the event loop. */
export function createLanes(
  runJob: RunJob,
  heavy: Pick<HeavyLane, "run">,
  clock: Pick<Clock, "monotonic">,
  nextTurn: (action: () => void) => void = setImmediate,
): Lanes {
  const waiting: (() => void)[] = [];
  let spent = 0;
  let beganMs = 0;
  let counting = false;

  const isOpen = () => !counting || (spent < turnUnits && clock.monotonic() - beganMs < turnMs);

  function begin(): void {
    if (counting) return;
    counting = true;
    spent = 0;
    beganMs = clock.monotonic();
    nextTurn(() => {
      counting = false;
      if (waiting.length > 0) begin();
      while (waiting.length > 0 && isOpen()) waiting.shift()?.();
    });
  }

  function start(job: Job, allowance: () => number, tries: number): JobAnswer | Promise<JobAnswer> {
    begin();
    const startMs = clock.monotonic();
    const isTimeUp = () => clock.monotonic() - startMs >= lightMs;
    const answer = runJob(job, { allowance: lightUnits, isLight: true, isTimeUp });
    // However little it cost, it took a moment.
    spent += answer.cost + 100;
    if (answer.kind === "out_of_time") {
      spent = turnUnits;
      return tries > 1 ? later(job, allowance, tries - 1) : heavy.run(job, allowance);
    }
    // What it was given up at may have been parsing or decoding, which does not count there.
    return answer.kind === "too_costly" && allowance() >= lightUnits ? heavy.run(job, allowance) : answer;
  }

  function later(job: Job, allowance: () => number, tries: number): Promise<JobAnswer> {
    return new Promise((resolve, reject) => {
      waiting.push(() => {
        try {
          resolve(start(job, allowance, tries));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  return {
    run(job, allowance) {
      const isNext = waiting.length === 0 && isOpen();
      return isNext ? start(job, allowance, lightTries) : later(job, allowance, lightTries);
    },
  };
}
