import { readFile, stat } from "node:fs/promises";
import {
  createLocalJWKSet,
  createRemoteJWKSet,
  errors,
  type JSONWebKeySet,
  type JWKSCacheInput,
  type JWTVerifyGetKey,
  jwksCache,
} from "jose";
import type { Clock } from "../domain/clock.ts";

/** How long one fetch of keys may take, and how long none follows it for a key that is not known, in milliseconds. */
const fetchMs = 2_000;
const cooldownMs = 10_000;
/** How often a URL of keys is fetched, and a file of them is looked at, in milliseconds. */
const fetchIntervalMs = 60_000;
const lookMs = 1_000;

/** The issuer's keys cannot be read now. */
export class KeysUnavailable extends Error {
  override readonly name = "KeysUnavailable";
}

/** The file of the issuer's keys cannot be used; the message says why, for the operator. */
export class IssuerKeysRefused extends Error {
  override readonly name = "IssuerKeysRefused";
}

/** Why keys cannot be read, without what is in the place of the keys: it may be another file's. */
export function whyUnreadable(error: unknown): string {
  const { cause = error } = error instanceof KeysUnavailable ? error : {};
  if (cause instanceof SyntaxError) return "it is not JSON";
  return cause instanceof Error ? cause.message : String(cause);
}

/** The keys of an issuer, as they were read last. A place that is slow or gone leaves those that are known. */
export interface IssuerKeys {
  /** Finds the key of a JWT, and reads the keys again where it is not known. @throws KeysUnavailable, JOSEError */
  readonly find: JWTVerifyGetKey;
  /** They are in a file. */
  readonly isLocal: boolean;
  /** How often `refresh` is due, in milliseconds. */
  readonly intervalMs: number;
  /** Reads the keys again. It rejects where they cannot be read. */
  refresh(): Promise<void>;
  /** What is known, another object after each time that it was read; `null`: nothing was. */
  current(): JSONWebKeySet | null;
}

/** The keys at a URL, or in a file. */
export function openIssuerKeys(place: string, clock: Clock): IssuerKeys {
  return /^https?:/.test(place) ? remoteKeys(place) : fileKeys(place, clock);
}

function remoteKeys(url: string): IssuerKeys {
  const cache: JWKSCacheInput = {};
  const keys = createRemoteJWKSet(new URL(url), {
    timeoutDuration: fetchMs,
    cooldownDuration: cooldownMs,
    // A key that is known stays good while the issuer is gone; a new one is fetched when a token names it.
    cacheMaxAge: Number.POSITIVE_INFINITY,
    [jwksCache]: cache,
  });
  return {
    isLocal: false,
    intervalMs: fetchIntervalMs,
    refresh: () => keys.reload(),
    current: () => cache.jwks ?? null,
    async find(header, token) {
      try {
        return await keys(header, token);
      } catch (error) {
        // What fetching throws is generic, or none of jose's.
        if (error instanceof errors.JOSEError && error.code !== errors.JOSEError.code) throw error;
        throw new KeysUnavailable("The issuer's keys cannot be fetched.", { cause: error });
      }
    },
  };
}

/** Reads the file again when it has changed; it is looked at once a second at most. */
function fileKeys(path: string, clock: Clock): IssuerKeys {
  let known: { readonly set: JSONWebKeySet; readonly find: JWTVerifyGetKey } | null = null;
  let version = "";
  let lookedMs = Number.NEGATIVE_INFINITY;

  async function look(): Promise<void> {
    if (clock.monotonic() - lookedMs < lookMs) return;
    lookedMs = clock.monotonic();
    const { mtimeMs, size, ino } = await stat(path);
    const found = `${mtimeMs} ${size} ${ino}`;
    if (found === version) return;
    const set: JSONWebKeySet = JSON.parse(await readFile(path, "utf8"));
    known = { set, find: createLocalJWKSet(set) };
    version = found;
  }

  return {
    isLocal: true,
    intervalMs: lookMs,
    refresh: look,
    current: () => known?.set ?? null,
    async find(header, token) {
      // A file that cannot be read leaves the keys that are known.
      const failure: unknown = await look().catch((error: unknown) => error);
      if (known === null) {
        throw new KeysUnavailable("The file of the issuer's keys cannot be read.", { cause: failure });
      }
      return known.find(header, token);
    },
  };
}
