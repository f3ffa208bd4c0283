import { type Client as GrpcClient, status as statusCode } from "@grpc/grpc-js";
import { CallError, callErrorFrom } from "./call-error.ts";

/** What of a grpc-js call on the client's side is needed to follow it; every kind of call has it. */
export interface OpenClientCall {
  once(event: "status", listener: () => void): unknown;
  cancel(): void;
}

/** Where calls begin: at one server. */
export interface CallRoute {
  /** Begins a call on a channel. @throws CallError CLOSED once there is none any more */
  begin<C extends OpenClientCall>(make: (channel: GrpcClient) => C): C;
  /** Which token calls that begin now carry; `null`: none that is ever replaced. */
  readonly tokenVersion: number | null;
  /**
   * The error of a call that failed.
   *
   * @param tokenVersion the route's when the call began
   */
  failure(error: unknown, tokenVersion: number | null): CallError;
  /** Whether there are other servers. */
  readonly hasOthers: boolean;
  /**
   * Where a call may be made once more: at another server.
   *
   * @param error the call's failure
   * @returns `null`: nowhere, since its server may have it, or none is left
   */
  elsewhere(error: CallError): CallRoute | null;
}

/** Answers the route of a call that begins now. */
export type Routing = () => CallRoute;

/** A token that calls carry and that is replaced, as calls see it. */
export interface RenewedToken {
  /** Which one calls carry. */
  readonly version: number;
  /**
   * Takes note that the server refused a token.
   *
   * @param version of the token that calls carried when the refused one began
   * @returns whether the next call carries another one, so that it may be made again
   */
  refused(version: number): boolean;
}

/** The same routing, with calls that carry a token that is replaced. */
export function routingWithToken(routing: Routing, token: RenewedToken): Routing {
  let route: CallRoute | null = null;
  let carrying: CallRoute | null = null;
  return () => {
    const next = routing();
    // One server has one route.
    if (carrying === null || next !== route) [route, carrying] = [next, withToken(next, token)];
    return carrying;
  };
}

/** The same route, with calls that carry a token that is replaced. */
function withToken(route: CallRoute, token: RenewedToken): CallRoute {
  return {
    begin: (make) => route.begin(make),
    get tokenVersion() {
      return token.version;
    },
    failure(thrown, tokenVersion) {
      const error = route.failure(thrown, null);
      if (!isOfCredentials(error) || tokenVersion === null) return error;
      return token.refused(tokenVersion) ? error.withRenewedToken() : error;
    },
    hasOthers: route.hasOthers,
    elsewhere(error) {
      const other = route.elsewhere(error);
      return other === null ? null : withToken(other, token);
    },
  };
}

/** Whether the server refuses the credentials of a call. */
function isOfCredentials({ code, reason }: CallError): boolean {
  return code === statusCode.UNAUTHENTICATED || reason === "TOO_MANY_FAILED_SIGN_INS";
}

/** All calls over one channel. */
export function routeOver(channel: GrpcClient): CallRoute {
  return {
    begin(make) {
      try {
        return make(channel);
      } catch (cause) {
        throw clientClosed(cause);
      }
    },
    tokenVersion: null,
    failure: (error) => callErrorFrom(error, addressOf(channel)),
    hasOthers: false,
    elsewhere: () => null,
  };
}

/** Of a call that begins or is open when its client is closed. */
export function clientClosed(cause: unknown): CallError {
  return new CallError("The client is closed.", { code: statusCode.FAILED_PRECONDITION, reason: "CLOSED", cause });
}

/** Where a channel leads, as a person writes it. */
export function addressOf(channel: GrpcClient): string {
  return channel
    .getChannel()
    .getTarget()
    .replace(/^dns:(?:\/\/\/)?/, "");
}
