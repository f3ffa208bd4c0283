import { type DescMethod, type DescService, getOption, hasOption } from "@bufbuild/protobuf";
import { type Access, access, Role as ProtoRole } from "../../../gen/sitq/v1/access_pb.js";
import { type Role, roles } from "../../domain/access/grant.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { scopeOf } from "../../domain/access/scope.ts";
import { roleRequired } from "../../domain/refusals/access.ts";
import { methodPath } from "../../grpc/codec.ts";
import type { CallContext, ServiceHandlers } from "../../grpc/handlers.ts";
import { AuthorizedCall, type RpcContext } from "./rpc-context.ts";

/** Says who makes a call. */
export interface Authenticator {
  /**
   * The principal of a call; a promise only where it must be looked up elsewhere.
   *
   * @throws SitqError UNAUTHENTICATED, by one of its reasons
   */
  principalOf(call: CallContext): Principal | Promise<Principal>;
}

/** The rules of a method, as the contract states them. @throws Error if it states none: such a method cannot be served */
export function accessOf(method: DescMethod): Access {
  if (!hasOption(method, access)) throw new Error(`${methodPath(method)} has no option (sitq.v1.access)`);
  return getOption(method, access);
}

const roleNames: Readonly<Record<ProtoRole, Role | null>> = {
  [ProtoRole.UNSPECIFIED]: null,
  [ProtoRole.PRODUCER]: "producer",
  [ProtoRole.WORKER]: "worker",
  [ProtoRole.VIEWER]: "viewer",
  [ProtoRole.OPERATOR]: "operator",
  [ProtoRole.ADMIN]: "admin",
};

/** The roles that may call a method. */
export function rolesOf(method: DescMethod): Role[] {
  const allowed = new Set(accessOf(method).roles.map((role) => roleNames[role]));
  return roles.filter((role) => allowed.has(role));
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
  authenticator: Authenticator,
): ServiceHandlers<S>;
export function authorizeCalls(
  desc: DescService,
  handlers: Readonly<Record<string, AnyRpcHandler>>,
  authenticator: Authenticator,
): Readonly<Record<string, AnyHandler>> {
  const guarded = desc.methods.map((method) => {
    const handler = handlers[method.localName];
    if (handler === undefined) throw new Error(`${methodPath(method)} has no handler`);
    return [method.localName, authorized(method, handler, authenticator)] as const;
  });
  return Object.fromEntries(guarded);
}

/** Not async: without a look-up no call waits a turn. */
function authorized(method: DescMethod, handler: AnyRpcHandler, authenticator: Authenticator): AnyHandler {
  const allowed = rolesOf(method);
  return (request, context, ...out) => {
    const handle = (principal: Principal) => {
      const scope = scopeOf(principal.grants, allowed);
      if (scope === null) throw roleRequired(methodPath(method), allowed);
      return handler(request, new AuthorizedCall(context, principal, scope), ...out);
    };
    try {
      const principal = authenticator.principalOf(context);
      return principal instanceof Promise ? principal.then(handle) : handle(principal);
    } catch (error) {
      return Promise.reject(error);
    }
  };
}
