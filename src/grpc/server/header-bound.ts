import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server as NetServer } from "node:net";
import { status as statusCode } from "@grpc/grpc-js";
import type { Status } from "../../../gen/google/rpc/status_pb.js";
import { makeStatus, toStatusObject } from "../status-details.ts";
import { resetAfterTrailers } from "./end-stream.ts";

/** How large the headers of one call may be, those of gRPC and HTTP/2 among them. */
export interface HeaderBounds {
  /** Names and values, and 32 bytes for each field, as HTTP/2 counts them (RFC 9113, 6.5.2). */
  readonly maxHeaderBytes: number;
  /** How many fields. */
  readonly maxHeaderFields: number;
}

/** What HTTP/2 adds to each field. */
const fieldBytes = 32;
/**
 * How far beyond the bounds Node takes headers, so that most calls that exceed them get a status with a reason: Node resets the
 * stream with ENHANCE_YOUR_CALM, of which clients of gRPC make RESOURCE_EXHAUSTED without details.
 */
const margin = 2;

/** The bounds as options of Node's HTTP/2: what it takes into memory at most. */
export function headerOptions({ maxHeaderBytes, maxHeaderFields }: HeaderBounds) {
  return {
    maxHeaderListPairs: margin * maxHeaderFields,
    settings: { maxHeaderListSize: margin * maxHeaderBytes },
  };
}

type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: string[]) => void;

/**
 * Refuses calls whose headers are beyond the bounds, before anything else sees them: with RESOURCE_EXHAUSTED and `HEADERS_TOO_LARGE`.
 * Not an interceptor: grpc-js leaves some of the headers out and joins those of one name.
 *
 * @param after runs an action some milliseconds later; answers a function that calls it off
 */
export function boundHeaders(
  listeners: readonly NetServer[],
  bounds: HeaderBounds,
  after: (delayMs: number, action: () => void) => () => void,
): void {
  const refusal = refusalOf(bounds);
  for (const listener of listeners) {
    const take = listener.listeners("stream");
    listener.removeAllListeners("stream");
    const bounded: StreamListener = (stream, headers, flags, raw) => {
      if (!areHeadersWithin(raw, bounds)) return refuse(stream, refusal, after);
      showAllCredentials(headers, raw);
      for (const each of take) each.call(listener, stream, headers, flags, raw);
    };
    listener.on("stream", bounded);
  }
}

/** Whether the headers of a call are within the bounds. @param raw names and values in turn */
export function areHeadersWithin(raw: readonly string[], { maxHeaderBytes, maxHeaderFields }: HeaderBounds): boolean {
  const fields = raw.length / 2;
  if (fields > maxHeaderFields) return false;
  let bytes = fields * fieldBytes;
  for (const text of raw) bytes += text.length;
  return bytes <= maxHeaderBytes;
}

/** Node drops all but the first `authorization`: which of several counts is not to be guessed. */
function showAllCredentials(headers: IncomingHttpHeaders, raw: readonly string[]): void {
  const first = raw.indexOf("authorization");
  if (first < 0 || raw.indexOf("authorization", first + 1) < 0) return;
  const all = raw.filter((_, index) => index % 2 === 1 && raw[index - 1] === "authorization");
  Object.assign(headers, { authorization: all });
}

function refuse(
  stream: ServerHttp2Stream,
  refusal: OutgoingHttpHeaders,
  after: (delayMs: number, action: () => void) => () => void,
): void {
  stream.on("error", () => undefined);
  if (stream.destroyed || stream.closed) return;
  resetAfterTrailers(stream, after);
  stream.respond(refusal, { endStream: true });
  stream.resume();
}

/** The status of a call whose headers are beyond the bounds. */
export function headersTooLarge({ maxHeaderBytes, maxHeaderFields }: HeaderBounds): Status {
  const text = `The headers of the call are larger than the ${maxHeaderBytes} bytes or more than the ${maxHeaderFields} fields that the server takes. Send less metadata.`;
  const metadata = { max_bytes: String(maxHeaderBytes), max_fields: String(maxHeaderFields) };
  return makeStatus(statusCode.RESOURCE_EXHAUSTED, text, { reason: "HEADERS_TOO_LARGE", metadata });
}

/** Headers that end a call at once, with its status. */
function refusalOf(bounds: HeaderBounds): OutgoingHttpHeaders {
  const status = toStatusObject(headersTooLarge(bounds));
  return {
    ":status": 200,
    "content-type": "application/grpc+proto",
    "grpc-status": String(status.code),
    "grpc-message": encodeURI(status.details),
    ...status.metadata.toHttp2Headers(),
  };
}
