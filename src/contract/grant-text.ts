/** Grants in text: `worker:mail.*`, as commands and the claims of JWTs have them; and the roles of the contract by their words. */

import { Role } from "../../gen/sitq/v1/access_pb.js";
import { protoEnum } from "./enums.ts";

/** The roles. */
export const grantRoles = ["producer", "worker", "viewer", "operator", "admin"] as const;

/** The same beside the contract's. */
export const roleNames = protoEnum<(typeof grantRoles)[number], Role>()({
  producer: Role.PRODUCER,
  worker: Role.WORKER,
  viewer: Role.VIEWER,
  operator: Role.OPERATOR,
  admin: Role.ADMIN,
});

/** What a grant covers, and the word of each kind in the text. */
const kindWords = { queue: "queue", event_type: "event", service: "service" } as const;
const kinds = ["queue", "event_type", "service"] as const;

/** What a grant says: for each kind the patterns. Whether they make sense is the server's to check. */
export interface GrantParts extends Readonly<Record<(typeof kinds)[number], readonly string[]>> {
  readonly role: (typeof grantRoles)[number];
  readonly payloads: boolean;
}

/**
 * Reads a grant: `ROLE:PATTERN` covers queues, types of events and services by one pattern, `ROLE:queue=PATTERN`,
 * `ROLE:event=PATTERN` and `ROLE:service=PATTERN` one kind, and commas separate several: `worker:queue=mail.*,service=mail`. A role
 * alone has no patterns. `viewer+payloads` reads the content too.
 *
 * @returns the grant; or what is wrong with the text, in words that fit behind its name
 */
export function parseGrantText(text: string): GrantParts | string {
  const colon = text.indexOf(":");
  const [name, flag, ...others] = (colon < 0 ? text : text.slice(0, colon)).split("+");
  const role = grantRoles.find((each) => each === name);
  if (role === undefined) return `begins with a role: ${grantRoles.join(", ")}`;
  if (others.length > 0 || (flag !== undefined && flag !== "payloads")) return "takes only +payloads behind its role";
  const patterns: Record<(typeof kinds)[number], string[]> = { queue: [], event_type: [], service: [] };
  for (const part of colon < 0 ? [] : text.slice(colon + 1).split(",")) {
    const kind = kinds.find((each) => part.startsWith(`${kindWords[each]}=`));
    const equals = part.indexOf("=");
    if (kind === undefined && equals >= 0) {
      return `has ${JSON.stringify(part.slice(0, equals))}, which is none of ${Object.values(kindWords).join(", ")}`;
    }
    if (kind !== undefined) patterns[kind].push(part.slice(kindWords[kind].length + 1));
    else for (const each of kinds) patterns[each].push(part);
  }
  return { role, payloads: flag !== undefined, ...patterns };
}

/** Writes a grant as `parseGrantText` reads it. */
export function formatGrantText(grant: GrantParts): string {
  const role = grant.payloads ? `${grant.role}+payloads` : grant.role;
  const [first, ...others] = kinds.map((kind) => JSON.stringify(grant[kind]));
  const isSame = others.every((each) => each === first);
  const patterns = isSame
    ? grant.queue
    : kinds.flatMap((kind) => grant[kind].map((pattern) => `${kindWords[kind]}=${pattern}`));
  const isWhole = isSame && patterns.join() === "*" && (grant.role === "operator" || grant.role === "admin");
  return isWhole || patterns.length === 0 ? role : `${role}:${patterns.join(",")}`;
}
