import { outOfScope } from "../refusals/access.ts";
import { coversPattern, type Grant, type Role, type ScopeKind, scopeKinds } from "./grant.ts";

/** What a call may touch: the scopes of all grants that allow the method, together. */
export interface Scope {
  /** Everything is allowed: nothing need be looked up. */
  readonly isWhole: boolean;
  /** The content of everything that is allowed may be read. */
  readonly seesContent: boolean;
  /** Equal for scopes that are equal. */
  readonly key: string;
  /** What is allowed, as patterns. */
  readonly patterns: Readonly<Record<ScopeKind, readonly string[]>>;
  /** Whether a name is allowed. Of a pattern: whether everything is that it covers. */
  allows(kind: ScopeKind, name: string): boolean;
  /** Whether the content of what has the name may be read, where that of other names may not. */
  seesContentOf(kind: ScopeKind, name: string): boolean;
  /**
   * @param field where the name stands in the request
   * @throws SitqError OUT_OF_SCOPE
   */
  mustAllow(kind: ScopeKind, name: string, field: string): void;
}

/** The scope of the grants that have one of these roles; `null`: there is no such grant. An admin's is everything. */
export function scopeOf(grants: readonly Grant[], roles: readonly Role[]): Scope | null {
  if (grants.some(({ role }) => role === "admin")) return wholeScope;
  const used = grants.filter(({ role }) => roles.includes(role));
  if (used.length === 0) return null;
  const open = used.filter(({ role, payloads }) => role !== "viewer" || payloads);
  const seesContent = scopeKinds.every((kind) =>
    used.every((grant) => open.includes(grant) || grant[kind].every((pattern) => covers(open, kind, pattern))),
  );
  return {
    isWhole: scopeKinds.every((kind) => covers(used, kind, "*")),
    seesContent,
    key: JSON.stringify(used),
    patterns: {
      queue: used.flatMap(({ queue }) => queue),
      event_type: used.flatMap(({ event_type }) => event_type),
      service: used.flatMap(({ service }) => service),
    },
    allows: (kind, name) => covers(used, kind, name),
    seesContentOf: (kind, name) => covers(open, kind, name),
    mustAllow(kind, name, field) {
      if (!covers(used, kind, name)) throw outOfScope(kind, name, field);
    },
  };
}

function covers(grants: readonly Grant[], kind: ScopeKind, name: string): boolean {
  return grants.some((grant) => grant[kind].some((pattern) => coversPattern(pattern, name)));
}

/** Whether a scope allows everything that another one does. */
export function coversScope(scope: Scope, other: Scope): boolean {
  return scopeKinds.every((kind) => other.patterns[kind].every((pattern) => scope.allows(kind, pattern)));
}

/** The scope of everything. */
export const wholeScope: Scope = {
  isWhole: true,
  seesContent: true,
  key: "",
  patterns: { queue: ["*"], event_type: ["*"], service: ["*"] },
  allows: () => true,
  seesContentOf: () => true,
  mustAllow: () => undefined,
};
