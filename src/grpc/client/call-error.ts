import { Metadata, status as statusCode } from "@grpc/grpc-js";
import { type Status, StatusSchema } from "../../../gen/google/rpc/status_pb.js";
import { codecOf } from "../message-codec.ts";
import { type FieldViolation, readDetails, type StatusDetails, statusDetailsKey } from "../status-details.ts";
import { fittingCode, ownText, type Unreached, unreachedOf } from "./unreached.ts";

/** What a CallError is made of, beside its text. */
export interface CallErrorInit extends Pick<Partial<StatusDetails>, "metadata" | "others">, ErrorOptions {
  /** Default: none. */
  readonly reason?: string | null | undefined;
  /** Default: none. */
  readonly field?: string | null | undefined;
  /** Default: none. */
  readonly retryAfterMs?: number | null | undefined;
  /** The gRPC status code. */
  readonly code: number;
  /** Why there was no answer. Default: there was one. */
  readonly unreached?: Unreached | null;
  /** Whether the next call carries another token. Default false. */
  readonly renewsToken?: boolean;
}

/** A call, or one item of a batch, that did not succeed. Its message is the status's text. */
export class CallError extends Error {
  override readonly name = "CallError";
  /** The gRPC status code. */
  readonly code: number;
  /** The code's name: `INVALID_ARGUMENT`. */
  readonly codeName: string;
  /** The stable reason, as in ErrorInfo; `null`: none was sent, as when the server was not reached. */
  readonly reason: string | null;
  /** The path of the field at fault; `null`: none was named. */
  readonly field: string | null;
  /** The other fields that are at fault, which the message does not speak of. */
  readonly others: readonly FieldViolation[];
  /** Facts for programs, as in ErrorInfo. */
  readonly metadata: Readonly<Record<string, string>>;
  /** When trying again may help, in milliseconds; `null`: the server did not say. */
  readonly retryAfterMs: number | null;
  /** Why no sitq server answered; `null`: one did, or the call was ended by this side. */
  readonly unreached: Unreached | null;
  /** The server refused the token, and the next call carries another one: it was asked for again. */
  readonly renewsToken: boolean;

  constructor(message: string, init: CallErrorInit) {
    super(message, "cause" in init ? { cause: init.cause } : undefined);
    this.code = init.code;
    this.codeName = statusCode[init.code] ?? "UNKNOWN";
    this.reason = init.reason ?? null;
    this.field = init.field ?? null;
    this.others = init.others ?? [];
    this.metadata = init.metadata ?? {};
    this.retryAfterMs = init.retryAfterMs ?? null;
    this.unreached = init.unreached ?? null;
    this.renewsToken = init.renewsToken ?? false;
  }

  /** The same error, of a call that may be made again since it then carries another token: at once, since a delay was for the one before. */
  withRenewedToken(): CallError {
    return new CallError(this.message, { ...this, cause: this.cause, retryAfterMs: null, renewsToken: true });
  }
}

/** The error of a google.rpc.Status, as it stands in an item of a batch. */
export function callErrorFromStatus(status: Status): CallError {
  return new CallError(status.message, { code: status.code, ...readDetails(status) });
}

/**
 * The error of a failed call, from what grpc-js throws; it becomes the `cause`. A CallError stays itself. What gRPC says of
 * connections is put in plain words; what a server says stays as it is.
 *
 * @param address where the server was looked for
 */
export function callErrorFrom(error: unknown, address = "the server"): CallError {
  if (error instanceof CallError) return error;
  if (!(error instanceof Error)) return new CallError(String(error), { code: statusCode.UNKNOWN, cause: error });
  const sent = "code" in error && typeof error.code === "number" ? error.code : statusCode.UNKNOWN;
  const text = "details" in error && typeof error.details === "string" ? error.details : error.message;
  const metadata = "metadata" in error && error.metadata instanceof Metadata ? error.metadata : undefined;
  const details = detailsIn(metadata);
  if (details.reason !== undefined) return new CallError(text, { code: sent, ...details, cause: error });
  if (text.startsWith(tokenFailure)) {
    const init = { code: sent, reason: "TOKEN_UNAVAILABLE", cause: error };
    return new CallError(text.slice(tokenFailure.length), init);
  }
  const code = fittingCode(sent, text);
  const failure = unreachedOf(code, text);
  if (failure === null) return new CallError(ownText(text), { code, cause: error });
  const { isKnown, ...unreached } = failure;
  return new CallError(isKnown ? `cannot reach ${address}: ${unreached.why}` : text, { code, unreached, cause: error });
}

/** What grpc-js puts before the error of what makes a call's metadata: of the token's provider, there is no other. */
const tokenFailure = "Getting metadata from plugin failed with error: ";

function detailsIn(metadata: Metadata | undefined): Partial<StatusDetails> {
  const encoded = metadata?.get(statusDetailsKey)[0];
  if (!Buffer.isBuffer(encoded)) return {};
  try {
    return readDetails(codecOf(StatusSchema).decode(encoded));
  } catch {
    // Details are an extra: the code and the text stand without them.
    return {};
  }
}
