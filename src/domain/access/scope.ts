import { outOfScope } from "../refusals/access.ts";
import { coversPattern, type Grant, matchesPattern, type Role, type ScopeKind, scopeKinds } from "./grant.ts";

/** What a call may touch: the scopes of all grants that allow the method, together. */
export interface Scope {
  /** Everything is allowed: nothing need be looked up. */
  readonly isWhole: boolean;
  /** Payloads, results, headers and texts of errors may be read. */
  readonly seesContent: boolean;
  allows(kind: ScopeKind, name: string): boolean;
  /** Whether everything that a pattern of names covers is allowed. */
  allowsPattern(kind: ScopeKind, pattern: string): boolean;
  /**
   * @param field where the name stands in the request
   * @throws SitqError OUT_OF_SCOPE
   */
  require(kind: ScopeKind, name: string, field: string): void;
}

/** The scope of the grants that have one of these roles; `null`: there is no such grant. An admin's is everything. */
export function scopeOf(grants: readonly Grant[], roles: readonly Role[]): Scope | null {
  if (grants.some(({ role }) => role === "admin")) return wholeScope;
  const used = grants.filter(({ role }) => roles.includes(role));
  if (used.length === 0) return null;
  const isWhole = scopeKinds.every((kind) => used.some((grant) => grant[kind].includes("*")));
  const seesContent = used.some(({ role, payloads }) => role !== "viewer" || payloads);
  const some = (kind: ScopeKind, covers: (pattern: string) => boolean) =>
    used.some((grant) => grant[kind].some(covers));
  return makeScope(
    { isWhole, seesContent },
    (kind, name) => some(kind, (pattern) => matchesPattern(pattern, name)),
    (kind, inner) => some(kind, (pattern) => coversPattern(pattern, inner)),
  );
}

function makeScope(
  facts: Pick<Scope, "isWhole" | "seesContent">,
  allows: Scope["allows"],
  allowsPattern: Scope["allowsPattern"],
): Scope {
  return {
    ...facts,
    allows,
    allowsPattern,
    require(kind, name, field) {
      if (!allows(kind, name)) throw outOfScope(kind, name, field);
    },
  };
}

/** The scope of everything. */
export const wholeScope: Scope = makeScope(
  { isWhole: true, seesContent: true },
  () => true,
  () => true,
);
