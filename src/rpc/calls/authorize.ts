import type { DescMethod, DescService, Message } from "@bufbuild/protobuf";
import { RegistryService } from "../../../gen/sitq/v1/registry_service_pb.js";
import { WorkerService } from "../../../gen/sitq/v1/worker_service_pb.js";
import type { AuditLog } from "../../access/audit-log.ts";
import type { OpenCalls, RightsChanges } from "../../access/open-calls.ts";
import { roleNames } from "../../contract/grant-text.ts";
import { type Grant, type Role, roles } from "../../domain/access/grant.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { type Scope, scopeOf } from "../../domain/access/scope.ts";
import { roleRequired } from "../../domain/refusals/access.ts";
import { readOnly } from "../../domain/refusals/server.ts";
import { methodPath } from "../../grpc/codec.ts";
import type { CallContext, ServiceHandlers } from "../../grpc/handlers.ts";
import { auditOf } from "./audit-calls.ts";
import { contentFilter } from "./content-filter.ts";
import { accessOf, requestCheck, type ScopeLookups, type TouchedNames } from "./request-scope.ts";
import { AuthorizedCall, type RpcContext } from "./rpc-context.ts";

/** Says who makes a call. */
export interface Authenticator {
  /**
   * The principal of a call; a promise only where it must be looked up elsewhere, or is refused.
   *
   * @throws SitqError UNAUTHENTICATED, by one of its reasons; TOO_MANY_FAILED_SIGN_INS, TOO_MANY_CONNECTIONS
   */
  principalOf(call: CallContext): Principal | Promise<Principal>;
  /** Where rights can change while a call is open. */
  readonly changes?: RightsChanges;
}

/** What decides which calls are allowed, and records it. */
export interface Authority {
  readonly authenticator: Authenticator;
  readonly lookups: ScopeLookups;
  /** `null`: nothing is audited. */
  readonly auditLog: AuditLog | null;
  /** Ends calls when the rights of their principals end; `null`: these never do. */
  readonly openCalls: OpenCalls | null;
  /** What is stored is only shown: what does more than read is refused. Default false. */
  readonly isReadOnly?: boolean;
}

/** The roles that may call a method. */
export function rolesOf(method: DescMethod): Role[] {
  const allowed = new Set(accessOf(method).roles.map((role) => roleNames.words[role]));
  return roles.filter((role) => allowed.has(role));
}

/** Finds the principal of a call by its headers. It rejects as the call would be refused, and records that. */
export type SignIn = (context: CallContext) => Promise<Principal>;

/** The sign-ins of a service's methods by their paths, for calls whose requests are not there yet. */
export function signInsOf(desc: DescService, { authenticator, auditLog }: Authority): ReadonlyMap<string, SignIn> {
  const signIns = desc.methods.map((method) => {
    const audit = auditOf(method, rolesOf(method), auditLog);
    const signIn: SignIn = async (context) => {
      try {
        return await authenticator.principalOf(context);
      } catch (error) {
        audit.notSignedIn(error, context);
        throw error;
      }
    };
    return [methodPath(method), signIn] as const;
  });
  return new Map(signIns);
}

type AnyHandler = (request: unknown, context: CallContext, ...out: unknown[]) => Promise<unknown>;
type AnyRpcHandler = (request: unknown, context: RpcContext, ...out: unknown[]) => Promise<unknown>;

/**
 * Lets only those call the methods of a service who may: each handler is called with the principal and its scope, or not at all.
 *
 * @throws Error if a method has no rules
 */
export function authorizeCalls<S extends DescService>(
  desc: S,
  handlers: ServiceHandlers<S, RpcContext>,
  authority: Authority,
): ServiceHandlers<S>;
export function authorizeCalls(
  desc: DescService,
  handlers: Readonly<Record<string, AnyRpcHandler>>,
  authority: Authority,
): Readonly<Record<string, AnyHandler>> {
  const guarded = desc.methods.map((method) => {
    const handler = handlers[method.localName];
    if (handler === undefined) throw new Error(`${methodPath(method)} has no handler`);
    const isServed = authority.isReadOnly !== true || onlyReads(method);
    return [method.localName, isServed ? authorized(method, handler, authority) : refuseAsReadOnly] as const;
  });
  return Object.fromEntries(guarded);
}

/** Methods that change nothing that lasts, and so are no changes by the contract, but are about what runs, which in a file is nothing. */
const ofWhatRuns: ReadonlySet<DescMethod> = new Set<DescMethod>([
  WorkerService.method.extendLease,
  RegistryService.method.heartbeat,
  RegistryService.method.pickInstance,
  RegistryService.method.releaseInstance,
  RegistryService.method.checkHealth,
]);

/** Whether a method is served where what is stored is only shown. */
function onlyReads(method: DescMethod): boolean {
  return !accessOf(method).changes && !ofWhatRuns.has(method);
}

function refuseAsReadOnly(): Promise<never> {
  return Promise.reject(readOnly());
}

/** Not async: without a look-up no call waits a turn. */
function authorized(method: DescMethod, handler: AnyRpcHandler, authority: Authority): AnyHandler {
  const { authenticator, lookups, auditLog, openCalls } = authority;
  const allowed = rolesOf(method);
  const audit = auditOf(method, allowed, auditLog);
  const check = requestCheck(method, lookups);
  const hideContent = contentFilter(method);
  const isBidi = method.methodKind === "bidi_streaming";
  /** By the grants, which never change: a principal that gets others has another list. */
  const scopes = new WeakMap<readonly Grant[], Scope>();
  const rights = {
    check,
    isUnary: method.methodKind === "unary",
    begun: audit.begun,
    itemsRefused: audit.itemsRefused,
    scopeOf({ grants }: Principal): Scope {
      const known = scopes.get(grants);
      if (known !== undefined) return known;
      const scope = scopeOf(grants, allowed);
      if (scope === null) throw roleRequired(methodPath(method), allowed);
      scopes.set(grants, scope);
      return scope;
    },
  };

  const run = audit.wrap((principal, request, context, out, notes) => {
    const scope = rights.scopeOf(principal);
    const call = new AuthorizedCall(context, principal, scope, rights, notes);
    if (openCalls === null) return handle(request, call, out);
    return call.whileAllowed(openCalls, isBidi ? null : (request as Message), () => handle(request, call, out));
  });

  function handle(request: unknown, call: AuthorizedCall, out: readonly unknown[]): Promise<unknown> {
    const { scope } = call;
    if (scope.isWhole && scope.seesContent) {
      call.showsContent([]);
      return handler(request, call, ...out);
    }
    const answer = (touched: TouchedNames) => {
      call.mustGoOn();
      return hideContent === null || call.showsContent(touched)
        ? handler(request, call, ...out)
        : hideContent((...shown) => handler(request, call, ...shown), ...out);
    };
    // The handler of a stream checks its messages.
    const touched = isBidi ? [] : check(request as Message, scope);
    return touched instanceof Promise ? touched.then(answer) : answer(touched);
  }

  return (request, context, ...out) => {
    const refuse = (error: unknown) => {
      audit.notSignedIn(error, context);
      return Promise.reject(error);
    };
    try {
      const principal = authenticator.principalOf(context);
      if (!(principal instanceof Promise)) return run(principal, request, context, out);
      return principal.then((known) => run(known, request, context, out), refuse);
    } catch (error) {
      return refuse(error);
    }
  };
}
