import type { NewTask } from "./task.ts";

/** What a producer asked for as a task's policy and times; the part of its content that has no column of its own. */
export type TaskOptions = Partial<
  Pick<
    NewTask,
    | "maxAttempts"
    | "retryPolicy"
    | "attemptTimeoutMs"
    | "scheduleMs"
    | "delayMs"
    | "expireMs"
    | "timeToLiveMs"
    | "dispatch"
  >
>;

const optionNames = [
  "maxAttempts",
  "retryPolicy",
  "attemptTimeoutMs",
  "scheduleMs",
  "delayMs",
  "expireMs",
  "timeToLiveMs",
  "dispatch",
] as const satisfies readonly (keyof TaskOptions)[];

/** The options as a text, the same one for the same options; `null`: there are none. */
export function optionsText(task: TaskOptions): string | null {
  if (optionNames.every((name) => (task[name] ?? null) === null)) return null;
  return JSON.stringify(Object.fromEntries(optionNames.map((name) => [name, task[name] ?? undefined])));
}
