import { type JwtVerifier, signIn } from "../../access/authenticator.ts";
import type { Directory } from "../../access/directory.ts";
import { createJwtVerifier } from "../../access/jwt.ts";
import { openPrincipal } from "../../domain/access/principal.ts";
import type { Clock } from "../../domain/clock.ts";
import type { Authenticator } from "../calls/authorize.ts";

/**
 * Finds out who makes a call, by its metadata and the certificate of its connection.
 *
 * @param directory `null`: authentication is off, and every call is the open principal's
 * @param jwt `null`: only tokens of the directory are taken
 */
export function callAuthenticator(directory: Directory | null, jwt: JwtVerifier | null): Authenticator {
  if (directory === null) return { principalOf: () => openPrincipal };
  return {
    changes: directory,
    principalOf(call) {
      const authorization = call.metadata.get("authorization").map(String);
      return signIn({ authorization, certificate: call.peerCertificate() }, directory, jwt);
    },
  };
}

/** The verifier of JWTs that the settings ask for; `null`: they ask for none. */
export function jwtVerifierOf(settings: JwtSettings, clock: Clock): JwtVerifier | null {
  const { jwtIssuer: issuer, jwtAudience: audience, jwtJwks: jwks, jwtAlgorithms, jwtGrantsClaim } = settings;
  if (issuer === null || audience === null || jwks === null) return null;
  return createJwtVerifier({ issuer, audience, jwks, algorithms: jwtAlgorithms, grantsClaim: jwtGrantsClaim }, clock);
}

/** Whose JWTs are taken; `null`: none. */
export interface JwtSettings {
  readonly jwtIssuer: string | null;
  readonly jwtAudience: string | null;
  readonly jwtJwks: string | null;
  readonly jwtAlgorithms: readonly string[];
  readonly jwtGrantsClaim: string;
}
