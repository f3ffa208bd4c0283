/** One port for gRPC and HTTP: each connection goes to HTTP/2 or HTTP/1.1, each call over HTTP/2 to gRPC or to the door of HTTP. */

import { Http2ServerRequest, Http2ServerResponse, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { Server, Socket } from "node:net";
import { type TLSSocket, Server as TlsServer } from "node:tls";

/** Who takes connections of HTTP/1.1, and how long they may be silent. */
export interface SplitOptions {
  /** Holds the connections that have not said yet what they speak. */
  readonly undecided: Set<Socket>;
  /** Takes a connection that speaks HTTP/1.1, with what it has sent. */
  readonly onHttp1: (socket: Socket) => void;
  /** How long a connection may be silent at first, in milliseconds. */
  readonly silenceMs: number;
}

/** What a connection of HTTP/2 begins with (RFC 9113, 3.4). No method of HTTP/1.1 begins so. */
const preface = Buffer.from("PRI");

/**
 * Gives connections of HTTP/1.1 away before the listeners' own HTTP/2 sees them. With TLS the handshake has agreed on the protocol: clients
 * of gRPC ask for `h2` alone, curl and browsers for both and get `h2`. Without TLS the first bytes tell.
 */
export function splitConnections(listeners: readonly Server[], options: SplitOptions): void {
  for (const listener of listeners) {
    if (listener instanceof TlsServer) splitByAgreement(listener, options);
    else splitByFirstBytes(listener, options);
  }
}

function splitByAgreement(listener: TlsServer, { onHttp1 }: SplitOptions): void {
  const accept = listener.listeners("secureConnection");
  listener.removeAllListeners("secureConnection");
  listener.on("secureConnection", (socket: TLSSocket) => {
    if (socket.alpnProtocol === "h2") {
      for (const each of accept) each.call(listener, socket);
      return;
    }
    // Without a listener an error would end the process.
    socket.on("error", () => undefined);
    onHttp1(socket);
  });
}

function splitByFirstBytes(listener: Server, options: SplitOptions): void {
  const accept = listener.listeners("connection");
  listener.removeAllListeners("connection");
  listener.on("connection", (socket: Socket) => {
    readFirstBytes(socket, options, (isHttp2) => {
      if (isHttp2) for (const each of accept) each.call(listener, socket);
      else options.onHttp1(socket);
    });
  });
}

/** Reads as much as tells the protocol, and puts it back. */
function readFirstBytes(
  socket: Socket,
  { undecided, silenceMs }: SplitOptions,
  onKnown: (isHttp2: boolean) => void,
): void {
  let first: Buffer = Buffer.alloc(0);
  const destroy = () => socket.destroy();
  const forget = () => undecided.delete(socket);
  undecided.add(socket);
  socket.setTimeout(silenceMs, destroy);
  socket.on("readable", look);
  socket.on("end", destroy);
  socket.on("close", forget);
  // It ends with the connection, here and where nothing else listens later.
  socket.on("error", () => undefined);

  function look(): void {
    const chunk: Buffer | null = socket.read();
    if (chunk === null) return;
    first = first.length === 0 ? chunk : Buffer.concat([first, chunk]);
    const isHttp2 = first.subarray(0, preface.length).equals(preface.subarray(0, first.length));
    if (isHttp2 && first.length < preface.length) return;
    socket.setTimeout(0, destroy);
    socket.off("readable", look);
    socket.off("end", destroy);
    socket.off("close", forget);
    forget();
    socket.unshift(first);
    onKnown(isHttp2);
  }
}

type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number, raw: string[]) => void;

/**
 * Gives calls over HTTP/2 that are not gRPC's to the door of HTTP.
 *
 * @param onRequest answers a request; it never throws
 */
export function splitCalls(
  listeners: readonly Server[],
  onRequest: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): void {
  for (const listener of listeners) {
    const take = listener.listeners("stream");
    listener.removeAllListeners("stream");
    const split: StreamListener = (stream, headers, flags, raw) => {
      if (isGrpc(headers["content-type"])) {
        for (const each of take) each.call(listener, stream, headers, flags, raw);
        return;
      }
      stream.on("error", () => undefined);
      const request = new Http2ServerRequest(stream, headers, {}, raw);
      const response = new Http2ServerResponse(stream);
      if (headers.expect === "100-continue") response.writeContinue();
      onRequest(request, response);
    };
    listener.on("stream", split);
  }
}

/** Whether a content type is gRPC's own, which grpc-js serves: `application/grpc`, `application/grpc+proto`. */
function isGrpc(contentType: string | undefined): boolean {
  return contentType?.startsWith("application/grpc") === true && !contentType.startsWith("application/grpc-web");
}
