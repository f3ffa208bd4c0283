import type { Behaviour } from "./behaviour.ts";
import { changes } from "./changes.ts";
import { choices } from "./choices.ts";

/** All behaviours, in the order of the table; the server is away in the last ones. */
export const behaviours: readonly Behaviour[] = inOrder(
  "call",
  "none-yet",
  "one-more",
  "one-less",
  "unhealthy",
  "draining",
  "dead",
  "last-one",
  "weights",
  "hash-header",
  "zones",
  "sitq-away",
  "sitq-late",
);

function inOrder(...ids: readonly string[]): readonly Behaviour[] {
  const all = new Map([...changes, ...choices].map((behaviour) => [behaviour.id, behaviour]));
  if (all.size !== ids.length) throw new Error("a behaviour has no place in the table, or none has an id of it");
  return ids.flatMap((id) => all.get(id) ?? []);
}
