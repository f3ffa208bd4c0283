/**
 * What pages in a browser may send. A request that changes something is taken from a page of the server's own origin, and from one whose
 * origin the operator has allowed. Programs that are no browsers send neither `Origin` nor `Sec-Fetch-Site`, and are not concerned, unless
 * they are signed in by a cookie: what a browser adds to requests by itself counts only where it is proven that an own page has sent them.
 */

import type { IncomingHttpHeaders } from "node:http";
import { cors } from "@connectrpc/connect";
import { isLoopback, parseHostPort } from "../contract/host-port.ts";
import { crossOrigin, originUnproven } from "../domain/refusals/http.ts";
import { type HttpRequest, isHttp2 } from "./exchange/message.ts";
import { sessionIn } from "./session-cookie.ts";

/** Which pages may call. */
export interface OriginRules {
  /** Beside the server's own: `https://console.example`. */
  readonly allowed: readonly string[];
  /**
   * Whether only this machine reaches the server. A page may be called by any name then only if it is allowed: else the owner of a name
   * could let it stand for this machine (DNS rebinding), and the browser would take the page for one of the server's own.
   */
  readonly isLocal: boolean;
}

/** For how long a browser remembers what it may send, in seconds. */
const preflightSeconds = 7_200;

/** Whether a request changes nothing by its method. */
function isSafe(method: string | undefined): boolean {
  return method === "GET" || method === "HEAD";
}

/** Whether a request is signed in by the cookie alone. */
function isByCookie({ headers }: HttpRequest): boolean {
  return headers.authorization === undefined && sessionIn(headers) !== null;
}

/** Refuses a request of a page that may not send it. @throws SitqError CROSS_ORIGIN */
export function checkOrigin(request: HttpRequest, rules: OriginRules): void {
  if (isSafe(request.method)) return;
  const { origin, "sec-fetch-site": site } = request.headers;
  if (isByCookie(request)) {
    if (site === undefined && origin === undefined) throw originUnproven();
    // Another origin that is allowed to call does so with a token.
    if (site !== undefined && site !== "same-origin") throw crossOrigin(origin ?? "");
  }
  if (origin === undefined) {
    if (site === undefined || site === "same-origin" || site === "none") return;
    throw crossOrigin("");
  }
  if (rules.allowed.includes(origin)) return;
  const host = hostOf(request);
  const isOwn = site === undefined ? URL.canParse(origin) && new URL(origin).host === host : site === "same-origin";
  if (!isOwn || (rules.isLocal && !isLocalHost(host))) throw crossOrigin(origin);
}

/** The headers that let the page of an allowed origin read an answer; none for others. */
export function corsHeaders(
  { origin }: IncomingHttpHeaders,
  { allowed }: OriginRules,
): Readonly<Record<string, string>> {
  if (allowed.length === 0) return {};
  if (origin === undefined || !allowed.includes(origin)) return { vary: "origin" };
  return {
    vary: "origin",
    "access-control-allow-origin": origin,
    "access-control-expose-headers": cors.exposedHeaders.concat("retry-after").join(", "),
  };
}

/** What answers the question of a browser whether a page of an allowed origin may send a request. */
export function preflightHeaders(): Readonly<Record<string, string>> {
  return {
    "access-control-allow-methods": "GET, POST",
    "access-control-allow-headers": cors.allowedHeaders.concat("authorization").join(", "),
    "access-control-max-age": String(preflightSeconds),
  };
}

/** The host that a request names; empty: none. */
export function hostOf(request: HttpRequest): string {
  return (isHttp2(request) ? request.authority : request.headers.host) ?? "";
}

function isLocalHost(host: string): boolean {
  const address = parseHostPort(/:\d+$/.test(host) ? host : `${host}:80`);
  return address !== undefined && isLoopback(address);
}
