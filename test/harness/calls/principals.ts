import { Metadata } from "@grpc/grpc-js";
import type { Grant, Role } from "../../../src/domain/access/grant.ts";
import type { Principal } from "../../../src/domain/access/principal.ts";
import { credentialsRequired } from "../../../src/domain/refusals/access.ts";
import type { CallOptions } from "../../../src/grpc/client/client.ts";
import type { Authenticator } from "../../../src/rpc/calls/authorize.ts";

/** A grant as a test writes it: what it does not name is not covered. */
export type GrantInit = Partial<Grant> & { readonly role: Role };

/** The header in which a test says who calls. */
export const principalHeader = "test-principal";

/** The options of a call that is made as a principal with these grants. */
export function as(name: string, ...grants: readonly GrantInit[]): CallOptions {
  const metadata = new Metadata();
  metadata.set(principalHeader, JSON.stringify({ name, grants }));
  return { metadata };
}

/** Believes what `as` says; a call without it has no credentials. */
export const trustingAuthenticator: Authenticator = {
  principalOf({ metadata }): Principal {
    const [said] = metadata.get(principalHeader);
    if (said === undefined) throw credentialsRequired();
    const { name, grants } = JSON.parse(String(said)) as { name: string; grants: readonly GrantInit[] };
    const whole = grants.map((grant) => ({ payloads: false, queue: [], event_type: [], service: [], ...grant }));
    return { name, grants: whole, credential: { kind: "token", id: name, expireMs: null } };
  },
};
