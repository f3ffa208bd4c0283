import { httpMethodUnsupported, unknownPath } from "../domain/refusals/http.ts";
import type { CallContext } from "../grpc/handlers.ts";
import { areHeadersWithin, type HeaderBounds, headersTooLarge } from "../grpc/server/header-bound.ts";
import type { ConnectCallRules } from "./connect/connect-call.ts";
import { ConnectCalls } from "./connect/connect-calls.ts";
import type { HttpService } from "./connect/served-method.ts";
import { errorAnswer } from "./exchange/errors.ts";
import { HttpCall, type HttpConnections } from "./exchange/http-call.ts";
import { answer, type HttpRequest, type HttpResponse, isSecure, pathOf } from "./exchange/message.ts";
import { StatusError } from "./exchange/status-error.ts";
import { checkOrigin, corsHeaders, hostOf, type OriginRules, preflightHeaders } from "./origin.ts";
import { type HttpRoute, handlerOf, methodsOf, type RouteHandler, routeFinder } from "./route.ts";
import { sessionIn } from "./session-cookie.ts";

/** What requests over HTTP are answered by. */
export interface HttpDoorOptions extends ConnectCallRules {
  readonly services: readonly HttpService[];
  readonly routes: readonly HttpRoute[];
  readonly bounds: HeaderBounds;
  readonly origins: OriginRules;
  /** Lets the caller of a route in. It throws or rejects with a refusal. */
  readonly admit: (route: HttpRoute, context: CallContext) => void | Promise<void>;
}

/** The HTTP statuses of refusals for which Connect's codes have no good one. */
const statuses = { badRequest: 400, notFound: 404, methodNotAllowed: 405, headersTooLarge: 431 } as const;

/** Answers all requests that are not gRPC's. */
export class HttpDoor {
  readonly #options: HttpDoorOptions;
  readonly #routeOf: (path: string) => HttpRoute | undefined;
  readonly #calls: ConnectCalls;

  constructor(options: HttpDoorOptions) {
    this.#options = options;
    this.#routeOf = routeFinder(options.routes);
    this.#calls = new ConnectCalls(options.services, options);
  }

  /** Answers a request. It never throws. */
  handle(request: HttpRequest, response: HttpResponse, connections: HttpConnections): void {
    const { bounds, origins } = this.#options;
    const call = new HttpCall(request, response, connections);
    const path = pathOf(request);
    if (!areHeadersWithin(request.rawHeaders, bounds)) {
      this.#refuse(call, new StatusError(headersTooLarge(bounds)), statuses.headersTooLarge);
      return;
    }
    if (!URL.canParse(path, `http://${hostOf(request)}`)) {
      this.#refuse(call, unknownPath(path), statuses.badRequest);
      return;
    }
    for (const [name, value] of Object.entries(corsHeaders(request.headers, origins))) response.setHeader(name, value);
    try {
      checkOrigin(request, origins);
    } catch (error) {
      this.#refuse(call, error);
      return;
    }
    if (request.method === "OPTIONS" && request.headers.origin !== undefined) {
      answer(request, response, { status: 204, headers: preflightHeaders(), body: "" });
      return;
    }
    this.#dispatch(path, call);
  }

  #dispatch(path: string, call: HttpCall): void {
    const { request, response } = call;
    if (this.#calls.has(path)) {
      takeSession(call);
      void this.#calls.answer(path, call);
      return;
    }
    const route = this.#routeOf(path);
    if (route === undefined) {
      this.#refuse(call, unknownPath(path), statuses.notFound);
      return;
    }
    const handler = handlerOf(route, request.method);
    if (handler !== undefined) {
      void this.#answerRoute(route, handler, call);
      return;
    }
    const methods = methodsOf(route).join(", ");
    response.setHeader("allow", methods);
    this.#refuse(call, httpMethodUnsupported(request.method ?? "", methods), statuses.methodNotAllowed);
  }

  async #answerRoute(route: HttpRoute, handler: RouteHandler, call: HttpCall): Promise<void> {
    const { request, response } = call;
    const { url = "", headers } = request;
    const path = pathOf(request);
    try {
      if (route.roles !== null) {
        takeSession(call);
        await this.#options.admit(route, call);
      }
      const query = new URLSearchParams(url.slice(path.length + 1));
      const seen = { path, query, headers, isSecure: isSecure(request), context: call };
      answer(request, response, await handler(seen));
    } catch (error) {
      this.#refuse(call, error);
    } finally {
      call.finish();
    }
  }

  #refuse(call: HttpCall, error: unknown, httpStatus?: number): void {
    const { request, response } = call;
    const refusal = this.#options.refusals.of(error, pathOf(request), call);
    answer(request, response, errorAnswer(refusal, httpStatus));
  }
}

/** Lets the cookie of a session count. */
function takeSession(call: HttpCall): void {
  const session = sessionIn(call.request.headers);
  if (session !== null) call.takeSession(session);
}
