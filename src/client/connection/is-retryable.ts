import { status as statusCode } from "@grpc/grpc-js";
import type { CallError } from "../../grpc/client/call-error.ts";

/**
 * Whether a failure does not depend on the request: the server was not reached, is stopping, has too much to do, or its answer was
 * lost; or it refused a token that is replaced.
 */
export function isRetryable({ code, reason, renewsToken }: CallError): boolean {
  const isAway = code === statusCode.UNAVAILABLE || code === statusCode.DEADLINE_EXCEEDED;
  return isAway || reason === "OVERLOADED" || renewsToken;
}

/** Whether the server refuses the caller's credentials or rights: other calls of the same client meet that too, until an operator changes it. */
export function isDenied({ code, renewsToken }: CallError): boolean {
  return !renewsToken && (code === statusCode.UNAUTHENTICATED || code === statusCode.PERMISSION_DENIED);
}
