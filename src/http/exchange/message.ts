/** Requests and responses over HTTP/1.1 and HTTP/2, by what both have. */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";

/** A request of either version. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** A response of either version. */
export type HttpResponse = ServerResponse | Http2ServerResponse;

/** The answer to a request that is not a call. */
export interface HttpAnswer {
  readonly status: number;
  /** `content-type` and what else belongs to it. The length and `x-content-type-options` are added. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** Whether a request came over HTTP/2. */
export function isHttp2(request: HttpRequest): request is Http2ServerRequest {
  return "stream" in request;
}

/** Whether a request has come by https, to this server or, as far as its page says, to a proxy before it. */
export function isSecure(request: HttpRequest): boolean {
  const socket = isHttp2(request) ? request.stream.session : request.socket;
  const isEncrypted = socket !== undefined && "encrypted" in socket && socket.encrypted === true;
  return isEncrypted || request.headers.origin?.startsWith("https:") === true;
}

/** The path of a request, without its query. */
export function pathOf({ url = "" }: HttpRequest): string {
  const end = url.indexOf("?");
  return end === -1 ? url : url.slice(0, end);
}

/** The status of an answer without a body, which has no length either. */
const noContent = 204;

/** Answers a request that is not a call. A part of it that has not arrived is not waited for. */
export function answer(request: HttpRequest, response: HttpResponse, { status, headers, body }: HttpAnswer): void {
  if (response.headersSent || response.writableEnded) return;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const length = status === noContent ? {} : { "content-length": String(bytes.byteLength) };
  const own = { ...length, "x-content-type-options": "nosniff", ...headers };
  for (const [name, value] of Object.entries(own)) response.setHeader(name, value);
  response.statusCode = status;
  if (!request.complete) closeAfter(response);
  if (request.method === "HEAD") response.end();
  else response.end(bytes);
}

/** Ends the connection of HTTP/1.1 with a response: what is left of its request would have to be read first otherwise. */
export function closeAfter(response: HttpResponse): void {
  // Node reads it when it writes the headers. Of HTTP/2 the stream ends with the response.
  if ("shouldKeepAlive" in response) response.shouldKeepAlive = false;
}
