import { type JwtVerifier, signIn } from "../../access/authenticator.ts";
import type { Directory } from "../../access/directory.ts";
import { openPrincipal } from "../../domain/access/principal.ts";
import type { Authenticator } from "../calls/authorize.ts";

/**
 * Finds out who makes a call, by its metadata and the certificate of its connection.
 *
 * @param directory `null`: authentication is off, and every call is the open principal's
 * @param jwt `null`: only tokens of the directory are taken
 */
export function callAuthenticator(directory: Directory | null, jwt: JwtVerifier | null = null): Authenticator {
  if (directory === null) return { principalOf: () => openPrincipal };
  return {
    changes: directory,
    principalOf(call) {
      const authorization = call.metadata.get("authorization").map(String);
      return signIn({ authorization, certificate: call.peerCertificate() }, directory, jwt);
    },
  };
}
