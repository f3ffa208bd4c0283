import type { JsonObject } from "@bufbuild/protobuf";
import type { CallError } from "../../client/index.ts";
import type { CommandFailure } from "./command-failure.ts";

/**
 * A failure as `--json` writes it to standard error: what is wrong, what to do, the exit code, and of a call that the server
 * refused its reason, field and status code. Facts that are not known are left out.
 *
 * @param about what it concerns, of several: `{ id: "0f3k9q2m7xa" }`
 */
export function failureJson(failure: CommandFailure, about: JsonObject = {}): JsonObject {
  const { message, hint, exitCode, cause } = failure;
  return {
    error: { ...about, message, ...(hint !== undefined && { hint }), ...callJson(cause), exitCode },
  };
}

function callJson(cause: unknown): JsonObject {
  if (!isCallError(cause)) return {};
  const { codeName, reason, field, retryAfterMs } = cause;
  return {
    code: codeName,
    ...(reason !== null && { reason }),
    ...(field !== null && { field }),
    ...(retryAfterMs !== null && { retryAfterMs }),
  };
}

/** By its name: its class would load gRPC, which a command that calls no server does without. */
function isCallError(cause: unknown): cause is CallError {
  return cause instanceof Error && cause.name === "CallError";
}
