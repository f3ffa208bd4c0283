/** What is refused to a caller for who it is. */

import { quoted, SitqError } from "../errors.ts";

/** What ids and names are of, in words. */
export const scopeKindNames = {
  queue: "queue",
  event_type: "event type",
  service: "service",
  task: "task",
  workflow: "workflow",
  event: "event",
  subscription: "subscription",
  worker: "worker",
  reservation: "reservation",
} as const;

/** The call carries no credentials. */
export function credentialsRequired(): SitqError {
  return new SitqError(
    "CREDENTIALS_REQUIRED",
    "The call has no credentials. Send a token as `authorization: Bearer …`, or connect with a client certificate.",
  );
}

/**
 * The credentials prove no principal.
 *
 * @param what what is wrong, without anything secret
 * @param credential of what kind they are; the client's hints depend on it
 */
export function invalidCredentials(what: string, credential?: "token" | "certificate" | "jwt"): SitqError {
  const metadata = credential === undefined ? {} : { metadata: { credential } };
  return new SitqError("INVALID_CREDENTIALS", `The credentials are not valid: ${what}.`, metadata);
}

/** A token that there is not. Of a deleted one too: nothing of it is kept that would tell it from one that never was. */
export function unknownToken(): SitqError {
  return invalidCredentials("the token is unknown", "token");
}

/** A certificate of no principal. @param name what could prove one: `URI "spiffe://…"`; `null`: it has no such name */
export function unknownCertificate(name: string | null): SitqError {
  const what =
    name === null
      ? "the client certificate has neither a URI nor a single DNS name, so it proves no principal"
      : `no principal has the ${name} of the client certificate`;
  return invalidCredentials(what, "certificate");
}

/** A credential has ended. @param what `token 4f9a…`, or `JWT` @param atMs when it did, by the wall clock */
export function credentialsExpired(what: string, atMs: number): SitqError {
  return new SitqError("CREDENTIALS_EXPIRED", `The ${what} expired at ${timeText(atMs)}. Sign in with a new one.`);
}

/** A token was revoked. @param atMs when it was, by the wall clock */
export function credentialsRevoked(tokenId: string, atMs: number): SitqError {
  const text = `The token ${tokenId} was revoked at ${timeText(atMs)}. Ask an admin for a new one.`;
  return new SitqError("CREDENTIALS_REVOKED", text);
}

function timeText(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** A certificate and a token of two principals. */
export function credentialsDisagree(): SitqError {
  return new SitqError(
    "CREDENTIALS_DISAGREE",
    "The client certificate and the token belong to different principals. Send one of them, or two of the same principal.",
  );
}

/** The principal may read no content any more, and the stream was opened with it. */
export function contentDenied(): SitqError {
  return new SitqError(
    "ROLE_REQUIRED",
    "The principal may not read content any more. Open the stream again to go on without it.",
  );
}

/** The principal may do less than when the stream was opened, and the stream shows what it could then. */
export function scopeNarrowed(): SitqError {
  return new SitqError(
    "OUT_OF_SCOPE",
    "The scope of the principal is narrower than when the stream was opened. Open the stream again.",
  );
}

/** A field compares content, which the principal may not read: its answers would tell what the content is. */
export function contentFieldDenied(field: string): SitqError {
  const text = `${field}: compares content, which a viewer without payloads may not read`;
  return new SitqError("ROLE_REQUIRED", text, { field });
}

/** The principal may not call the method at all. @param needed the roles that may */
export function roleRequired(method: string, needed: readonly string[]): SitqError {
  const others = needed.filter((role) => role !== "admin").join(", ");
  const text = `The principal has no role that may call ${method}: ${others === "" ? "" : `${others} or `}admin.`;
  return new SitqError("ROLE_REQUIRED", text, { metadata: { method, roles: needed.join(",") } });
}

/** The principal may call the method, but not on this. @param name as the request has it: what an id stands for is not said */
export function outOfScope(kind: keyof typeof scopeKindNames, name: string, field: string): SitqError {
  const text = `${field} ${quoted(name)}: the ${scopeKindNames[kind]} is outside of what the principal may use`;
  return new SitqError("OUT_OF_SCOPE", text, { field });
}

/** The principal has as many connections as it may. */
export function tooManyConnections(maxConnections: number): SitqError {
  const text = `The principal has ${maxConnections} connections, its limit. Let the calls of a process share its connections.`;
  return new SitqError("TOO_MANY_CONNECTIONS", text, {
    metadata: { max_connections: String(maxConnections) },
    retryAfterMs: 1_000,
  });
}

/** The credentials are not valid, or not known yet, and many that were not have come from the address. */
export function tooManyFailedSignIns(retryAfterMs: number): SitqError {
  const text =
    "Too many calls with invalid credentials come from this address. Until the delay is over only tokens and certificates that are valid are taken.";
  return new SitqError("TOO_MANY_FAILED_SIGN_INS", text, { retryAfterMs });
}

/** There is no such principal. */
export function principalNotFound(name: string, field: string): SitqError {
  return new SitqError("PRINCIPAL_NOT_FOUND", `There is no principal ${quoted(name)}.`, { field });
}

/** There is a principal of this name, with other grants. */
export function principalExists(name: string, field: string): SitqError {
  return new SitqError("PRINCIPAL_EXISTS", `There is a principal ${quoted(name)} already, with other grants.`, {
    field,
  });
}

/** There is no such token. */
export function tokenNotFound(id: string): SitqError {
  return new SitqError("TOKEN_NOT_FOUND", `There is no token ${quoted(id)}.`, { field: "token_id" });
}

/** Another principal has the name of a certificate. */
export function certificateInUse(name: string): SitqError {
  return new SitqError("CERTIFICATE_IN_USE", `Another principal has the certificate name ${quoted(name)}.`, {
    field: "principal",
  });
}

/** Principals and tokens cannot be changed over the network while authentication is off. */
export function authenticationOff(): SitqError {
  return new SitqError(
    "AUTHENTICATION_OFF",
    "Authentication is off. Start the server with --auth on; the first token comes from `sitq token create --db FILE`, on PostgreSQL `--store URL`.",
  );
}

/** A JWT names a key that is not known, and the issuer's keys cannot be read now. */
export function issuerUnavailable(): SitqError {
  const text = "The keys of the issuer of the JWT cannot be read now. Try again later.";
  return new SitqError("ISSUER_UNAVAILABLE", text, { retryAfterMs: 5_000 });
}
