import type { AuditLog } from "../../access/audit-log.ts";
import type { Principal } from "../../domain/access/principal.ts";
import { refusedCaller } from "../../domain/access/refused-caller.ts";
import { scopeOf } from "../../domain/access/scope.ts";
import { outOfScope, roleRequired } from "../../domain/refusals/access.ts";
import type { CallContext } from "../../grpc/handlers.ts";
import type { HttpRoute } from "../../http/route.ts";
import { isForRights } from "./audit-calls.ts";
import type { Authority } from "./authorize.ts";
import { codeNameOf } from "./status.ts";

/** Records that a route refuses its caller, if it is for who that is. */
function recordRefusal(auditLog: AuditLog | null, error: unknown, path: string, peer: string, known: Principal | null) {
  if (!isForRights(error)) return;
  const facts = { method: path, resource: "", code: codeNameOf(error), reason: error.reason, peer };
  auditLog?.refused({ ...facts, principal: known ?? refusedCaller(error) });
}

/** Finds who calls a route. It rejects as a call would be refused, and records that. */
export async function routeCaller(
  { authenticator, auditLog }: Pick<Authority, "authenticator" | "auditLog">,
  path: string,
  context: CallContext,
): Promise<Principal> {
  try {
    return await authenticator.principalOf(context);
  } catch (error) {
    recordRefusal(auditLog, error, path, context.peer, null);
    throw error;
  }
}

/**
 * Makes what lets the callers of routes in that ask for a role: it rejects as a call would be refused, and records that. What they read is
 * counted and no audit entry, like any other reading.
 */
export function routeAdmission(authority: Pick<Authority, "authenticator" | "auditLog">) {
  const { auditLog } = authority;
  return async (
    { path, roles, needsWholeScope = false }: Pick<HttpRoute, "path" | "roles" | "needsWholeScope">,
    context: CallContext,
  ): Promise<void> => {
    const principal = await routeCaller(authority, path, context);
    try {
      const scope = roles === null ? null : scopeOf(principal.grants, roles);
      if (roles !== null && scope === null) throw roleRequired(path, [...roles, "admin"]);
      if (needsWholeScope && scope?.isWhole === false) throw outOfScope("queue", "*", path);
    } catch (error) {
      recordRefusal(auditLog, error, path, context.peer, principal);
      throw error;
    }
    auditLog?.allowed();
  };
}
