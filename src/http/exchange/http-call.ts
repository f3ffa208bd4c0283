import type { IncomingMessage } from "node:http";
import { Metadata } from "@grpc/grpc-js";
import type { CallConnection, CallContext, PeerCertificate } from "../../grpc/handlers.ts";
import { CallCancelled } from "../../grpc/server/open-call.ts";
import { peerCertificateOf } from "../../grpc/server/peer-certificate.ts";
import { type HttpRequest, type HttpResponse, isHttp2 } from "./message.ts";

/** What a call over HTTP shares with the others of its server. */
export interface HttpConnections {
  /** The connection that a request of HTTP/1.1 came over; `null`: it is gone. */
  connectionOf(request: IncomingMessage): CallConnection | null;
}

/** The context of a call over HTTP whose handler has not settled. */
export class HttpCall implements CallContext {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly #connections: HttpConnections;
  #controller: AbortController | null = null;
  #metadata: Metadata | null = null;
  #peer: string | null = null;
  #isFinished = false;
  #reason: unknown;
  #isCancelled = false;

  constructor(request: HttpRequest, response: HttpResponse, connections: HttpConnections) {
    this.request = request;
    this.response = response;
    this.#connections = connections;
    response.once("close", () => this.cancel(new CallCancelled()));
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#isCancelled) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  get peer(): string {
    if (this.#peer !== null) return this.#peer;
    const { socket } = this.request;
    // HTTP/2's stands for a session, which may be gone.
    const address = socket?.remoteAddress;
    if (address === undefined) return "unknown";
    this.#peer = `${address}:${socket.remotePort}`;
    return this.#peer;
  }

  get metadata(): Metadata {
    if (this.#metadata === null) {
      this.#metadata = Metadata.fromHttp2Headers(this.request.headers);
      for (const value of this.#otherCredentials()) this.#metadata.add("authorization", value);
    }
    return this.#metadata;
  }

  /** Takes the token of the request's cookie as one more `authorization`, if it is not the one that was sent: of two none counts. */
  takeSession(token: string): void {
    const authorization = `Bearer ${token}`;
    if (!this.metadata.get("authorization").includes(authorization)) this.metadata.add("authorization", authorization);
  }

  peerCertificate(): PeerCertificate | null {
    const { request } = this;
    if (!isHttp2(request)) return peerCertificateOf(request.socket);
    const { session } = request.stream;
    return session === undefined ? null : peerCertificateOf(session);
  }

  connection(): CallConnection | null {
    const { request } = this;
    return isHttp2(request) ? (request.stream.session ?? null) : this.#connections.connectionOf(request);
  }

  /** The handler has settled: what comes now is the ordinary end. */
  finish(): void {
    this.#isFinished = true;
  }

  /** Whether the call ended before its handler did. */
  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** The client has gone away, or its deadline has passed. */
  cancel(reason: unknown): void {
    if (this.#isFinished || this.#isCancelled) return;
    this.#isCancelled = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }

  /** Node drops all but the first `authorization`: which of several counts is not to be guessed. */
  #otherCredentials(): string[] {
    const { rawHeaders } = this.request;
    const values = rawHeaders.filter((_, index) => index % 2 === 1 && isAuthorization(rawHeaders[index - 1]));
    return values.slice(1);
  }
}

function isAuthorization(name: string | undefined): boolean {
  return name?.length === "authorization".length && name.toLowerCase() === "authorization";
}
