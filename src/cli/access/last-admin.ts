import { type Principal, Role, type Token } from "../../client/index.ts";
import { allItems } from "../command/pages.ts";
import { briefly } from "../command/session.ts";
import type { Shell } from "../terminal/shell.ts";
import type { AccessSession } from "./access-session.ts";
import { tokenState } from "./token-state.ts";

/** What a command is about to end. */
export interface EndingRights {
  /** The principal that is deleted, or is no admin any more. */
  readonly principal?: string;
  /** The token that is revoked. */
  readonly tokenId?: string;
}

/** Warns where a change takes the last admin that can prove who it is, by a valid token or a certificate. */
export async function warnOfLastAdmin(shell: Shell, access: AccessSession["access"], end: EndingRights): Promise<void> {
  const principals = await allItems(async (page) => {
    const { principals: items, nextPageToken } = await access.listPrincipals(page, briefly);
    return { items, nextPageToken };
  });
  const tokens = await allItems(async (page) => {
    const { tokens: items, nextPageToken } = await access.listTokens(page, briefly);
    return { items, nextPageToken };
  });
  const admins = principals.filter(({ grants }) => grants.some(({ role }) => role === Role.ADMIN));
  const others = admins.filter(({ name }) => name !== end.principal);
  const otherTokens = tokens.filter(({ tokenId }) => tokenId !== end.tokenId);
  const hasLast = admins.some((admin) => canSignIn(admin, tokens));
  if (hasLast && !others.some((admin) => canSignIn(admin, otherTokens))) shell.stderr.write(`warning: ${warning}\n`);
}

const warning =
  "it is the last admin: the next one is made on the server's machine, by sitq token create --db (on PostgreSQL --store) or --bootstrap-token-file";

function canSignIn({ name, certificateUris, certificateDnsNames }: Principal, tokens: readonly Token[]): boolean {
  if (certificateUris.length + certificateDnsNames.length > 0) return true;
  return tokens.some((token) => token.principal === name && tokenState(token) === "valid");
}
