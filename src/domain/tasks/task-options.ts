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
    | "rerunOf"
  >
>;

/** What a producer asked for that has a column of its own, which an operator can change. */
export interface Asked {
  readonly queue: string;
  readonly priority: number;
}

const optionNames = [
  "maxAttempts",
  "retryPolicy",
  "attemptTimeoutMs",
  "scheduleMs",
  "delayMs",
  "expireMs",
  "timeToLiveMs",
  "dispatch",
  "rerunOf",
] as const satisfies readonly (keyof TaskOptions)[];

/** The options as a text, the same one for the same options; `null`: there are none. */
export function optionsText(task: TaskOptions): string | null {
  if (optionNames.every((name) => (task[name] ?? null) === null)) return null;
  return JSON.stringify(Object.fromEntries(optionNames.map((name) => [name, task[name] ?? undefined])));
}

/** The options of a task that an operator changes, with what its producer asked for: a repeat of the request is compared with that. */
export function optionsWithAsked(options: string | null, asked: Asked): string {
  const known = options === null ? {} : (JSON.parse(options) as TaskOptions & { readonly asked?: Asked });
  return JSON.stringify({ ...known, asked: known.asked ?? asked });
}

/** What a task was asked for with, of its stored options and its place now. */
export function askedFor(options: string | null, now: Asked): Asked & { readonly options: string | null } {
  // Almost none was changed: no others are parsed.
  if (options === null || !options.includes('"asked"')) return { options, ...now };
  const { asked = now, ...rest } = JSON.parse(options) as TaskOptions & { readonly asked?: Asked };
  return { options: Object.keys(rest).length === 0 ? null : JSON.stringify(rest), ...asked };
}
