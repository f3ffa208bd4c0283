import { status as statusCode } from "@grpc/grpc-js";
import { CallError } from "./call-error.ts";

/** The refusal of one field before anything is sent, as the server would send it. */
export function invalid(field: string, text: string, cause?: unknown): CallError {
  return new CallError(`${field}: ${text}`, {
    code: statusCode.INVALID_ARGUMENT,
    reason: "INVALID_FIELD",
    field,
    cause,
  });
}

/** Makes a value; what it throws becomes the refusal of `field`. */
export function checked<T>(field: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw invalid(field, error instanceof Error ? error.message : String(error), error);
  }
}
