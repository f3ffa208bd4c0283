import { invalid } from "./invalid.ts";
import { nearest } from "./nearest.ts";

/** The names of all options: the compiler misses none. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Refuses an option that there is not. TypeScript finds it where it is written out; from JavaScript `{ delay: 5_000 }` would be
 * passed over in silence, and the task would run at once.
 *
 * @throws CallError INVALID_ARGUMENT of the option, with the nearest one and all that there are; of `options` if they are no object
 */
export function refuseUnknown<Options extends object>(options: Options, names: OptionNames<Options>): void {
  if (typeof options !== "object" || options === null) {
    const all = Object.keys(names).join(", ");
    throw invalid("options", `must be an object with ${all}, not ${JSON.stringify(options) ?? typeof options}`);
  }
  for (const name in options) {
    if (!Object.hasOwn(names, name)) throw invalid(name, isNoneOf(Object.keys(names), name));
  }
}

/** The message for an unknown name: `is none of delayMs, priority; did you mean delayMs?`. */
export function isNoneOf(known: readonly string[], name: string): string {
  const meant = nearest(name, known);
  return `is none of ${known.join(", ")}${meant === undefined ? "" : `; did you mean ${meant}?`}`;
}
