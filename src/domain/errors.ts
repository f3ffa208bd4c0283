/**
 * The catalogue of everything that sitq refuses: a stable reason, and the kind that decides the status code on the wire.
 * Nothing below `rpc/` knows a gRPC code.
 */

/** What sort of refusal it is; `rpc/` maps each to one canonical code. */
export type ErrorKind =
  | "invalid"
  | "not_found"
  | "already_exists"
  | "precondition"
  | "exhausted"
  | "unavailable"
  | "timed_out"
  | "aborted"
  | "unimplemented"
  | "data_loss"
  | "unauthenticated"
  | "denied";

const catalogue = {
  INVALID_FIELD: "invalid",
  MALFORMED_MESSAGE: "invalid",
  INVALID_PAGE_TOKEN: "invalid",
  PAYLOAD_TOO_LARGE: "invalid",
  HELLO_EXPECTED: "invalid",
  HELLO_REPEATED: "invalid",
  TASK_NOT_FOUND: "not_found",
  QUEUE_NOT_FOUND: "not_found",
  WORKFLOW_NOT_FOUND: "not_found",
  WORKER_NOT_FOUND: "not_found",
  EVENT_NOT_FOUND: "not_found",
  SUBSCRIPTION_NOT_FOUND: "not_found",
  SERVICE_NOT_FOUND: "not_found",
  INSTANCE_NOT_FOUND: "not_found",
  REQUEST_ID_REUSED: "already_exists",
  DUPLICATE_TASK: "already_exists",
  EVENT_ID_REUSED: "already_exists",
  SUBSCRIPTION_EXISTS: "already_exists",
  TASK_FINISHED: "precondition",
  TASK_RUNNING: "precondition",
  TASK_UNFINISHED: "precondition",
  TASK_BLOCKED: "precondition",
  TASK_IS_DELIVERY: "precondition",
  TASK_NOT_RETRYABLE: "precondition",
  TASK_IN_WORKFLOW: "precondition",
  WORKFLOW_FINISHED: "precondition",
  WORKFLOW_NOT_RETRYABLE: "precondition",
  STALE: "precondition",
  INSTANCE_REPLACED: "precondition",
  BACKUP_RUNNING: "precondition",
  READ_ONLY: "precondition",
  POSITION_EXPIRED: "precondition",
  SUBSCRIPTION_BEHIND: "precondition",
  MESSAGE_TOO_LARGE: "exhausted",
  HEADERS_TOO_LARGE: "exhausted",
  OVERLOADED: "exhausted",
  QUEUE_FULL: "exhausted",
  DISK_LOW: "exhausted",
  DISK_FULL: "exhausted",
  SERVICE_FULL: "exhausted",
  WATCH_TOO_SLOW: "exhausted",
  TOO_MANY_WATCHERS: "exhausted",
  TOO_MANY_CONNECTIONS: "exhausted",
  TOO_MANY_IDLE_MESSAGES: "exhausted",
  TOO_MANY_UNFINISHED_BYTES: "exhausted",
  DRAINING: "unavailable",
  STORE_FAILED: "unavailable",
  STORE_UNREACHABLE: "unavailable",
  NO_HEALTHY_INSTANCE: "unavailable",
  FIRST_MESSAGE_TIMEOUT: "timed_out",
  HEARTBEAT_TIMEOUT: "timed_out",
  WORKER_REPLACED: "aborted",
  BATCH_REFUSED: "aborted",
  STREAM_REPLACED: "aborted",
  UNKNOWN_METHOD: "unimplemented",
  UNSUPPORTED_ENCODING: "unimplemented",
  UNSUPPORTED_OVER_HTTP: "unimplemented",
  BACKUP_UNSUPPORTED: "unimplemented",
  DATA_LOSS: "data_loss",
  CREDENTIALS_REQUIRED: "unauthenticated",
  INVALID_CREDENTIALS: "unauthenticated",
  CREDENTIALS_EXPIRED: "unauthenticated",
  CREDENTIALS_REVOKED: "unauthenticated",
  CREDENTIALS_DISAGREE: "unauthenticated",
  ROLE_REQUIRED: "denied",
  OUT_OF_SCOPE: "denied",
  CROSS_ORIGIN: "denied",
  PRINCIPAL_NOT_FOUND: "not_found",
  TOKEN_NOT_FOUND: "not_found",
  PRINCIPAL_EXISTS: "already_exists",
  CERTIFICATE_IN_USE: "already_exists",
  AUTHENTICATION_OFF: "precondition",
  ISSUER_UNAVAILABLE: "unavailable",
  TOO_MANY_FAILED_SIGN_INS: "exhausted",
} as const satisfies Record<string, ErrorKind>;

/** The stable name of a refusal, as it stands in ErrorInfo.reason. */
export type ErrorReason = keyof typeof catalogue;

/** Every reason that there is. */
export const errorReasons = Object.keys(catalogue);

/** One field that is refused beside another. */
export interface Violation {
  readonly field: string;
  readonly reason: ErrorReason;
  readonly message: string;
}

/** What a refusal says beside its reason and its text. */
export interface SitqErrorDetails {
  /** The path of the field that is at fault, in the request's own names: `task.queue`, `requests[3].task.type`. */
  readonly field?: string;
  /** The other fields that are at fault; the text speaks of the first. */
  readonly others?: readonly Violation[];
  /** Facts for programs, shown in ErrorInfo.metadata. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** When trying again may help, in milliseconds from now. */
  readonly retryAfterMs?: number;
}

/** A refusal that the caller is meant to see: its text goes out as it is. Every other error is a bug or I/O, and stays inside. */
export class SitqError extends Error {
  override readonly name = "SitqError";
  readonly reason: ErrorReason;
  readonly kind: ErrorKind;
  readonly details: SitqErrorDetails;

  constructor(reason: ErrorReason, message: string, details: SitqErrorDetails = {}) {
    super(message);
    this.reason = reason;
    this.kind = catalogue[reason];
    this.details = details;
  }

  /** The same refusal with its field below `prefix`, for an item of a batch. */
  under(prefix: string): SitqError {
    const { field, others } = this.details;
    return new SitqError(this.reason, this.message, {
      ...this.details,
      field: field === undefined ? prefix : `${prefix}.${field}`,
      ...(others && { others: others.map((each) => ({ ...each, field: `${prefix}.${each.field}` })) }),
    });
  }

  /** The same refusal, which names the other fields that are at fault too. */
  with(others: readonly Violation[]): SitqError {
    return others.length === 0 ? this : new SitqError(this.reason, this.message, { ...this.details, others });
  }
}

/** The longest part of a value that a refusal quotes, in characters. */
const longestQuote = 64;

/** A value as a refusal quotes it: its beginning, in double quotes, what is not printable escaped. */
export function quoted(value: string): string {
  const text = value.length <= longestQuote ? value : `${value.slice(0, longestQuote - 1)}…`;
  return JSON.stringify(text).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The refusal of one field's value. @param value the text at fault, which the refusal quotes. Default: there is none to quote */
export function invalidField(field: string, message: string, value?: string): SitqError {
  const place = value === undefined ? field : `${field} ${quoted(value)}`;
  return new SitqError("INVALID_FIELD", `${place}: ${message}`, { field });
}
