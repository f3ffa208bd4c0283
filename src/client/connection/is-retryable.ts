import { status as statusCode } from "@grpc/grpc-js";
import type { CallError } from "../../grpc/client/call-error.ts";

/**
 * Whether a failure does not depend on the request: the server was not reached, is stopping, has too much to do, or its answer was
 * lost.
 */
export function isRetryable({ code, reason }: CallError): boolean {
  return code === statusCode.UNAVAILABLE || code === statusCode.DEADLINE_EXCEEDED || reason === "OVERLOADED";
}
