import type { Message } from "@bufbuild/protobuf";
import type { Metadata } from "@grpc/grpc-js";
import type { OpenCall, OpenCalls } from "../../access/open-calls.ts";
import { type LinkedController, linkedController } from "../../async/signals.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { coversScope, type Scope } from "../../domain/access/scope.ts";
import { contentDenied, contentFieldDenied, scopeNarrowed } from "../../domain/refusals/access.ts";
import type { CallConnection, CallContext, PeerCertificate } from "../../grpc/handlers.ts";
import type { RefusedItems } from "./audit-calls.ts";
import type { CallNotes } from "./call-notes.ts";
import type { RequestCheck, TouchedNames } from "./request-scope.ts";

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
  /**
   * Says that the answer tells of content, since the request compares it, and ends a stream when it may do so no longer.
   *
   * @param of what the content belongs to; empty: anything
   * @param field which field of the request compares it
   * @throws SitqError ROLE_REQUIRED
   */
  mustReadContent(of: TouchedNames, field: string): void;
  /** Calls `listener`, of which a call has one, whenever the call goes on with other rights: `scope` is then another one. */
  onRightsChange(listener: () => void): void;
  /** Takes which items the call stores, for its audit entry; `null`: it is none. */
  readonly notes: CallNotes | null;
  /** Has items of the call audited that were refused for rights, while the call goes on. */
  itemsRefused(items: RefusedItems): void;
}

/** What a principal may do by the method that is called. */
export interface MethodRights {
  /** @throws SitqError ROLE_REQUIRED */
  scopeOf(principal: Principal): Scope;
  readonly check: RequestCheck;
  /** Its answer is one message. */
  readonly isUnary: boolean;
  /** Takes in the first message of a stream. */
  begun(call: CallContext, first: Message): void;
  /** Takes in items of a call that were refused. */
  itemsRefused(items: RefusedItems, principal: Principal, peer: string): void;
}

/** A call whose caller is known and may make it. */
export class AuthorizedCall implements RpcContext, OpenCall {
  readonly notes: CallNotes | null;
  readonly #call: CallContext;
  readonly #rights: MethodRights;
  /** What the answer of a call that names nothing is made of. */
  readonly #firstScope: Scope;
  #principal: Principal;
  #scope: Scope;
  /** What the call is about: its request, or the first message that was checked. */
  #subject: Message | null = null;
  /** The answer holds what users stored. */
  #showsContent = false;
  #rightsListener: (() => void) | null = null;
  #linked: LinkedController | null = null;
  /** It ends with the rights of its principal. */
  #isOpen = false;
  #endRun: ((error: unknown) => void) | null = null;
  /** Why it has ended before its handler; `null`: it has not. */
  #refusal: unknown = null;

  constructor(
    call: CallContext,
    principal: Principal,
    scope: Scope,
    rights: MethodRights,
    notes: CallNotes | null = null,
  ) {
    this.notes = notes;
    this.#call = call;
    this.#rights = rights;
    this.#principal = principal;
    this.#scope = scope;
    this.#firstScope = scope;
  }

  get principal(): Principal {
    return this.#principal;
  }

  get scope(): Scope {
    return this.#scope;
  }

  /**
   * Goes on as the same principal with other grants.
   *
   * @throws SitqError ROLE_REQUIRED, OUT_OF_SCOPE if they do not allow the call any more, or less than it shows
   */
  changeRights(principal: Principal): void {
    const scope = this.#rights.scopeOf(principal);
    this.#scope = scope;
    this.#principal = principal;
    this.#rightsListener?.();
    if (this.#subject === null || (scope.isWhole && scope.seesContent)) return;
    const judge = (touched: TouchedNames) => {
      if (touched.length === 0 && !coversScope(scope, this.#firstScope)) throw scopeNarrowed();
      // What leaves content out was chosen when the call began.
      if (this.#showsContent && !seesContent(scope, touched)) throw contentDenied();
    };
    const checked = this.#rights.check(this.#subject, scope);
    if (checked instanceof Promise) checked.then(judge).catch((error: unknown) => this.end(error));
    else judge(checked);
  }

  onRightsChange(listener: () => void): void {
    this.#rightsListener = listener;
  }

  /** Says whether the answer may hold content, and keeps to it. @param touched what the call is about */
  showsContent(touched: TouchedNames): boolean {
    this.#showsContent = seesContent(this.#scope, touched);
    return this.#showsContent;
  }

  mustReadContent(of: TouchedNames, field: string): void {
    if (!this.showsContent(of)) throw contentFieldDenied(field);
  }

  /** @throws the refusal, if the rights of the principal have ended */
  mustGoOn(): void {
    if (this.#refusal !== null) throw this.#refusal;
  }

  /**
   * Runs the handler until it settles, or until the rights of the principal end: the signal is then aborted with the refusal, and a
   * stream ends with it at once. A unary call is answered by its outcome, unless its handler listens to the signal and so has stopped
   * halfway: what changes something may have changed it, such as the revocation of the caller's own token.
   *
   * @param subject what is checked again when the rights change; `null`: the first message that the handler checks
   */
  async whileAllowed<T>(openCalls: OpenCalls, subject: Message | null, run: () => Promise<T>): Promise<T> {
    this.#subject = subject;
    this.#isOpen = true;
    const release = openCalls.add(this);
    try {
      return await (this.#rights.isUnary ? this.#untilDone(run) : this.#untilRefused(run));
    } finally {
      release();
      this.#linked?.release();
    }
  }

  async #untilDone<T>(run: () => Promise<T>): Promise<T> {
    const answer = await run();
    if (this.#linked !== null) this.mustGoOn();
    return answer;
  }

  #untilRefused<T>(run: () => Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    this.#endRun = reject;
    return Promise.race([run(), promise]);
  }

  end(error: unknown): void {
    this.#refusal ??= error;
    this.#endRun?.(error);
    this.#linked?.abort(error);
  }

  check(message: Message): void | Promise<void> {
    if (this.#subject === null) {
      this.#subject = message;
      this.#rights.begun(this.#call, message);
    }
    if (this.#scope.isWhole) return;
    const checked = this.#rights.check(message, this.#scope);
    if (checked instanceof Promise) return checked.then(() => undefined);
  }

  itemsRefused(items: RefusedItems): void {
    this.#rights.itemsRefused(items, this.#principal, this.#call.peer);
  }

  get signal(): AbortSignal {
    if (!this.#isOpen) return this.#call.signal;
    if (this.#linked === null) {
      this.#linked = linkedController(this.#call.signal);
      if (this.#refusal !== null) this.#linked.abort(this.#refusal);
    }
    return this.#linked.signal;
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

  connection(): CallConnection | null {
    return this.#call.connection();
  }
}

/** Whether content may be read. Where that of some names may not, a call that names none gets none. */
function seesContent(scope: Scope, touched: TouchedNames): boolean {
  if (scope.seesContent) return true;
  return touched.length > 0 && touched.every(({ kind, name }) => scope.seesContentOf(kind, name));
}
