import { invalid } from "./invalid.ts";

/** The names of all options: the compiler misses none. */
export type OptionNames<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Refuses an option that there is not. TypeScript finds it where it is written out; from JavaScript `{ delay: 5_000 }` would be
 * passed over in silence, and the task would run at once.
 *
 * @throws CallError INVALID_ARGUMENT of the option, with those that there are
 */
export function refuseUnknown<Options extends object>(options: Options, names: OptionNames<Options>): void {
  for (const name in options) {
    if (!Object.hasOwn(names, name)) throw invalid(name, `is none of ${Object.keys(names).join(", ")}`);
  }
}
