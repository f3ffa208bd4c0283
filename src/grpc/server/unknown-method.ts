import { status as statusCode } from "@grpc/grpc-js";
import { asIs } from "../codec.ts";
import type { GrpcHandler } from "../grpc-internals.ts";
import { makeStatus, toStatusObject } from "../status-details.ts";

/** The handler of a path that the server does not serve: it refuses. */
export function unknownMethod(path: string): GrpcHandler {
  return {
    type: "bidi",
    path,
    func(call) {
      const text = `The server does not implement the method ${path}.`;
      call.emit("error", toStatusObject(makeStatus(statusCode.UNIMPLEMENTED, text, { reason: "UNKNOWN_METHOD" })));
    },
    serialize: asIs,
    deserialize: asIs,
  };
}
