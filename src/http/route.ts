import type { IncomingHttpHeaders } from "node:http";
import type { Role } from "../domain/access/grant.ts";
import type { CallContext } from "../grpc/handlers.ts";
import type { HttpAnswer } from "./exchange/message.ts";

/** Answers a request. What it throws or rejects with is a refusal, or a logged INTERNAL. */
export type RouteHandler = (request: HttpRouteRequest) => HttpAnswer | Promise<HttpAnswer>;

/** A path that the server answers over HTTP beside the contract's calls, such as `/metrics`. */
export interface HttpRoute {
  /** The whole path; with `/*` at the end every path below: `/console/*`. */
  readonly path: string;
  /**
   * The roles of which a caller needs one where authentication is on, by a token, a client certificate or the cookie of a session; `null`:
   * none, and the cookie is not looked at.
   */
  readonly roles: readonly Role[] | null;
  /** Whether its grants have to cover everything there is, since what is answered is of all of it. Default false. */
  readonly needsWholeScope?: boolean;
  /** Answers a GET. A HEAD gets the same without the body. */
  readonly get?: RouteHandler;
  /** Answers a POST. The body is not read. */
  readonly post?: RouteHandler;
  readonly delete?: RouteHandler;
}

/** A request as a route sees it. */
export interface HttpRouteRequest {
  /** Without the query, as it was sent: not decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Whether it has come by https, to this server or, as far as its page says, to a proxy before it. */
  readonly isSecure: boolean;
  /** What it is for those who ask who calls. */
  readonly context: CallContext;
}

/** The methods that a route takes. */
export function methodsOf({ get, post, delete: remove }: HttpRoute): string[] {
  return [...(get ? ["GET", "HEAD"] : []), ...(post ? ["POST"] : []), ...(remove ? ["DELETE"] : [])];
}

/** What answers requests of a method; `undefined`: the route does not take it. */
export function handlerOf(route: HttpRoute, method: string | undefined): RouteHandler | undefined {
  if (method === "GET" || method === "HEAD") return route.get;
  if (method === "POST") return route.post;
  return method === "DELETE" ? route.delete : undefined;
}

/** An answer of one line of text. */
export function textAnswer(status: number, text: string): HttpAnswer {
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" },
    body: `${text}\n`,
  };
}

/** Finds the route of a path: the same path before the nearest one above; `undefined`: there is none. */
export function routeFinder(routes: readonly HttpRoute[]): (path: string) => HttpRoute | undefined {
  const whole = new Map(routes.filter(({ path }) => !path.endsWith("/*")).map((route) => [route.path, route]));
  const above = routes
    .filter(({ path }) => path.endsWith("/*"))
    .map((route) => ({ route, prefix: route.path.slice(0, -1) }))
    .sort((one, other) => other.prefix.length - one.prefix.length);
  return (path) => whole.get(path) ?? above.find(({ prefix }) => path.startsWith(prefix))?.route;
}
