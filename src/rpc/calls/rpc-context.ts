import type { Metadata } from "@grpc/grpc-js";
import type { Principal } from "../../domain/access/principal.ts";
import type { Scope } from "../../domain/access/scope.ts";
import type { CallContext, PeerCertificate } from "../../grpc/handlers.ts";

/** What a handler of the contract knows of its call. */
export interface RpcContext extends CallContext {
  /** Who calls. */
  readonly principal: Principal;
  /** What the call may touch. */
  readonly scope: Scope;
}

/** A call whose caller is known and may make it. */
export class AuthorizedCall implements RpcContext {
  readonly #call: CallContext;
  readonly principal: Principal;
  readonly scope: Scope;

  constructor(call: CallContext, principal: Principal, scope: Scope) {
    this.#call = call;
    this.principal = principal;
    this.scope = scope;
  }

  get signal(): AbortSignal {
    return this.#call.signal;
  }

  get peer(): string {
    return this.#call.peer;
  }

  get metadata(): Metadata {
    return this.#call.metadata;
  }

  peerCertificate(): PeerCertificate | null {
    return this.#call.peerCertificate();
  }
}
