import type { StoreVerbs } from "../../store.ts";
import type { StoredLease } from "../../task-store.ts";

/** Runs several calls of a verb, as if one after the other, and answers each. What they have in common is done by one statement. */
export type SetVerb<Name extends keyof StoreVerbs> = (
  calls: readonly Parameters<StoreVerbs[Name]>[],
) => Promise<Awaited<ReturnType<StoreVerbs[Name]>>[]>;

/** Verbs whose calls come so often that those of one transaction run together. */
export type SetVerbs = { readonly [Name in keyof StoreVerbs]?: SetVerb<Name> };

/** What servers that share a schema do for those that have ended; see ClusterStore.adopt. */
export interface AdoptingVerbs {
  /**
   * Takes over some of the leases that these servers watched, of tasks with keys above `afterKey`. Answers the last key, to go on behind it;
   * `null`: there are no more.
   */
  adoptLeases(servers: readonly number[], afterKey: number): Promise<AdoptedLeases>;
  /** Adds what these servers, which have ended, have counted to what this one counts. Nothing of them is left to adopt. */
  foldCounts(servers: readonly number[]): Promise<void>;
}

/** Some leases that were adopted. */
export interface AdoptedLeases {
  readonly leases: StoredLease[];
  readonly lastKey: number | null;
}

/** Whatever runs in a transaction. */
export type EngineVerb = keyof StoreVerbs | keyof AdoptingVerbs;

/** What an engine runs: each verb is in one of them. */
export interface EngineVerbs {
  /** Those that run call by call. */
  readonly single: Partial<StoreVerbs>;
  readonly together: SetVerbs;
  /** Those that are no verbs of the store, and run call by call. */
  readonly adopting: AdoptingVerbs;
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
