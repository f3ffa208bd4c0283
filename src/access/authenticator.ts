import type { Principal } from "../domain/access/principal.ts";
import { credentialsDisagree, credentialsRequired, invalidCredentials } from "../domain/refusals/access.ts";
import type { CertificateNames } from "./certificate-names.ts";
import type { Directory } from "./directory.ts";
import type { RightsChanges } from "./open-calls.ts";
import { isToken } from "./token-text.ts";

/** What a caller shows of itself. */
export interface ShownCredentials {
  /** The values of `authorization` in the metadata. */
  readonly authorization: readonly string[];
  /** The names of its certificate, whose chain is verified; `null`: it has shown none. */
  readonly certificate: (CertificateNames & { readonly notAfterMs: number }) | null;
}

/** Finds the principal of a token that another system has signed. */
export interface JwtVerifier {
  /**
   * @param beforeSignature called before a signature is verified, which takes time; what it throws refuses that
   * @throws SitqError CREDENTIALS_EXPIRED; rejects with it or INVALID_CREDENTIALS where a signature is verified
   */
  verify(text: string, beforeSignature?: () => void): Principal | Promise<Principal>;
}

/** `Bearer` in any case, as RFC 9110 has it of schemes. */
const bearer = /^bearer +([\x21-\x7e]+)$/i;

/** The token in a value of `authorization`; `null`: there is none in it. */
export function bearerToken(authorization: string): string | null {
  return bearer.exec(authorization)?.[1] ?? null;
}

/**
 * The principal that a caller proves to be: by a token or a JWT, by a client certificate, or by both, which must then name the same
 * principal.
 *
 * @param beforeSignature see JwtVerifier
 * @throws SitqError CREDENTIALS_REQUIRED, INVALID_CREDENTIALS, CREDENTIALS_EXPIRED, CREDENTIALS_REVOKED, CREDENTIALS_DISAGREE
 */
export function signIn(
  { authorization, certificate }: ShownCredentials,
  directory: Directory,
  jwt: JwtVerifier | null,
  beforeSignature?: () => void,
): Principal | Promise<Principal> {
  const [value, ...others] = authorization;
  if (others.length > 0) throw invalidCredentials("there is more than one authorization");
  // Before the token: if it threw while a JWT is being verified, a rejection of that would have no handler, and end the process.
  const byCertificate =
    certificate && directory.signInByCertificate({ ...certificate, expireMs: certificate.notAfterMs });
  const byToken = value === undefined ? null : signInByBearer(value, directory, jwt, beforeSignature);
  if (byCertificate === null) {
    if (byToken === null) throw credentialsRequired();
    return byToken;
  }
  if (byToken === null) return byCertificate;
  const agree = (principal: Principal) => {
    if (principal.name !== byCertificate.name) throw credentialsDisagree();
    const expireMs = earlier(principal, byCertificate);
    return {
      ...principal,
      credential: { ...principal.credential, expireMs, certificate: byCertificate.credential.id },
    };
  };
  return byToken instanceof Promise ? byToken.then(agree) : agree(byToken);
}

/**
 * A principal as it is now, by all that it has shown. It is refused as a new call with the same credentials is.
 *
 * @throws SitqError INVALID_CREDENTIALS, CREDENTIALS_EXPIRED, CREDENTIALS_REVOKED, CREDENTIALS_DISAGREE
 */
export function refreshed(
  principal: Principal,
  directory: Directory,
  jwt: Pick<RightsChanges, "refreshed"> | null,
): Principal {
  const { kind, certificate } = principal.credential;
  if (certificate !== undefined && directory.ownerOf(certificate) !== principal.name) throw credentialsDisagree();
  return kind === "jwt" && jwt !== null ? jwt.refreshed(principal) : directory.refreshed(principal);
}

/** When the first of two credentials ends; `null`: neither does. */
function earlier(...principals: readonly Principal[]): number | null {
  const ends = principals.flatMap(({ credential: { expireMs } }) => (expireMs === null ? [] : [expireMs]));
  return ends.length === 0 ? null : Math.min(...ends);
}

function signInByBearer(
  value: string,
  directory: Directory,
  jwt: JwtVerifier | null,
  beforeSignature?: () => void,
): Principal | Promise<Principal> {
  const text = bearerToken(value);
  if (text === null) throw invalidCredentials("authorization is not `Bearer TOKEN`");
  if (isToken(text) || jwt === null) return directory.signInByToken(text);
  return jwt.verify(text, beforeSignature);
}
