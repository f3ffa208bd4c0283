import type { NewTask } from "./task.ts";

/** Where a new task stands. Times are wall clock, in milliseconds. */
export interface InitialTimes {
  readonly state: "scheduled" | "pending";
  /** The time of the first attempt; `null`: it did not say one. */
  readonly scheduleMs: number | null;
  /** `null`: it does not expire. */
  readonly expireMs: number | null;
  /** When any worker may have what is for one worker; `null`: it is for none. */
  readonly laneUntilMs: number | null;
}

/** Turns the spans of a request into times, and says whether the task may begin at once. */
export function initialTimes(
  task: Pick<NewTask, "scheduleMs" | "delayMs" | "expireMs" | "timeToLiveMs" | "dispatch">,
  nowMs: number,
): InitialTimes {
  const { dispatch } = task;
  const scheduleMs = task.delayMs === null ? task.scheduleMs : nowMs + task.delayMs;
  const readyMs = Math.max(nowMs, scheduleMs ?? 0);
  return {
    state: readyMs > nowMs ? "scheduled" : "pending",
    scheduleMs,
    expireMs: task.timeToLiveMs === null ? task.expireMs : nowMs + task.timeToLiveMs,
    laneUntilMs: dispatch !== null && "workerId" in dispatch ? readyMs + dispatch.waitMs : null,
  };
}
