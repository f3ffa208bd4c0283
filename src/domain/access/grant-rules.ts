import { parseGrantText } from "../../contract/grant-text.ts";
import { invalidField } from "../errors.ts";
import { type Grant, scopeKinds } from "./grant.ts";

/** Of one principal. */
const mostGrants = 20;
/** Of each kind in one grant. */
const mostPatterns = 100;
const longestPattern = 200;
/** What names of queues, types of events and services are made of, with `*` at the end. */
const patternForm = /^[A-Za-z0-9][A-Za-z0-9._\-:/]*\*?$|^\*$/;
const principalForm = /^[a-z0-9][a-z0-9._-]{0,99}$/;

/** The field of each kind of pattern in the contract. */
const kindFields = { queue: "queues", event_type: "event_types", service: "services" } as const;

/** The name of a principal. @throws SitqError INVALID_FIELD */
export function checkPrincipalName(field: string, name: string): string {
  if (name === "") throw invalidField(field, "is required");
  if (principalForm.test(name)) return name;
  throw invalidField(
    field,
    "has 1 to 100 lower case letters, digits, '.', '_' and '-', the first a letter or digit",
    name,
  );
}

/**
 * The grants of a principal, with what goes without saying filled in: an operator or admin without patterns covers everything.
 *
 * @param field the path of the list
 * @throws SitqError INVALID_FIELD
 */
export function checkGrants(field: string, grants: readonly Grant[]): Grant[] {
  if (grants.length === 0) throw invalidField(field, "at least one grant is required");
  if (grants.length > mostGrants)
    throw invalidField(field, `has ${grants.length} grants; at most ${mostGrants} are allowed`);
  return grants.map((grant, index) => checkGrant(`${field}[${index}]`, grant));
}

function checkGrant(field: string, grant: Grant): Grant {
  for (const kind of scopeKinds) checkPatterns(`${field}.${kindFields[kind]}`, grant[kind]);
  const { role } = grant;
  if (grant.payloads && role !== "viewer")
    throw invalidField(`${field}.payloads`, "is for viewers: other roles read the content");
  if (role === "admin" && hasScope(grant)) {
    throw invalidField(field, "an admin has no scope; for some queues, event types or services use operator");
  }
  if (scopeKinds.some((kind) => grant[kind].length > 0)) return grant;
  if (role === "operator" || role === "admin") return { ...grant, queue: ["*"], event_type: ["*"], service: ["*"] };
  throw invalidField(field, `a ${role} needs a pattern of queues, event types or services; "*" means all`);
}

/** Whether a grant names some things; that of all without exception is the same as none. */
function hasScope(grant: Grant): boolean {
  const isNone = scopeKinds.every((kind) => grant[kind].length === 0);
  return !isNone && !scopeKinds.every((kind) => grant[kind].join() === "*");
}

function checkPatterns(field: string, patterns: readonly string[]): void {
  if (patterns.length > mostPatterns) {
    throw invalidField(field, `has ${patterns.length} patterns; at most ${mostPatterns} are allowed`);
  }
  patterns.forEach((pattern, index) => {
    if (pattern.length <= longestPattern && patternForm.test(pattern)) return;
    throw invalidField(`${field}[${index}]`, "is not a name, or the beginning of one with * behind it", pattern);
  });
}

/**
 * Reads a grant from its text, see `parseGrantText`.
 *
 * @param field where the text stands
 * @throws SitqError INVALID_FIELD
 */
export function parseGrant(field: string, text: string): Grant {
  const parsed = parseGrantText(text);
  if (typeof parsed === "string") throw invalidField(field, parsed, text);
  const [grant] = checkGrants(field, [parsed]);
  if (grant === undefined) throw new Error("a grant without itself");
  return grant;
}
