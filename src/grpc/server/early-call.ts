import type { ServerHttp2Stream } from "node:http2";
import type { Metadata } from "@grpc/grpc-js";
import type { InterceptedCall } from "../grpc-internals.ts";
import type { CallConnection, CallContext, PeerCertificate } from "../handlers.ts";
import { CallCancelled } from "./open-call.ts";
import { peerCertificateOf } from "./peer-certificate.ts";

/** The context of a call whose request is not there yet: what its headers and its connection say. */
export class EarlyCall implements CallContext {
  readonly metadata: Metadata;
  readonly #call: InterceptedCall;
  readonly #stream: ServerHttp2Stream;
  readonly #controller = new AbortController();

  constructor(call: InterceptedCall, stream: ServerHttp2Stream, metadata: Metadata) {
    this.metadata = metadata;
    this.#call = call;
    this.#stream = stream;
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  get peer(): string {
    return this.#call.getPeer();
  }

  peerCertificate(): PeerCertificate | null {
    const { session } = this.#stream;
    return session === undefined ? null : peerCertificateOf(session);
  }

  connection(): CallConnection | null {
    return this.#stream.session ?? null;
  }

  /** The call is over. */
  end(): void {
    this.#controller.abort(new CallCancelled());
  }
}
