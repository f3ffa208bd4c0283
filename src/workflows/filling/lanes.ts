import type { Clock } from "../../domain/clock.ts";
import type { HeavyLane } from "./heavy-lane.ts";
import type { Job, JobAnswer, RunJob } from "./job.ts";

/**
 * Does jobs so that no other caller waits for them. A light job, as nearly all are, runs at once on the main thread, where the jobs
 * of one turn of the event loop get a few milliseconds. A job that turns out to cost more goes to a thread of its own, where it
 * holds up only others like it.
 */
export interface Lanes {
  /** @param allowance what it may cost in all, asked when its turn has come */
  run(job: Job, allowance: () => number): JobAnswer | Promise<JobAnswer>;
}

/** What one job may cost on the main thread, and all jobs of one turn: a unit takes up to half a microsecond, once its code is warm. */
export const lightUnits = 5_000;
const turnUnits = 10_000;

/** How long one job may take on the main thread, and all jobs of one turn, in milliseconds: cold code takes longer than its units. */
const lightMs = 4;
const turnMs = 5;

/**
 * How often a job is tried on the main thread before it goes to the heavy lane for lack of time: what it has parsed is not parsed
 * again, and a busy machine may have been the reason.
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
    // Starting a job has a cost of its own.
    spent += answer.cost + 100;
    if (answer.kind === "out_of_time") {
      spent = turnUnits;
      return tries > 1 ? later(job, allowance, tries - 1) : heavy.run(job, allowance);
    }
    // Parsing or decoding may have used up the units; the heavy lane does not count them.
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
