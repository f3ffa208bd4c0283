import type { HeavyLane } from "./heavy-lane.ts";
import type { Job, JobAnswer, RunJob } from "./job.ts";

/**
 * Does jobs so that no other caller waits for them. What is light, as nearly everything is, is done at once on the thread that serves,
 * a few milliseconds' worth in one turn of the event loop; what turns out to cost more goes to a thread of its own, where it
 * holds up nothing but others like it.
 */
export interface Lanes {
  /** @param allowance what it may cost in all, asked when its turn has come */
  run(job: Job, allowance: () => number): JobAnswer | Promise<JobAnswer>;
}

/** What a job may cost on the thread that serves, and all of one turn: a unit takes up to half a microsecond. */
export const lightUnits = 5_000;
const turnUnits = 10_000;

/** Lanes of which the light one is run by `runJob`; `nextTurn` calls back in a later turn of the event loop. */
export function createLanes(
  runJob: RunJob,
  heavy: Pick<HeavyLane, "run">,
  nextTurn: (action: () => void) => void = setImmediate,
): Lanes {
  const waiting: (() => void)[] = [];
  let spent = 0;
  let counting = false;

  function count(cost: number): void {
    spent += cost;
    if (counting) return;
    counting = true;
    nextTurn(() => {
      counting = false;
      spent = 0;
      while (waiting.length > 0 && spent < turnUnits) waiting.shift()?.();
      if (waiting.length > 0) count(0);
    });
  }

  function start(job: Job, allowance: () => number): JobAnswer | Promise<JobAnswer> {
    const answer = runJob(job, { allowance: lightUnits, isLight: true });
    // However little it cost, it took a moment.
    count(answer.cost + 100);
    // What it was given up at may have been parsing or decoding, which does not count there.
    return answer.kind === "too_costly" && allowance() >= lightUnits ? heavy.run(job, allowance) : answer;
  }

  return {
    run(job, allowance) {
      if (waiting.length === 0 && spent < turnUnits) return start(job, allowance);
      return new Promise((resolve, reject) => {
        waiting.push(() => {
          try {
            resolve(start(job, allowance));
          } catch (error) {
            reject(error);
          }
        });
      });
    },
  };
}
