import type { ScopeKind } from "../../domain/access/grant.ts";
import type { Scope } from "../../domain/access/scope.ts";
import { SitqError } from "../../domain/errors.ts";
import { outOfScope } from "../../domain/refusals/access.ts";

/** Converts the items of a batch. One that is refused holds up no other: its refusal stands in its place. */
export function convertEach<Item, T>(items: readonly Item[], convert: (item: Item) => T): (T | SitqError)[] {
  return items.map((item) => {
    try {
      return convert(item);
    } catch (error) {
      if (error instanceof SitqError) return error;
      throw error;
    }
  });
}

/** Refuses in place the items whose name is outside of what the caller may touch. @param field where the name stands in an item */
export function refuseOutOfScope<T>(
  items: (T | SitqError)[],
  scope: Scope,
  { kind, field }: { readonly kind: ScopeKind; readonly field: string },
  nameOf: (item: T) => string,
): void {
  if (scope.isWhole) return;
  for (const [index, item] of items.entries()) {
    if (item instanceof SitqError || scope.allows(kind, nameOf(item))) continue;
    items[index] = outOfScope(kind, nameOf(item), field);
  }
}

/** The answers to all items of a batch, in their order. @param handle answers those that are not refused */
export async function answerEach<T, Answer>(
  items: readonly (T | SitqError)[],
  handle: (sound: T[]) => Promise<(Answer | SitqError)[]>,
): Promise<(Answer | SitqError)[]> {
  const sound = items.filter((each): each is T => !(each instanceof SitqError));
  const answers = await handle(sound);
  if (sound.length === items.length) return answers;
  let next = 0;
  return items.map((each) => {
    const answer = each instanceof SitqError ? each : answers[next++];
    if (answer === undefined) throw new Error("an item without an answer");
    return answer;
  });
}
