/** What a principal may do, and on what. */

import { grantRoles } from "../../contract/grant-text.ts";

/** What a principal may do. `admin` may do everything, on everything. */
export const roles = grantRoles;
export type Role = (typeof roles)[number];

/** What a scope is made of. */
export const scopeKinds = ["queue", "event_type", "service"] as const;
export type ScopeKind = (typeof scopeKinds)[number];

/** A role with what it covers: for each kind the patterns, see `matchesPattern`. */
export interface Grant extends Readonly<Record<ScopeKind, readonly string[]>> {
  readonly role: Role;
  /** A viewer sees content too: payloads, results, headers, texts of errors and metadata of workers. */
  readonly payloads: boolean;
}

/** Whether a name is covered by a pattern: an exact name, or a prefix with `*` behind it. */
export function matchesPattern(pattern: string, name: string): boolean {
  return pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/**
 * Whether every name that `inner` covers is covered by `outer`. `inner` may be a pattern of a filter, which has `*` in other places too:
 * what stands before its first `*` counts.
 */
export function coversPattern(outer: string, inner: string): boolean {
  const star = inner.indexOf("*");
  if (star === -1) return matchesPattern(outer, inner);
  return outer.endsWith("*") && inner.slice(0, star).startsWith(outer.slice(0, -1));
}

/** A grant of everything. */
export const wholeGrant: Grant = { role: "admin", payloads: false, queue: ["*"], event_type: ["*"], service: ["*"] };
