import { type Grant, Role, type SitqClient } from "../../client/index.ts";
import { briefly } from "./session.ts";

/** What content is of: names of one kind, all of which a grant must cover. */
export interface ContentOf {
  readonly kind: "queues" | "eventTypes";
  /** Empty: the call names none. */
  readonly names: readonly string[];
}

/**
 * Whether the server leaves content out of an answer for who the caller is: a viewer without payloads gets none. It is asked where an answer
 * has none, which can also be because there is none. What the server does not say counts as not hidden.
 */
export async function isContentHidden(
  client: Pick<SitqClient, "access">,
  { kind, names }: ContentOf,
): Promise<boolean> {
  const identity = await client.access.getIdentity({}, briefly).catch(() => null);
  // Without authentication there is no principal.
  if (identity === null || identity.principal === "") return false;
  const readers = identity.grants.filter(readsContent);
  // A call that names none gets content only where all that it may list is readable.
  const asked = names.length > 0 ? names : identity.grants.filter(lists).flatMap((grant) => grant[kind]);
  return !asked.every((name) => readers.some((grant) => grant[kind].some((pattern) => covers(pattern, name))));
}

function lists({ role }: Grant): boolean {
  return role !== Role.WORKER;
}

/** A worker gets the content of what it works on, and reads nothing else. */
function readsContent({ role, payloads }: Grant): boolean {
  return role === Role.VIEWER ? payloads : role !== Role.WORKER;
}

function covers(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}
