import { status as statusCode } from "@grpc/grpc-js";
import type { CallError } from "../rpc/adapter/call-error.ts";

/** Whether a failure says nothing of the request: the server was not reached, is stopping, or its answer was lost. */
export function isTransient({ code }: CallError): boolean {
  return code === statusCode.UNAVAILABLE || code === statusCode.DEADLINE_EXCEEDED;
}
