import { randomBytes, timingSafeEqual } from "node:crypto";
import type { Grant } from "../domain/access/grant.ts";
import { checkGrants, checkPrincipalName } from "../domain/access/grant-rules.ts";
import type { Credential, Principal } from "../domain/access/principal.ts";
import { refusedTo } from "../domain/access/refused-caller.ts";
import type { StoredPrincipal, Token } from "../domain/access/stored-principal.ts";
import type { Clock } from "../domain/clock.ts";
import {
  certificateInUse,
  credentialsExpired,
  credentialsRevoked,
  invalidCredentials,
  principalExists,
  principalNotFound,
  tokenNotFound,
  unknownCertificate,
  unknownToken,
} from "../domain/refusals/access.ts";
import type { AccessStore } from "../store/access-store.ts";
import {
  type CertificateNames,
  certificateKey,
  certificateKeys,
  certificateWords,
  checkCertificateNames,
} from "./certificate-names.ts";
import { formatToken, hashOf, newTokenId, parseToken } from "./token-text.ts";
import { TokenUses } from "./token-uses.ts";

/** As long as a hash, and the hash of nothing. */
const noHash = "0".repeat(64);

/** What a principal is made of, as it is asked for. */
export interface PrincipalDraft {
  readonly name: string;
  readonly grants: readonly Grant[];
  readonly certificateUris: readonly string[];
  readonly certificateDnsNames: readonly string[];
}

/** A token that was created, with what is shown once. */
export interface CreatedToken {
  readonly token: Token;
  /** The whole token, as clients send it. */
  readonly text: string;
}

/** All principals and tokens, kept in memory. What changes them takes effect after its commit; see `load` for what another server changes. */
export class Directory {
  private readonly store: AccessStore;
  private readonly clock: Clock;
  private readonly principals = new Map<string, StoredPrincipal>();
  private readonly tokens = new Map<string, Token>();
  private readonly byCertificate = new Map<string, string>();
  private readonly listeners: ((isOwn: boolean) => void)[] = [];
  private readonly uses: TokenUses;
  /** Of what was read last. */
  private revision: number | null = null;
  /** The changes are made one after the other. */
  private last: Promise<unknown> = Promise.resolve();

  constructor(store: AccessStore, clock: Clock) {
    this.store = store;
    this.clock = clock;
    this.uses = new TokenUses(store, clock);
  }

  /** Reads what is stored. Again: where another server has changed it. */
  load(): Promise<void> {
    return this.inTurn(async () => undefined);
  }

  private async read(): Promise<void> {
    const revision = await this.store.accessRevision();
    if (revision === this.revision) return;
    const { principals, tokens } = await this.store.readAccess();
    for (const kept of [this.principals, this.tokens, this.byCertificate]) kept.clear();
    for (const principal of principals) this.keep(principal);
    for (const token of tokens) this.tokens.set(token.id, token);
    this.revision = revision;
    this.changed(false);
  }

  /** Calls `listener` after every change of who may do what. @param listener gets whether this server made it */
  onChange(listener: (isOwn: boolean) => void): void {
    this.listeners.push(listener);
  }

  /** The principal of a token's text. @throws SitqError INVALID_CREDENTIALS, CREDENTIALS_EXPIRED, CREDENTIALS_REVOKED */
  signInByToken(text: string): Principal {
    const parsed = parseToken(text);
    if (parsed === null) throw invalidCredentials("the token is malformed", "token");
    const token = this.tokens.get(parsed.id);
    // Of an unknown id too: it takes as long, and says as much.
    const matches = timingSafeEqual(Buffer.from(hashOf(parsed.secret)), Buffer.from(token?.hash ?? noHash));
    if (token === undefined || !matches) throw unknownToken();
    const principal = this.principalOfToken(token);
    this.tokens.set(token.id, this.uses.note(token));
    return principal;
  }

  /**
   * A principal as it is now. A credential that proves it no longer is refused as a new call with it is.
   *
   * @throws SitqError INVALID_CREDENTIALS, CREDENTIALS_EXPIRED, CREDENTIALS_REVOKED
   */
  refreshed(principal: Principal): Principal {
    const { name, credential } = principal;
    if (credential.kind === "token") {
      const token = this.tokens.get(credential.id);
      if (token === undefined) throw unknownToken();
      // A certificate beside it may end before the token.
      return { ...this.principalOfToken(token), credential };
    }
    // A JWT is its issuer's: nothing of it is stored.
    if (credential.kind === "jwt") return principal;
    const stored = this.principals.get(name);
    if (stored === undefined || this.ownerOf(credential.id) !== name) {
      throw unknownCertificate(certificateWords(credential.id));
    }
    return { name, grants: stored.grants, credential };
  }

  /** The principal that a certificate's name proves. @throws SitqError INVALID_CREDENTIALS if it proves none */
  ownerOf(certificate: string): string {
    const name = this.byCertificate.get(certificate);
    if (name === undefined) throw unknownCertificate(certificateWords(certificate));
    return name;
  }

  private principalOfToken(token: Token): Principal {
    const { id, expireMs, principal: name } = token;
    const credential: Credential = { kind: "token", id, expireMs };
    if (token.revokeMs !== null) throw refusedTo(name, credential, credentialsRevoked(id, token.revokeMs));
    if (expireMs !== null && expireMs <= this.clock.now()) {
      throw refusedTo(name, credential, credentialsExpired(`token ${id}`, expireMs));
    }
    const stored = this.principals.get(name);
    if (stored === undefined) throw unknownToken();
    return { name, grants: stored.grants, credential };
  }

  /**
   * The principal that a certificate proves: by a URI among its names, else by its only DNS name.
   *
   * @throws SitqError INVALID_CREDENTIALS if it proves none, or two; CREDENTIALS_EXPIRED: a connection can outlive its certificate
   */
  signInByCertificate(names: CertificateNames & { readonly expireMs: number }): Principal {
    const uris = names.uris.map((name) => certificateKey("uri", name)).filter((key) => this.byCertificate.has(key));
    const only = names.dnsNames.length === 1 ? certificateKey("dns", names.dnsNames[0] as string) : null;
    const keys = only === null || !this.byCertificate.has(only) ? uris : [...uris, only];
    const owners = new Set(keys.map((key) => this.byCertificate.get(key)));
    if (owners.size > 1) throw invalidCredentials("the client certificate names two principals", "certificate");
    const [key] = keys;
    const stored = key === undefined ? undefined : this.principals.get(this.byCertificate.get(key) ?? "");
    if (key === undefined || stored === undefined) {
      const shown = names.uris[0] === undefined ? only : certificateKey("uri", names.uris[0]);
      throw unknownCertificate(shown === null ? null : certificateWords(shown));
    }
    const { expireMs } = names;
    const credential: Credential = { kind: "certificate", id: key, expireMs };
    if (expireMs <= this.clock.now()) {
      throw refusedTo(stored.name, credential, credentialsExpired("client certificate", expireMs));
    }
    return { name: stored.name, grants: stored.grants, credential };
  }

  /** A principal by its name. @throws SitqError PRINCIPAL_NOT_FOUND of `field` */
  get(name: string, field: string): StoredPrincipal {
    const principal = this.principals.get(name);
    if (principal === undefined) throw principalNotFound(name, field);
    return principal;
  }

  /** All principals, by name. */
  listPrincipals(): StoredPrincipal[] {
    return [...this.principals.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** All tokens of a principal, or of all, the newest first. */
  listTokens(principal: string | null): Token[] {
    return [...this.tokens.values()]
      .filter((token) => principal === null || token.principal === principal)
      .sort((a, b) => b.createMs - a.createMs || (a.id < b.id ? -1 : 1));
  }

  /** Creates a principal. @throws SitqError INVALID_FIELD, PRINCIPAL_EXISTS, CERTIFICATE_IN_USE */
  create(draft: PrincipalDraft): Promise<StoredPrincipal> {
    return this.inTurn(() => this.put("create", () => draft));
  }

  /** Changes a principal. @throws SitqError INVALID_FIELD, PRINCIPAL_NOT_FOUND, CERTIFICATE_IN_USE */
  update(name: string, changes: Partial<Omit<PrincipalDraft, "name">>): Promise<StoredPrincipal> {
    return this.inTurn(() => this.put("update", () => ({ ...this.get(name, "principal.name"), ...changes })));
  }

  /** Deletes a principal, and answers how many tokens went with it. @throws SitqError PRINCIPAL_NOT_FOUND */
  delete(name: string): Promise<number> {
    return this.inTurn(async () => {
      const principal = this.get(name, "name");
      const tokens = this.listTokens(name);
      await this.store.deletePrincipal(name);
      this.drop(principal);
      for (const { id } of tokens) this.tokens.delete(id);
      this.changed();
      return tokens.length;
    });
  }

  /**
   * Creates a token, and its principal where grants are given and there is none.
   *
   * @param grants empty: the principal must be there
   * @param deliver hands the text over before the token is stored; if it fails there is none
   * @throws SitqError INVALID_FIELD, PRINCIPAL_NOT_FOUND, PRINCIPAL_EXISTS with other grants
   */
  createToken(
    name: string,
    grants: readonly Grant[],
    timeToLiveMs: number | null,
    deliver: (text: string) => Promise<void> = async () => undefined,
  ): Promise<CreatedToken> {
    return this.inTurn(async () => {
      const known = this.principals.get(checkPrincipalName("principal", name));
      if (known === undefined && grants.length === 0) throw principalNotFound(name, "principal");
      const checked = grants.length === 0 ? [] : checkGrants("grants", grants);
      if (known === undefined) {
        await this.put("create", () => ({ name, grants: checked, certificateUris: [], certificateDnsNames: [] }));
      } else if (checked.length > 0 && JSON.stringify(checked) !== JSON.stringify(known.grants)) {
        throw principalExists(name, "grants");
      }
      const createMs = this.clock.now();
      const secret = randomBytes(32).toString("base64url");
      const id = newTokenId((taken) => this.tokens.has(taken));
      const expireMs = timeToLiveMs === null ? null : createMs + timeToLiveMs;
      const token = { id, principal: name, hash: hashOf(secret), createMs, expireMs, lastUseMs: null, revokeMs: null };
      const text = formatToken({ id, secret });
      await deliver(text);
      if ((await this.store.putToken(token)) === "not_found") throw principalNotFound(name, "principal");
      this.tokens.set(id, token);
      return { token, text };
    });
  }

  /** Revokes a token; again: it stays as it is. @throws SitqError TOKEN_NOT_FOUND */
  revokeToken(id: string): Promise<Token> {
    return this.inTurn(async () => {
      const token = this.tokens.get(id);
      if (token === undefined) throw tokenNotFound(id);
      if (token.revokeMs !== null) return token;
      const revoked = { ...token, revokeMs: this.clock.now() };
      await this.store.putToken(revoked);
      this.tokens.set(id, revoked);
      this.changed();
      return revoked;
    });
  }

  /** Stores a principal. @param draftOf is called again where another server has changed meanwhile what it was made from */
  private async put(mode: "create" | "update", draftOf: () => PrincipalDraft): Promise<StoredPrincipal> {
    const draft = draftOf();
    const name = checkPrincipalName("principal.name", draft.name);
    const known = this.principals.get(name);
    const nowMs = this.clock.now();
    const principal: StoredPrincipal = {
      name,
      grants: checkGrants("principal.grants", draft.grants),
      certificateUris: checkCertificateNames("principal.certificate_uris", "uri", draft.certificateUris),
      certificateDnsNames: checkCertificateNames("principal.certificate_dns_names", "dns", draft.certificateDnsNames),
      createMs: known?.createMs ?? nowMs,
      // Another time for each change, by which they are found.
      updateMs: Math.max(nowMs, (known?.updateMs ?? 0) + 1),
    };
    const answer = await this.store.putPrincipal(principal, mode === "create" ? null : (known?.updateMs ?? null));
    if (answer.status === "changed") {
      // Whatever the revision says: a database that took over may have one twice.
      this.revision = null;
      await this.read();
      return this.put(mode, draftOf);
    }
    if (answer.status === "exists") throw principalExists(name, "principal.name");
    if (answer.status === "not_found") throw principalNotFound(name, "principal.name");
    if (answer.status === "certificate_in_use") throw certificateInUse(answer.certificate);
    if (known !== undefined) this.drop(known);
    this.keep(principal);
    this.changed();
    return principal;
  }

  private keep(principal: StoredPrincipal): void {
    this.principals.set(principal.name, principal);
    for (const key of certificateKeys(principal)) this.byCertificate.set(key, principal.name);
  }

  private drop(principal: StoredPrincipal): void {
    this.principals.delete(principal.name);
    for (const key of certificateKeys(principal)) this.byCertificate.delete(key);
  }

  private changed(isOwn = true): void {
    for (const listener of this.listeners) listener(isOwn);
  }

  /** Makes a change of what is stored now, whichever server has changed it last. */
  private inTurn<T>(change: () => Promise<T>): Promise<T> {
    const done = this.last.then(() => this.read()).then(change);
    this.last = done.catch(() => undefined);
    return done;
  }
}
