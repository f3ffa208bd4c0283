import type { Message } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import type { Principal } from "../../domain/access/principal.ts";
import type { Scope } from "../../domain/access/scope.ts";
import type { CallContext, PeerCertificate } from "../../grpc/handlers.ts";

/** What a handler of the contract knows of its call. */
export interface RpcContext extends CallContext {
  /** Who calls. */
  readonly principal: Principal;
  /** What the call may touch. Read it where it is used: the rights of a stream can change while it is open. */
  readonly scope: Scope;
  /**
   * Checks a message of a stream by the contract's scopes, as the request of every other call is before its handler.
   *
   * @throws SitqError OUT_OF_SCOPE
   */
  check(message: Message): void | Promise<void>;
}

/** What a principal may do by the method that is called. */
export interface MethodRights {
  /** @throws SitqError ROLE_REQUIRED */
  scopeOf(principal: Principal): Scope;
  /** @throws SitqError OUT_OF_SCOPE */
  check(message: Message, scope: Scope): unknown;
}

/** A call whose caller is known and may make it. */
export class AuthorizedCall implements RpcContext {
  readonly #call: CallContext;
  readonly #rights: MethodRights;
  #principal: Principal;
  #scope: Scope;

  constructor(call: CallContext, principal: Principal, scope: Scope, rights: MethodRights) {
    this.#call = call;
    this.#rights = rights;
    this.#principal = principal;
    this.#scope = scope;
  }

  get principal(): Principal {
    return this.#principal;
  }

  get scope(): Scope {
    return this.#scope;
  }

  /** Goes on as the same principal with other grants. @throws SitqError ROLE_REQUIRED if none of them allows the call any more */
  changeRights(principal: Principal): void {
    this.#scope = this.#rights.scopeOf(principal);
    this.#principal = principal;
  }

  check(message: Message): void | Promise<void> {
    if (this.#scope.isWhole) return;
    const checked = this.#rights.check(message, this.#scope);
    if (checked instanceof Promise) return checked.then(() => undefined);
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
