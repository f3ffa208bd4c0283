import { randomUUID } from "node:crypto";
import { type StatusObject, status as statusCode } from "@grpc/grpc-js";
import type { Status } from "../../../gen/google/rpc/status_pb.js";
import { type ErrorKind, SitqError } from "../../domain/errors.ts";
import type { Log } from "../../domain/log.ts";
import { makeStatus, toStatusObject } from "../../grpc/status-details.ts";

/** The canonical code of each kind of refusal. */
const codes: Readonly<Record<ErrorKind, number>> = {
  invalid: statusCode.INVALID_ARGUMENT,
  not_found: statusCode.NOT_FOUND,
  already_exists: statusCode.ALREADY_EXISTS,
  precondition: statusCode.FAILED_PRECONDITION,
  exhausted: statusCode.RESOURCE_EXHAUSTED,
  unavailable: statusCode.UNAVAILABLE,
  timed_out: statusCode.DEADLINE_EXCEEDED,
  aborted: statusCode.ABORTED,
  unimplemented: statusCode.UNIMPLEMENTED,
  data_loss: statusCode.DATA_LOSS,
  unauthenticated: statusCode.UNAUTHENTICATED,
  denied: statusCode.PERMISSION_DENIED,
};

/** The canonical code of anything that was thrown, as text: `NOT_FOUND`. */
export function codeNameOf(error: unknown): string {
  return statusCode[error instanceof SitqError ? codes[error.kind] : statusCode.INTERNAL] ?? "";
}

/** The longest text, path or fact, in characters: they travel in HTTP/2 headers, which clients bound. */
const longestText = 1_024;

/**
 * The google.rpc.Status of anything that was thrown; it never throws itself. What is not a SitqError is a bug or I/O: it
 * answers a fixed text with an id, and is logged with its cause under that id.
 *
 * @param method where it happened, for the log: `/sitq.v1.QueueService/Enqueue`
 * @param facts what else the log says of the call
 */
export function statusOf(
  error: unknown,
  log: Pick<Log, "error">,
  method?: string,
  facts: object | null = null,
): Status {
  if (error instanceof SitqError) return statusOfRefusal(error);
  const errorId = randomUUID();
  log.error({ error, errorId, method, ...facts }, "internal error");
  const text = `Internal error. The server's log has the details under id ${errorId}.`;
  return makeStatus(statusCode.INTERNAL, text, { reason: "INTERNAL", metadata: { error_id: errorId } });
}

/** The same for grpc-js. */
export function statusObjectOf(
  error: unknown,
  log: Pick<Log, "error">,
  method?: string,
  facts: object | null = null,
): StatusObject {
  const known = error instanceof SitqError ? made.get(error) : undefined;
  if (known !== undefined) return known;
  const status = toStatusObject(statusOf(error, log, method, facts));
  if (error instanceof SitqError) made.set(error, status);
  return status;
}

/** What was made of a refusal: one that is thrown repeatedly, as under overload, is converted once. */
const made = new WeakMap<SitqError, StatusObject>();

function statusOfRefusal({ kind, message, reason, details }: SitqError): Status {
  const { field, others = [], metadata = {}, retryAfterMs } = details;
  return makeStatus(codes[kind], clipped(message), {
    reason,
    field: field === undefined ? undefined : clipped(field),
    others: others.map((each) => ({ ...each, field: clipped(each.field), message: clipped(each.message) })),
    metadata: Object.fromEntries(Object.entries(metadata).map(([key, value]) => [key, clipped(value)])),
    retryAfterMs,
  });
}

function clipped(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText - 1)}…`;
}
