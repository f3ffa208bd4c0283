import { status as statusCode } from "@grpc/grpc-js";

/** Why a call got no answer of a sitq server. */
export interface Unreached {
  /** In a few words: `connection refused`. */
  readonly why: string;
  /** The request may have arrived all the same. False: there was no connection to send it over. */
  readonly maybeSent: boolean;
  /** What was wrong in the handshake, where that is known. */
  readonly handshake?: HandshakeProblem;
}

/**
 * Why a connection did not come about though there was one on the network. `closed`: the peer ended it without a word, as one that
 * wants TLS, or another client certificate, does.
 */
export type HandshakeProblem =
  | "untrusted"
  | "wrong_name"
  | "expired"
  | "not_tls"
  | "certificate_required"
  | "certificate_refused"
  | "closed";

/** The message for a peer that is not a gRPC server. */
export const notGrpc = "it answers, but not gRPC";

/** The message for a call that was refused before the server looked at it. */
export const noRoom = "the connection had no room for another call, or the call's headers are too large";

/** What grpc-js, Node and OpenSSL say, in plain words. The first that fits is taken. */
const explanations: readonly (readonly [RegExp, string, HandshakeProblem?])[] = [
  [/ECONNREFUSED/, "connection refused"],
  [/ENOTFOUND|EAI_AGAIN|Name resolution failed/, "the host name is not known"],
  [/Failed to parse|ERR_SOCKET_BAD_PORT|Unrecognized scheme/, "the address is not HOST:PORT"],
  [/EHOSTUNREACH|ENETUNREACH/, "there is no route to the host"],
  [/ETIMEDOUT|[Dd]eadline exceeded|Subchannel not ready/, "it does not answer"],
  [/ENOENT/, "there is no such socket"],
  [/EACCES/, "this user may not use that socket"],
  [/wrong version number|record header|packet length too long/, "it does not speak TLS", "not_tls"],
  [/alert certificate required/, "it wants a client certificate", "certificate_required"],
  [
    /alert (unknown ca|bad certificate|certificate|unsupported certificate|access denied)/,
    "it refused the client certificate",
    "certificate_refused",
  ],
  // What TLS 1.2 says of a client without a certificate.
  [/alert handshake failure/, "it refused the TLS handshake", "certificate_required"],
  [/protocol version|unsupported protocol/, "it speaks no version of TLS that is taken here"],
  [/altnames/i, "its certificate is for another name", "wrong_name"],
  [/certificate (has expired|is not yet valid)|CERT_(HAS_EXPIRED|NOT_YET_VALID)/, "its certificate $1", "expired"],
  [/certificate|CERT_|_SIGNATURE|self.signed/i, "its certificate is not trusted", "untrusted"],
  [/Received HTTP status code (\d+)/, `${notGrpc} (HTTP $1)`],
  [/^No connection established.*(Protocol error|HPE_|preface)/s, notGrpc],
  [/^No connection established.*(Failed to connect|ECONNRESET|EPIPE)/s, "it closed the connection at once", "closed"],
  [
    /Connection dropped|ECONNRESET|EPIPE|RST_STREAM|GOAWAY|HTTP\/2 stream|Write (error|failed)|ERR_HTTP2/,
    "the connection was cut",
  ],
  [/Protocol error/, notGrpc],
  [/^Bandwidth exhausted/, noRoom],
];

/** What fails before a request is on its way, or before the server has looked at it. */
const unsent =
  /^(No connection established|Name resolution failed|Failed to parse|Bandwidth exhausted)|Waiting for LB pick|waiting for (name resolution|metadata filters)/;

/**
 * The status code that fits. HTTP/2 of Node refuses a call with ENHANCE_YOUR_CALM where it means REFUSED_STREAM: a connection has all
 * the calls that it may have, and those count that its client has cancelled in the same moment. gRPC makes RESOURCE_EXHAUSTED of it. Headers
 * far beyond what the server takes are refused in the same way.
 * And a proxy that ends a call without its trailers, as HAProxy was seen to do under load, has lost the answer: gRPC makes INTERNAL of it.
 */
export function fittingCode(code: number, details: string): number {
  const isRefused = code === statusCode.RESOURCE_EXHAUSTED && details.startsWith("Bandwidth exhausted");
  const isCut = code === statusCode.INTERNAL && details.endsWith("(Call ended without gRPC status)");
  return isRefused || isCut ? statusCode.UNAVAILABLE : code;
}

/**
 * Why a call that failed without a word of a sitq server got no answer; `null`: it got one, or was ended by this side.
 * `isKnown`: it is a text of gRPC's, in plain words; false: a proxy's or another server's, as it is.
 *
 * @param details what grpc-js says
 */
export function unreachedOf(code: number, details: string): (Unreached & { readonly isKnown: boolean }) | null {
  const isHttp = details.startsWith("Received HTTP status code");
  if (code !== statusCode.UNAVAILABLE && code !== statusCode.DEADLINE_EXCEEDED && !isHttp) return null;
  const maybeSent = !unsent.test(details);
  for (const [pattern, text, handshake] of explanations) {
    const found = pattern.exec(details);
    if (found === null) continue;
    return { why: text.replace("$1", found[1] ?? ""), maybeSent, isKnown: true, ...(handshake && { handshake }) };
  }
  const why = lastErrorIn(details);
  return { why: why ?? (details || "it does not answer"), maybeSent, isKnown: why !== null };
}

/** @returns `null` if a proxy or another server says something of its own */
function lastErrorIn(details: string): string | null {
  const [, last] = /Last error: (?:Error: )?(.*?)(?: \(\d{4}-[^)]*\))?\.? Resolution note:/s.exec(details) ?? [];
  return last?.replace(/\s+/g, " ").trim() || null;
}

/** The text of a failure that is this side's own doing, or gRPC's; what is not known stays as it is. */
export function ownText(details: string): string {
  if (/^(Cancelled on client|Call cancelled)$/.test(details)) return "The call was cancelled.";
  if (/^Channel (closed|has been shut down)/.test(details)) return "The client is closed.";
  const [, size, most] = /(?:larger than max|size larger than) \(?(\d+)(?: vs (\d+))?/.exec(details) ?? [];
  if (most !== undefined) return `The message is too large: ${size} bytes, at most ${most} fit.`;
  if (size !== undefined) return `The message is too large: at most ${size} bytes fit.`;
  return details;
}
