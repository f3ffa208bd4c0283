import { create } from "@bufbuild/protobuf";
import { anyPack, anyUnpack, durationFromMs, durationMs } from "@bufbuild/protobuf/wkt";
import { Metadata, type StatusObject, status as statusCode } from "@grpc/grpc-js";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../../gen/google/rpc/error_details_pb.js";
import { type Status, StatusSchema } from "../../gen/google/rpc/status_pb.js";
import { boundedDetails, cutEncoded } from "./bounded-trailers.ts";
import { codecOf } from "./message-codec.ts";

/** The domain of every ErrorInfo that sitq sends. */
const errorDomain = "sitq";

/** The trailer that carries an encoded google.rpc.Status. */
export const statusDetailsKey = "grpc-status-details-bin";

/** A field at fault, and what is wrong with it. */
export interface FieldViolation {
  readonly field: string;
  readonly reason: string;
  readonly message: string;
}

/** What a status says beside its code and its text. */
export interface StatusDetails {
  /** ErrorInfo.reason: UPPER_SNAKE and stable. */
  readonly reason: string;
  /** The path of the field at fault; it makes a BadRequest. */
  readonly field?: string | undefined;
  /** The other fields at fault, in the same BadRequest. */
  readonly others?: readonly FieldViolation[] | undefined;
  /** ErrorInfo.metadata. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** When trying again may help, in milliseconds from now; it makes a RetryInfo. */
  readonly retryAfterMs?: number | undefined;
}

/** Makes a google.rpc.Status with its details: ErrorInfo always, BadRequest and RetryInfo where they say something. */
export function makeStatus(code: number, message: string, details: StatusDetails): Status {
  const { reason, field, others = [], metadata = {}, retryAfterMs } = details;
  const status = create(StatusSchema, { code, message });
  const info = create(ErrorInfoSchema, { reason, domain: errorDomain, metadata });
  status.details.push(anyPack(ErrorInfoSchema, info));
  if (field !== undefined) {
    const fieldViolations = [{ field, message, reason }, ...others].map(({ message: description, ...each }) => ({
      ...each,
      description,
    }));
    status.details.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations })));
  }
  if (retryAfterMs !== undefined) {
    const retry = create(RetryInfoSchema, { retryDelay: durationFromMs(Math.ceil(retryAfterMs)) });
    status.details.push(anyPack(RetryInfoSchema, retry));
  }
  return status;
}

/** The trailer that gRPC's own retry policies obey; of RetryInfo they know nothing. */
const pushbackKey = "grpc-retry-pushback-ms";

/**
 * The same for grpc-js, the details in the trailer.
 *
 * The block of trailers stays below 8 KiB as HTTP/2 counts it, whatever the texts are: from there on gRPC's C core drops
 * calls at random, and netty and tonic drop them all, so that the reason is lost. The text counts as it is sent: a letter that
 * is not ASCII takes six or nine bytes.
 */
export function toStatusObject(status: Status): StatusObject {
  const metadata = new Metadata();
  metadata.set(statusDetailsKey, boundedDetails(status));
  const { reason, retryAfterMs } = readDetails(status);
  if (reason !== undefined) reasons.set(metadata, reason);
  if (retryAfterMs !== undefined) metadata.set(pushbackKey, String(Math.ceil(retryAfterMs)));
  // grpc-js sends the text through encodeURI, which throws on half a surrogate pair: that would end the process.
  return { code: status.code, details: cutEncoded(status.message.toWellFormed()), metadata };
}

/** The reasons of statuses that were made here, by their trailers. */
const reasons = new WeakMap<Metadata, string>();

/** The reason of a status for grpc-js; of one that was not made here, the name of its code. */
export function reasonOf({
  code,
  metadata,
}: {
  readonly code: number;
  readonly metadata?: Metadata | null | undefined;
}): string {
  return (metadata && reasons.get(metadata)) ?? statusCode[code] ?? String(code);
}

/** The status that was made so for grpc-js. */
export function fromStatusObject({ code, details, metadata }: StatusObject): Status {
  const [bytes] = metadata.get(statusDetailsKey);
  return Buffer.isBuffer(bytes)
    ? codecOf(StatusSchema).decode(bytes)
    : create(StatusSchema, { code, message: details });
}

/** Reads the details back. What is unknown or does not parse is passed over. */
export function readDetails(status: Status): Partial<StatusDetails> {
  const found: { -readonly [K in keyof StatusDetails]?: StatusDetails[K] } = {};
  for (const any of status.details) {
    try {
      const info = anyUnpack(any, ErrorInfoSchema);
      if (info) Object.assign(found, { reason: info.reason, metadata: info.metadata });
      const [first, ...others] = anyUnpack(any, BadRequestSchema)?.fieldViolations ?? [];
      if (first) found.field = first.field;
      if (others.length > 0) {
        found.others = others.map(({ field, reason, description: message }) => ({ field, reason, message }));
      }
      const delay = anyUnpack(any, RetryInfoSchema)?.retryDelay;
      if (delay) found.retryAfterMs = durationMs(delay);
    } catch {
      // Details are an extra: the code and the text stand without them.
    }
  }
  return found;
}
