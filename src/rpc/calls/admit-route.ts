import type { Principal } from "../../domain/access/principal.ts";
import { refusedCaller } from "../../domain/access/refused-caller.ts";
import { scopeOf } from "../../domain/access/scope.ts";
import { roleRequired } from "../../domain/refusals/access.ts";
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
  return async ({ path, roles }: Pick<HttpRoute, "path" | "roles">, context: CallContext): Promise<void> => {
    let principal: Principal | null = null;
    try {
      principal = await authenticator.principalOf(context);
      if (roles !== null && scopeOf(principal.grants, roles) === null) throw roleRequired(path, [...roles, "admin"]);
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
