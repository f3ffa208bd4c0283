import { createHash } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Grant } from "../domain/access/grant.ts";
import { checkPrincipalName, parseGrant } from "../domain/access/grant-rules.ts";
import type { Principal } from "../domain/access/principal.ts";
import type { Clock } from "../domain/clock.ts";
import { SitqError } from "../domain/errors.ts";
import { credentialsExpired, invalidCredentials, issuerUnavailable } from "../domain/refusals/access.ts";
import type { JwtVerifier } from "./authenticator.ts";

/** Whose JWTs are taken, and what of them. */
export interface JwtRules {
  readonly issuer: string;
  readonly audience: string;
  /** The issuer's keys: the URL of a JWK set, or a file that holds one. */
  readonly jwks: string;
  /** By their names in JOSE; all of them with a public key. */
  readonly algorithms: readonly string[];
  /** The claim that lists grants as texts, see `parseGrant`. */
  readonly grantsClaim: string;
}

/** By how much the clocks of issuer and server may differ, in seconds. */
const skewSeconds = 30;
/** How long one fetch of keys may take, and how long none follows it, in milliseconds. */
const fetchMs = 2_000;
const cooldownMs = 10_000;
/** How often a file of keys is looked at, in milliseconds. */
const lookMs = 1_000;
/** Verified JWTs that are remembered, so that a call of the same one costs a hash. */
const mostRemembered = 10_000;

/**
 * Verifies JWTs by the keys of their issuer (RFC 7519, RFC 8725): the name of the principal is `sub`, its grants are a claim. Keys come
 * from the one place that is configured, never from the token. While that place is slow or gone, JWTs whose keys are known go on.
 */
export function createJwtVerifier(rules: JwtRules, clock: Clock): JwtVerifier {
  const keys = /^https?:/.test(rules.jwks) ? remoteKeys(rules.jwks) : fileKeys(rules.jwks, clock);
  const known = new Map<string, Principal>();

  async function verified(text: string, mark: string): Promise<Principal> {
    const principal = await verify(text, keys, rules, clock);
    if (known.size >= mostRemembered) known.clear();
    known.set(mark, principal);
    return principal;
  }

  return {
    verify(text) {
      const mark = createHash("sha256").update(text).digest("base64");
      const principal = known.get(mark);
      if (principal === undefined) return verified(text, mark);
      if ((principal.credential.expireMs ?? 0) > clock.now()) return principal;
      known.delete(mark);
      throw credentialsExpired();
    },
  };
}

async function verify(text: string, keys: JWTVerifyGetKey, rules: JwtRules, clock: Clock): Promise<Principal> {
  const { issuer, audience, grantsClaim } = rules;
  try {
    const { payload } = await jwtVerify(text, keys, {
      issuer,
      audience,
      algorithms: [...rules.algorithms],
      clockTolerance: skewSeconds,
      currentDate: new Date(clock.now()),
      requiredClaims: ["exp", "sub"],
    });
    const { sub = "", exp = 0, jti } = payload;
    const expireMs = (exp + skewSeconds) * 1_000;
    const id = typeof jti === "string" ? jti.slice(0, 100) : "";
    const grants = grantsIn(payload[grantsClaim], grantsClaim);
    return { name: checkPrincipalName("sub", sub), grants, credential: { kind: "jwt", id, expireMs } };
  } catch (error) {
    throw refusalOf(error);
  }
}

function grantsIn(claim: unknown, name: string): Grant[] {
  if (!Array.isArray(claim) || claim.length === 0 || claim.length > 20) {
    throw invalidCredentials(`the claim ${name} of the JWT is not a list of 1 to 20 grants`);
  }
  return claim.map((text, index) => parseGrant(`${name}[${index}]`, String(text).slice(0, 4_096)));
}

function refusalOf(error: unknown): unknown {
  if (error instanceof errors.JWTExpired) return credentialsExpired();
  if (error instanceof errors.JWKSTimeout || error instanceof KeysUnavailable) return issuerUnavailable();
  if (error instanceof SitqError) return error.kind === "invalid" ? invalidCredentials(error.message) : error;
  // Of jose's errors the code alone: its texts may quote the token.
  if (error instanceof errors.JOSEError) return invalidCredentials(`the JWT is refused (${error.code})`);
  return error;
}

/** The issuer's keys cannot be read now. */
class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

function remoteKeys(url: string): JWTVerifyGetKey {
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: fetchMs,
    cooldownDuration: cooldownMs,
    // A key that is known stays good while the issuer is gone; a new one is fetched when a token names it.
    cacheMaxAge: Number.POSITIVE_INFINITY,
  });
  return async (header, token) => {
    try {
      return await keys(header, token);
    } catch (error) {
      // What fetching throws is generic, or none of jose's.
      if (error instanceof errors.JOSEError && error.code !== errors.JOSEError.code) throw error;
      throw new KeysUnavailable("The issuer's keys cannot be fetched.", { cause: error });
    }
  };
}

/** Reads the file again when it has changed; it is looked at once a second at most. */
function fileKeys(path: string, clock: Clock): JWTVerifyGetKey {
  let keys: ReturnType<typeof createLocalJWKSet> | null = null;
  let version = "";
  let lookedMs = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    if (clock.monotonic() - lookedMs < lookMs) return;
    lookedMs = clock.monotonic();
    const { mtimeMs, size, ino } = await stat(path);
    const found = `${mtimeMs} ${size} ${ino}`;
    if (found === version) return;
    keys = createLocalJWKSet(JSON.parse(await readFile(path, "utf8")));
    version = found;
  }

  return async (header, token) => {
    // A file that cannot be read leaves the keys that are known.
    await look().catch(() => undefined);
    if (keys === null) throw new KeysUnavailable("The file of the issuer's keys cannot be read.");
    return keys(header, token);
  };
}
