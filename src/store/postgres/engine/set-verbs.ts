import type { StoreVerbs } from "../../store.ts";

/** Runs several calls of a verb, as if one after the other, and answers each. What they have in common is done by one statement. */
export type SetVerb<Name extends keyof StoreVerbs> = (
  calls: readonly Parameters<StoreVerbs[Name]>[],
) => Promise<Awaited<ReturnType<StoreVerbs[Name]>>[]>;

/** Verbs whose calls come so often that those of one transaction run together. */
export type SetVerbs = { readonly [Name in keyof StoreVerbs]?: SetVerb<Name> };

/** What an engine runs: each verb is in one of the two. */
export interface EngineVerbs {
  /** Those that run call by call. */
  readonly single: Partial<StoreVerbs>;
  readonly together: SetVerbs;
}

/**
 * The items in their order, cut before each one whose name an earlier one of its run has: a statement that takes a run meets no row twice,
 * and the second one finds what the first one did.
 */
export function distinctRuns<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => readonly string[] | string,
): Item[][] {
  const runs: Item[][] = [];
  let seen = new Set<string>();
  for (const item of items) {
    const names = [nameOf(item)].flat();
    const run = runs.at(-1);
    if (run === undefined || names.some((name) => seen.has(name))) {
      runs.push([item]);
      seen = new Set(names);
    } else {
      run.push(item);
      for (const name of names) seen.add(name);
    }
  }
  return runs;
}
