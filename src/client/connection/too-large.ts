import { status as statusCode } from "@grpc/grpc-js";
import type { CallError } from "../../grpc/client/call-error.ts";

/** A message was larger than the server takes. */
export interface TooLarge {
  /** What it takes, in bytes; `null`: it did not say. */
  readonly maxBytes: number | null;
}

/** Whether an error says that a message was too large; `null`: it says something else. */
export function tooLargeBy({ code, reason, metadata }: CallError): TooLarge | null {
  // A refusal without a reason is gRPC's own.
  if (code !== statusCode.RESOURCE_EXHAUSTED || (reason !== null && reason !== "MESSAGE_TOO_LARGE")) return null;
  const maxBytes = Number(metadata.max_bytes);
  return { maxBytes: maxBytes > 0 ? maxBytes : null };
}
