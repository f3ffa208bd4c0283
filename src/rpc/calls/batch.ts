import type { ScopeKind } from "../../domain/access/grant.ts";
import { SitqError } from "../../domain/errors.ts";
import { outOfScope } from "../../domain/refusals/access.ts";
import type { RpcContext } from "./rpc-context.ts";

/** What the items of a batch are checked with. */
export type BatchContext = Pick<RpcContext, "principal" | "scope" | "itemsRefused" | "notes">;

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

/**
 * Refuses in place the items whose name is outside of what the caller may touch, and has them audited.
 *
 * @param field where the name stands in an item
 */
export function refuseOutOfScope<T>(
  items: (T | SitqError)[],
  context: BatchContext,
  { kind, field }: { readonly kind: ScopeKind; readonly field: string },
  nameOf: (item: T) => string,
): void {
  const { scope } = context;
  if (scope.isWhole) return;
  const names = new Set<string>();
  let refused: SitqError | null = null;
  let count = 0;
  for (const [index, item] of items.entries()) {
    if (item instanceof SitqError || scope.allows(kind, nameOf(item))) continue;
    refused = outOfScope(kind, nameOf(item), field);
    items[index] = refused;
    names.add(nameOf(item));
    count++;
  }
  if (refused !== null) context.itemsRefused({ error: refused, count, kind, names: [...names] });
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
