import { bearerToken } from "../../access/authenticator.ts";
import { openPrincipal } from "../../domain/access/principal.ts";
import { invalidField } from "../../domain/errors.ts";
import { authenticationOff } from "../../domain/refusals/access.ts";
import type { HttpRoute } from "../../http/route.ts";
import { endedSessionCookie, sessionCookie } from "../../http/session-cookie.ts";
import { routeCaller } from "../calls/admit-route.ts";
import type { Authority } from "../calls/authorize.ts";

const path = "/session";

/**
 * Signs pages in a browser in and out: a POST with a token as `authorization`, as calls have it, makes the cookie that stands for it from
 * then on; a DELETE ends it. Nothing is kept of it here: it lasts as long as the token, and ends with it. The path stands beside those of
 * the contract's calls, so that the cookie reaches them below whatever path a proxy serves them.
 */
export function sessionRoute(authority: Pick<Authority, "authenticator" | "auditLog">): HttpRoute {
  return {
    path,
    roles: null,
    async post({ headers, isSecure, context }) {
      const principal = await routeCaller(authority, path, context);
      if (principal === openPrincipal) throw authenticationOff();
      const token = headers.authorization === undefined ? null : bearerToken(headers.authorization);
      if (token === null) throw invalidField("authorization", "is required: a session holds a token");
      authority.auditLog?.allowed();
      return answerWith(sessionCookie(token, isSecure));
    },
    delete: ({ isSecure }) => answerWith(endedSessionCookie(isSecure)),
  };
}

function answerWith(cookie: string) {
  return { status: 204, headers: { "set-cookie": cookie, "cache-control": "no-store" }, body: "" };
}
