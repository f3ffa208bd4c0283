import { type Client as GrpcClient, status as statusCode } from "@grpc/grpc-js";
import { CallError, callErrorFrom } from "./call-error.ts";

/** What of a grpc-js call on the client's side is needed to follow it; every kind of call has it. */
export interface OpenClientCall {
  once(event: "status", listener: () => void): unknown;
  cancel(): void;
}

/** Where calls begin. */
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
}

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

/** The same route, with calls that carry a token that is replaced. */
export function withToken(route: CallRoute, token: RenewedToken): CallRoute {
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
