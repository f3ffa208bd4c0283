import type { ScopeKind } from "../../domain/access/grant.ts";
import { SitqError } from "../../domain/errors.ts";

/** How many different names of one call are kept: an entry shows three, and counts the others. */
const mostNames = 1_000;

/** What a call does while it runs, for its audit entry: of a batch or a stream, which the request does not say. */
export class CallNotes {
  /** How many items were stored. */
  count = 0;
  /** What they are about. */
  readonly stored = new Map<ScopeKind, Set<string>>();

  /** Takes in an item that was stored. */
  itemStored(kind: ScopeKind, name: string): void {
    this.count++;
    const names = this.stored.get(kind) ?? new Set();
    this.stored.set(kind, names);
    if (names.size < mostNames) names.add(name);
  }
}

/**
 * Notes which items of a batch were stored. It costs nothing where the call is no audit entry.
 *
 * @param nameOf the name of an item that was stored; `null`: it was there already
 */
export function noteStored<Answer>(
  answers: Promise<(Answer | SitqError)[]>,
  notes: CallNotes | null,
  kind: ScopeKind,
  nameOf: (answer: Answer) => string | null,
): Promise<(Answer | SitqError)[]> {
  if (notes === null) return answers;
  return answers.then((all) => {
    for (const answer of all) {
      const name = answer instanceof SitqError ? null : nameOf(answer);
      if (name !== null) notes.itemStored(kind, name);
    }
    return all;
  });
}
