import { status as statusCode } from "@grpc/grpc-js";
import type { InterceptedCall } from "../grpc-internals.ts";
import { makeStatus, statusDetailsKey, toStatusObject } from "../status-details.ts";
import { messageTooLarge } from "./decompression.ts";

type GrpcStatus = Parameters<InterceptedCall["sendStatus"]>[0];

/**
 * Gives a status of grpc-js's own the details that every refusal has; one of ours stays as it is.
 *
 * @param maxReceiveBytes the largest message that is taken
 */
export function completeStatus(status: GrpcStatus, maxReceiveBytes: number): GrpcStatus {
  const { code, details, metadata } = status;
  if (code === statusCode.OK || (metadata?.get(statusDetailsKey).length ?? 0) > 0) return status;
  if (code === statusCode.RESOURCE_EXHAUSTED && details.startsWith("Received message larger")) {
    return messageTooLarge(maxReceiveBytes);
  }
  if (code === statusCode.INTERNAL && details.startsWith("Invalid grpc-timeout")) {
    const text = "grpc-timeout: is not a number of at most eight digits with its unit.";
    return toStatusObject(
      makeStatus(statusCode.INVALID_ARGUMENT, text, { reason: "INVALID_FIELD", field: "grpc-timeout" }),
    );
  }
  return status;
}
