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
  /** The error of a call that failed. */
  failure(error: unknown): CallError;
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
