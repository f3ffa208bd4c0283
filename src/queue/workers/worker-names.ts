/** How often the name of a worker went from one process to another. */
export interface Replacements {
  readonly count: number;
  /** Wall clock, milliseconds; `null`: never. */
  readonly lastMs: number | null;
}

/** Which processes lost the name that they had to another: they do not get it back. */
export interface WorkerNames {
  /** An incarnation lost the name to another. */
  replaced(workerId: string, incarnation: string, nowMs: number): void;
  /** Whether this incarnation lost the name before. */
  wasReplaced(workerId: string, incarnation: string): boolean;
  replacements(workerId: string): Replacements;
}

interface Name {
  count: number;
  lastMs: number;
  /** The newest that lost it. */
  readonly incarnations: Set<string>;
}

const mostNames = 10_000;
const mostIncarnations = 16;
const never: Replacements = { count: 0, lastMs: null };

/** Creates an empty record of replaced names. The oldest entries are dropped first: at worst such a process takes the name once more. */
export function createWorkerNames(): WorkerNames {
  const names = new Map<string, Name>();

  return {
    replaced(workerId, incarnation, nowMs) {
      const name = names.get(workerId) ?? { count: 0, lastMs: nowMs, incarnations: new Set() };
      names.delete(workerId);
      names.set(workerId, name);
      name.count++;
      name.lastMs = nowMs;
      if (incarnation !== "") name.incarnations.add(incarnation);
      if (name.incarnations.size > mostIncarnations) forgetFirst(name.incarnations);
      if (names.size > mostNames) forgetFirst(names);
    },

    wasReplaced: (workerId, incarnation) =>
      incarnation !== "" && (names.get(workerId)?.incarnations.has(incarnation) ?? false),

    replacements: (workerId) => names.get(workerId) ?? never,
  };
}

function forgetFirst(kept: Pick<Map<string, unknown>, "keys" | "delete">): void {
  const [first] = kept.keys();
  if (first !== undefined) kept.delete(first);
}
