import { type DescMethod, getOption } from "@bufbuild/protobuf";
import { access, type Grant, Role } from "../../../gen/sitq/v1/access_pb.js";
import { matchesPattern } from "../../../src/domain/access/grant.ts";

/** What a call touches, by name. */
export interface Touched {
  readonly queues?: readonly string[];
  readonly services?: readonly string[];
  readonly eventTypes?: readonly string[];
}

const kinds = [
  ["queues", "queue"],
  ["services", "service"],
  ["eventTypes", "type of events"],
] as const;

/** What grants lack for a call, in one sentence, by the rules that the contract states of the method; `null`: nothing. */
export function missingRight(grants: readonly Grant[], method: DescMethod, touched: Touched): string | null {
  if (grants.some(({ role }) => role === Role.ADMIN)) return null;
  const { roles } = getOption(method, access);
  const used = grants.filter(({ role }) => roles.includes(role));
  if (used.length === 0) {
    const words = roles.map((role) => Role[role]?.toLowerCase() ?? `${role}`);
    return `You may not do this: it needs the role ${words.join(" or ")}.`;
  }
  for (const [kind, word] of kinds) {
    const outside = touched[kind]?.find((name) => !used.some((grant) => covers(grant, kind, name)));
    if (outside !== undefined) return `You may not do this: your grants do not cover the ${word} ${outside}.`;
  }
  return null;
}

/**
 * Whether grants let one read the content of what they show of a queue, or of events of a type. A viewer's do so only with `payloads`.
 *
 * @param kind what the name is of. Default: of a queue
 */
export function coversContent(
  grants: readonly Grant[],
  name: string,
  kind: "queues" | "eventTypes" = "queues",
): boolean {
  return grants.some((grant) => {
    if (grant.role === Role.ADMIN) return true;
    const isReader = grant.role === Role.PRODUCER || grant.role === Role.OPERATOR;
    return (isReader || (grant.role === Role.VIEWER && grant.payloads)) && covers(grant, kind, name);
  });
}

function covers(grant: Grant, kind: (typeof kinds)[number][0], name: string): boolean {
  const isWhole = grant.role === Role.OPERATOR && kinds.every(([each]) => grant[each].length === 0);
  return isWhole || grant[kind].some((pattern) => matchesPattern(pattern, name));
}
