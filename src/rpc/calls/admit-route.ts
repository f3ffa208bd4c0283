import type { Principal } from "../../domain/access/principal.ts";
import { refusedCaller } from "../../domain/access/refused-caller.ts";
import { scopeOf } from "../../domain/access/scope.ts";
import { outOfScope, roleRequired } from "../../domain/refusals/access.ts";
import type { CallContext } from "../../grpc/handlers.ts";
import type { HttpRoute } from "../../http/route.ts";
import { isForRights } from "./audit-calls.ts";
import type { Authority } from "./authorize.ts";
import { codeNameOf } from "./status.ts";

/**
 * Makes what lets the callers of routes in that ask for a role: it rejects as a call would be refused, and records that. What they read is
 * counted and no audit entry, like any other reading.
 */
export function routeAdmission({ authenticator, auditLog }: Authority) {
  return async (
    { path, roles, needsWholeScope = false }: Pick<HttpRoute, "path" | "roles" | "needsWholeScope">,
    context: CallContext,
  ): Promise<void> => {
    let principal: Principal | null = null;
    try {
      principal = await authenticator.principalOf(context);
      const scope = roles === null ? null : scopeOf(principal.grants, roles);
      if (roles !== null && scope === null) throw roleRequired(path, [...roles, "admin"]);
      if (needsWholeScope && scope?.isWhole === false) throw outOfScope("queue", "*", path);
      auditLog?.allowed();
    } catch (error) {
      if (isForRights(error)) {
        const facts = { method: path, resource: "", code: codeNameOf(error), reason: error.reason, peer: context.peer };
        auditLog?.refused({ ...facts, principal: principal ?? refusedCaller(error) });
      }
      throw error;
    }
  };
}
