/**
 * The cookie by which a page in a browser is signed in: it holds a token, which counts as if it were sent as `authorization`.
 *
 * It has no `Path`, so that a browser sends it to all that is beside the path that has set it, and below, and to nothing else: a proxy may
 * serve this server below a path that it does not know, and other servers beside it.
 */

import type { IncomingHttpHeaders } from "node:http";
import { invalidField } from "../domain/errors.ts";

const name = "sitq_session";
/** What browsers keep of a cookie, name and value together, in bytes (RFC 6265, 6.1). */
const mostBytes = 4_096;
const mostTokenBytes = mostBytes - `${name}=`.length;
/** What the value of a cookie can be (RFC 6265, 4.1.1). */
const cookieValue = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;

/** The token that a request carries in its cookie; `null`: it has none. Of several, it is the one of the longest path, which is the first. */
export function sessionIn({ cookie }: Pick<IncomingHttpHeaders, "cookie">): string | null {
  if (cookie === undefined) return null;
  const found = cookie.split(";").find((each) => each.trimStart().startsWith(`${name}=`));
  return found === undefined ? null : found.slice(found.indexOf("=") + 1).trim();
}

/**
 * The `set-cookie` that signs a page in until its browser ends.
 *
 * @param isSecure whether the page is shown by https: then the cookie is never sent without
 * @throws SitqError INVALID_FIELD for a token that does not fit
 */
export function sessionCookie(token: string, isSecure: boolean): string {
  if (token.length > mostTokenBytes) {
    throw invalidField("authorization", `is a token of ${token.length} bytes; a cookie holds ${mostTokenBytes}`);
  }
  if (!cookieValue.test(token))
    throw invalidField("authorization", "is a token with characters that no cookie can hold");
  return `${name}=${token}; ${attributes(isSecure)}`;
}

/** The `set-cookie` that signs a page out. */
export function endedSessionCookie(isSecure: boolean): string {
  return `${name}=; ${attributes(isSecure)}; Max-Age=0`;
}

function attributes(isSecure: boolean): string {
  return `HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
}
