import type { Http2Session } from "node:http2";
import type { Metadata } from "@grpc/grpc-js";
import { streamBelow } from "../grpc-internals.ts";
import type { CallConnection, CallContext, PeerCertificate } from "../handlers.ts";
import { peerCertificateOf } from "./peer-certificate.ts";

/** Why a handler's signal is aborted. */
export class CallCancelled extends Error {
  override readonly name = "CallCancelled";

  constructor() {
    super("The call was cancelled, its deadline passed, or the client went away.");
  }
}

/** What of a grpc-js call is needed here; every kind of call has it. */
interface ServerCall {
  readonly metadata: Metadata;
  getPeer(): string;
  once(event: "cancelled", listener: () => void): unknown;
  off(event: "cancelled", listener: () => void): unknown;
}

/**
 * The context of a call whose handler has not settled.
 *
 * grpc-js emits `cancelled` for every call that ends, the finished ones too; only a `cancelled` before `finish()` counts.
 */
export class OpenCall implements CallContext {
  readonly #call: ServerCall;
  readonly #onCancelled: (() => void) | undefined;
  #controller: AbortController | null = null;
  #peer: string | null = null;
  #session: Http2Session | null = null;
  #cancelled = false;

  /** @param onCancelled called when the call ends before the handler has settled */
  constructor(call: ServerCall, onCancelled?: () => void) {
    this.#call = call;
    this.#onCancelled = onCancelled;
    call.once("cancelled", this.#cancel);
  }

  // Made when asked for: most handlers of short calls never do.
  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#cancelled) this.#controller.abort(new CallCancelled());
    }
    return this.#controller.signal;
  }

  get peer(): string {
    this.#peer ??= this.#call.getPeer();
    return this.#peer;
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  peerCertificate(): PeerCertificate | null {
    const session = this.#readSession();
    return session === null ? null : peerCertificateOf(session);
  }

  connection(): CallConnection | null {
    return this.#readSession();
  }

  /** Whether the call ended before its handler did. */
  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** The handler has settled: what comes now is the ordinary end. */
  finish(): void {
    this.#call.off("cancelled", this.#cancel);
  }

  /** Whether an error says only that the call was cancelled. */
  explains(error: unknown): boolean {
    if (!this.#cancelled || !(error instanceof Error)) return false;
    // Node's own functions reject with an AbortError when a signal that they were handed is aborted.
    return error instanceof CallCancelled || error.cause instanceof CallCancelled || error.name === "AbortError";
  }

  #readSession(): Http2Session | null {
    this.#session ??= streamBelow(this.#call)?.session ?? null;
    return this.#session;
  }

  readonly #cancel = (): void => {
    this.#cancelled = true;
    this.#controller?.abort(new CallCancelled());
    this.#onCancelled?.();
  };
}
