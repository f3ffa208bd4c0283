import { type Grant, wholeGrant } from "./grant.ts";

/** What proved a principal: for the log and the audit, never the secret itself. */
export interface Credential {
  readonly kind: "none" | "token" | "certificate" | "jwt";
  /** A token's id, a certificate's name; empty: there is none. */
  readonly id: string;
  /** When it ends, by the wall clock; `null`: never. */
  readonly expireMs: number | null;
  /** The name of the certificate that was shown beside it, and that must go on to name the same principal. Absent: none was. */
  readonly certificate?: string;
}

/** Who makes a call. */
export interface Principal {
  /** Its name; empty while authentication is off. */
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly credential: Credential;
}

/** Who makes every call while authentication is off: it may do everything. */
export const openPrincipal: Principal = {
  name: "",
  grants: [wholeGrant],
  credential: { kind: "none", id: "", expireMs: null },
};
