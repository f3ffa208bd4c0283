import type { Grant } from "./grant.ts";

/** A principal that the server keeps. */
export interface StoredPrincipal {
  readonly name: string;
  readonly grants: readonly Grant[];
  /** Certificates that prove it, by a URI or a DNS name among their subject alternative names. */
  readonly certificateUris: readonly string[];
  readonly certificateDnsNames: readonly string[];
  readonly createMs: number;
  readonly updateMs: number;
}

/** A token of a stored principal, without its secret. Times are by the wall clock. */
export interface Token {
  readonly id: string;
  readonly principal: string;
  /** The SHA-256 of the secret, in hexadecimal. */
  readonly hash: string;
  readonly createMs: number;
  /** `null`: never. */
  readonly expireMs: number | null;
  /** To the minute; `null`: not yet. */
  readonly lastUseMs: number | null;
  /** `null`: it is not revoked. */
  readonly revokeMs: number | null;
}
