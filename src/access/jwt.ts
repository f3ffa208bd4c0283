import { createHash } from "node:crypto";
import { calculateJwkThumbprint, errors, exportJWK, type JSONWebKeySet, type JWTVerifyGetKey, jwtVerify } from "jose";
import type { Grant } from "../domain/access/grant.ts";
import { checkPrincipalName, parseGrant } from "../domain/access/grant-rules.ts";
import type { Principal } from "../domain/access/principal.ts";
import { refusedTo } from "../domain/access/refused-caller.ts";
import type { Clock } from "../domain/clock.ts";
import { quoted, SitqError } from "../domain/errors.ts";
import type { Log } from "../domain/log.ts";
import { credentialsExpired, invalidCredentials, issuerUnavailable } from "../domain/refusals/access.ts";
import { createService, type Service } from "../domain/service.ts";
import type { JwtVerifier } from "./authenticator.ts";
import { IssuerKeysRefused, KeysUnavailable, openIssuerKeys, whyUnreadable } from "./issuer-keys.ts";
import type { RightsChanges } from "./open-calls.ts";

/** Whose JWTs are taken, and what of them. */
export interface JwtRules {
  readonly issuer: string;
  readonly audience: string;
  /** The issuer's keys: the URL of a JWK set, or a file that holds one. */
  readonly jwks: string;
  /** By their names in JOSE; all of them with a public key. */
  readonly algorithms: readonly string[];
  /** The claim that has the name of the principal. */
  readonly principalClaim: string;
  /** The claim that lists grants as texts, see `parseGrant`. */
  readonly grantsClaim: string;
}

/** By how much the clocks of issuer and server may differ, in seconds. */
const skewSeconds = 30;
/** The end of the year 9999, in seconds: later times have no Timestamp. */
const latestSeconds = 253_402_300_799;
/** Verified JWTs that are remembered, so that a call of the same one costs a hash. */
const mostRemembered = 10_000;

/** Verifies JWTs, and says when those that it has accepted are good no more. While it runs it reads the keys of the issuer again. */
export interface IssuerVerifier extends JwtVerifier, RightsChanges, Service {}

/** What was verified, and the key that has signed it. */
interface Accepted {
  readonly principal: Principal;
  readonly key: SigningKey;
}

/** A key, and how the JWT names it. */
interface SigningKey {
  readonly thumbprint: string;
  readonly kid: string | undefined;
}

/**
 * Verifies JWTs by the keys of their issuer (RFC 7519, RFC 8725): the name of the principal and its grants are claims. Keys come
 * from the one place that is configured, never from the token. While that place is slow or gone, JWTs whose keys are known go on; when
 * the keys there change, JWTs are verified again, and those whose key is gone are refused.
 */
export function createJwtVerifier(rules: JwtRules, clock: Clock, log: Pick<Log, "info" | "warn">): IssuerVerifier {
  const keys = openIssuerKeys(rules.jwks, clock);
  const remembered = new Map<string, Principal>();
  /** By the grants, which each acceptance has of its own and which a principal keeps where its credential is joined by another. */
  const signers = new WeakMap<readonly Grant[], SigningKey>();
  const listeners: (() => void)[] = [];
  let seen: JSONWebKeySet | null = null;
  let taken: Promise<void> = Promise.resolve();
  let valid: readonly SigningKey[] = [];
  let version = 0;
  let callOff: (() => void) | null = null;
  let isStopped = false;
  let isUnreadable = false;

  /** Logs that the keys cannot be read, or can again, each once. @param error `null`: they were read */
  function noteRead(error: unknown): void {
    if (error !== null && !isUnreadable) {
      const facts = { jwks: rules.jwks, reason: whyUnreadable(error) };
      log.warn(facts, "cannot read the keys of the issuer of JWTs: those that are known stay good");
    }
    if (error === null && isUnreadable)
      log.info({ jwks: rules.jwks }, "the keys of the issuer of JWTs can be read again");
    isUnreadable = error !== null;
  }

  /** Takes in what was read of the keys. */
  function takeKeys(): Promise<void> {
    const found = keys.current();
    if (found === null || found === seen) return taken;
    const isSame = JSON.stringify(found) === JSON.stringify(seen);
    noteRead(null);
    if (!isSame && seen !== null) {
      log.info({ jwks: rules.jwks, keys: found.keys.length }, "the keys of the issuer of JWTs have changed");
    }
    seen = found;
    if (isSame) return taken;
    version++;
    remembered.clear();
    taken = useKeys(taken, found);
    return taken;
  }

  async function useKeys(before: Promise<void>, set: JSONWebKeySet): Promise<void> {
    await before;
    valid = await signingKeysOf(set);
    for (const listener of listeners) listener();
  }

  const find: JWTVerifyGetKey = async (header, token) => {
    try {
      return await keys.find(header, token);
    } catch (error) {
      if (error instanceof KeysUnavailable) noteRead(error);
      throw error;
    } finally {
      await takeKeys();
    }
  };

  async function verified(text: string, mark: string): Promise<Principal> {
    for (;;) {
      const before = version;
      const { principal, key } = await verify(text, find, rules, clock);
      // The keys have changed meanwhile.
      if (version !== before && before !== 0) continue;
      signers.set(principal.grants, key);
      if (remembered.size >= mostRemembered) remembered.clear();
      remembered.set(mark, principal);
      return principal;
    }
  }

  function refreshLater(): void {
    callOff = isStopped ? null : clock.after(keys.intervalMs, () => void refresh());
  }

  async function refresh(): Promise<void> {
    try {
      // Until a JWT came there is nothing to look after.
      if (keys.current() !== null) {
        await keys.refresh();
        noteRead(null);
      }
      await takeKeys();
    } catch (error) {
      // What is known stays.
      noteRead(error);
    }
    refreshLater();
  }

  /** The issuer behind a URL may come up later than this server; a file is there. */
  async function readFirst(): Promise<void> {
    if (!keys.isLocal) return;
    try {
      await keys.refresh();
      await takeKeys();
    } catch (error) {
      throw new IssuerKeysRefused(`cannot read the keys in ${rules.jwks} (--jwt-jwks): ${whyUnreadable(error)}`, {
        cause: error,
      });
    }
    if (valid.length === 0) throw new IssuerKeysRefused(`${rules.jwks} (--jwt-jwks) holds no key`);
  }

  const service = createService({
    start: () => readFirst().then(refreshLater),
    stop() {
      isStopped = true;
      callOff?.();
    },
  });

  return {
    ...service,

    verify(text, beforeSignature) {
      const mark = createHash("sha256").update(text).digest("base64");
      const principal = remembered.get(mark);
      if (principal === undefined) {
        beforeSignature?.();
        return verified(text, mark);
      }
      if ((principal.credential.expireMs ?? 0) > clock.now()) return principal;
      // It stays remembered: to refuse it again costs a hash too.
      throw refusedTo(principal.name, principal.credential, expiredAt(principal.credential.expireMs ?? 0));
    },

    refreshed(principal) {
      const key = signers.get(principal.grants);
      if (key === undefined || valid.some((each) => isKeyOf(key, each))) return principal;
      throw unknownKey();
    },

    onChange: (listener) => void listeners.push(listener),
  };
}

/** The keys of a set that have a thumbprint; the others verify nothing. */
async function signingKeysOf({ keys }: JSONWebKeySet): Promise<SigningKey[]> {
  const found = await Promise.allSettled(keys.map((jwk) => calculateJwkThumbprint(jwk)));
  return found.flatMap((each, index) =>
    each.status === "fulfilled" ? [{ thumbprint: each.value, kid: keys[index]?.kid }] : [],
  );
}

/** Whether a key of the set is the one that a JWT was signed with, and goes by the name that the JWT has for it. */
function isKeyOf({ thumbprint, kid }: SigningKey, inSet: SigningKey): boolean {
  return inSet.thumbprint === thumbprint && (kid === undefined || inSet.kid === kid);
}

function unknownKey(): SitqError {
  return invalidJwt(`the JWT is refused (${errors.JWKSNoMatchingKey.code})`);
}

async function verify(text: string, keys: JWTVerifyGetKey, rules: JwtRules, clock: Clock): Promise<Accepted> {
  const { issuer, audience, principalClaim, grantsClaim } = rules;
  try {
    const { payload, protectedHeader, key } = await jwtVerify(text, keys, {
      issuer,
      audience,
      algorithms: [...rules.algorithms],
      clockTolerance: skewSeconds,
      currentDate: new Date(clock.now()),
      requiredClaims: ["exp", principalClaim],
    });
    // Signed does not mean of the form that RFC 7519 asks for.
    const { [principalClaim]: name, exp = 0, jti }: Readonly<Record<string, unknown>> & { exp?: number } = payload;
    if (typeof name !== "string") throw invalidJwt(`the ${principalClaim} of the JWT is no text`);
    if (exp > latestSeconds) throw invalidJwt("the exp of the JWT is after the year 9999");
    const expireMs = (exp + skewSeconds) * 1_000;
    const id = typeof jti === "string" ? jti.slice(0, 100) : "";
    const grants = grantsIn(payload[grantsClaim], grantsClaim);
    const principal: Principal = {
      name: checkPrincipalName(principalClaim, name),
      grants,
      credential: { kind: "jwt", id, expireMs },
    };
    const thumbprint = await calculateJwkThumbprint(await exportJWK(key));
    return { principal, key: { thumbprint, kid: protectedHeader.kid } };
  } catch (error) {
    throw refusalOf(error, rules);
  }
}

function grantsIn(claim: unknown, name: string): Grant[] {
  if (!Array.isArray(claim) || claim.length === 0 || claim.length > 20) {
    throw invalidJwt(`the claim ${name} of the JWT is not a list of 1 to 20 grants`);
  }
  return claim.map((text: unknown, index) => {
    if (typeof text !== "string") throw invalidJwt(`${name}[${index}] of the JWT is no text`);
    return parseGrant(`${name}[${index}]`, text);
  });
}

/** @param expireMs when its credential ends, with what clocks may differ */
function expiredAt(expireMs: number): SitqError {
  return credentialsExpired("JWT", expireMs - skewSeconds * 1_000);
}

/** Names the principal: the signature was good. */
function expiredJwt(payload: Readonly<Record<string, unknown>>, principalClaim: string): SitqError {
  const { [principalClaim]: name, jti, exp } = payload;
  const refusal = credentialsExpired("JWT", Number(exp) * 1_000);
  try {
    const id = typeof jti === "string" ? jti.slice(0, 100) : "";
    const checked = checkPrincipalName(principalClaim, String(name));
    return refusedTo(checked, { kind: "jwt", id, expireMs: null }, refusal);
  } catch {
    // It is no principal's.
    return refusal;
  }
}

function refusalOf(error: unknown, rules: JwtRules): unknown {
  if (error instanceof errors.JWTExpired) return expiredJwt(error.payload, rules.principalClaim);
  if (error instanceof errors.JWTClaimValidationFailed) return invalidJwt(claimText(error, rules));
  if (error instanceof errors.JWKSTimeout || error instanceof KeysUnavailable) return issuerUnavailable();
  if (error instanceof SitqError) return error.kind === "invalid" ? invalidJwt(error.message) : error;
  // Of jose's errors the code alone: its texts may quote the token.
  if (error instanceof errors.JOSEError) return invalidJwt(`the JWT is refused (${error.code})`);
  return error;
}

/** What is wrong with a claim. Its signature is verified before, and the claims that are quoted are no secrets. */
function claimText({ claim, reason, payload }: errors.JWTClaimValidationFailed, rules: JwtRules): string {
  const value = payload[claim];
  if (reason === "missing") return `the JWT has no ${claim}`;
  if (reason !== "check_failed") return `the ${claim} of the JWT has a wrong form`;
  const expected = { iss: rules.issuer, aud: rules.audience }[claim];
  const shown = quoted(typeof value === "string" ? value : String(JSON.stringify(value)));
  if (expected !== undefined) return `the ${claim} of the JWT is ${shown}, expected ${quoted(expected)}`;
  return `the ${claim} of the JWT is ${shown}, and not good now`;
}

function invalidJwt(what: string): SitqError {
  return invalidCredentials(what, "jwt");
}
