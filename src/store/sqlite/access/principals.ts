import type { Grant } from "../../../domain/access/grant.ts";
import type { StoredPrincipal, Token } from "../../../domain/access/stored-principal.ts";
import type { AccessStore, PutPrincipalAnswer } from "../../access-store.ts";
import { readJson } from "../../rows/json-column.ts";
import type { Engine } from "../engine/engine.ts";
import type { SyncVerb } from "../engine/verb.ts";

interface PrincipalRow {
  readonly name: string;
  readonly grants: string;
  readonly create_ms: number;
  readonly update_ms: number;
}

interface CertificateRow {
  readonly kind: "uri" | "dns";
  readonly name: string;
  readonly principal: string;
}

interface TokenRow {
  readonly id: string;
  readonly principal: string;
  readonly hash: string;
  readonly create_ms: number;
  readonly expire_ms: number | null;
  readonly last_use_ms: number | null;
  readonly revoke_ms: number | null;
}

/** Creates the verbs of principals and tokens on an open database. */
export function createPrincipals({ db }: Pick<Engine, "db">): {
  readonly [Name in keyof AccessStore]: SyncVerb<AccessStore[Name]>;
} {
  const selectPrincipals = db.prepare<[], PrincipalRow>("SELECT * FROM principal ORDER BY name");
  const selectCertificates = db.prepare<[], CertificateRow>("SELECT * FROM principal_certificate ORDER BY kind, name");
  const selectTokens = db.prepare<[], TokenRow>("SELECT * FROM token ORDER BY create_ms, id");
  const findUpdateMs = db.prepare<[string], number>("SELECT update_ms FROM principal WHERE name = ?").pluck();
  const findOwner = db
    .prepare<[string, string], string>("SELECT principal FROM principal_certificate WHERE kind = ? AND name = ?")
    .pluck();
  const insert = db.prepare<[PrincipalRow]>(
    "INSERT INTO principal (name, grants, create_ms, update_ms) VALUES (@name, @grants, @create_ms, @update_ms)",
  );
  const update = db.prepare<[PrincipalRow]>(
    "UPDATE principal SET grants = @grants, update_ms = @update_ms WHERE name = @name",
  );
  const insertCertificate = db.prepare<[CertificateRow]>(
    "INSERT OR IGNORE INTO principal_certificate (kind, name, principal) VALUES (@kind, @name, @principal)",
  );
  const removeCertificates = db.prepare<[string]>("DELETE FROM principal_certificate WHERE principal = ?");
  const removeTokens = db.prepare<[string]>("DELETE FROM token WHERE principal = ?");
  const remove = db.prepare<[string]>("DELETE FROM principal WHERE name = ?");
  const putToken = db.prepare<[TokenRow]>(
    `INSERT INTO token (id, principal, hash, create_ms, expire_ms, last_use_ms, revoke_ms)
     VALUES (@id, @principal, @hash, @create_ms, @expire_ms, @last_use_ms, @revoke_ms)
     ON CONFLICT (id) DO UPDATE SET principal = excluded.principal, hash = excluded.hash, create_ms = excluded.create_ms,
       expire_ms = excluded.expire_ms, last_use_ms = max(coalesce(last_use_ms, excluded.last_use_ms), coalesce(excluded.last_use_ms, last_use_ms)),
       revoke_ms = coalesce(revoke_ms, excluded.revoke_ms)`,
  );
  const selectPageKey = db.prepare<[], string>("SELECT value FROM meta WHERE name = 'page_key'").pluck();
  const setUse = db.prepare<[number, string]>("UPDATE token SET last_use_ms = ? WHERE id = ?");

  function certificatesOf({ name: principal, certificateUris, certificateDnsNames }: StoredPrincipal) {
    const rows = (kind: CertificateRow["kind"], names: readonly string[]) =>
      names.map((name) => ({ kind, name, principal }));
    return [...rows("uri", certificateUris), ...rows("dns", certificateDnsNames)];
  }

  function put(principal: StoredPrincipal, replaced: number | null): PutPrincipalAnswer {
    const known = findUpdateMs.get(principal.name);
    const isKnown = known !== undefined;
    if (replaced === null && isKnown) return { status: "exists" };
    if (replaced !== null && !isKnown) return { status: "not_found" };
    if (replaced !== null && known !== replaced) return { status: "changed" };
    const certificates = certificatesOf(principal);
    const taken = certificates.find(
      ({ kind, name }) => (findOwner.get(kind, name) ?? principal.name) !== principal.name,
    );
    if (taken !== undefined) return { status: "certificate_in_use", certificate: taken.name };
    const row = {
      name: principal.name,
      grants: JSON.stringify(principal.grants),
      create_ms: principal.createMs,
      update_ms: principal.updateMs,
    };
    (isKnown ? update : insert).run(row);
    removeCertificates.run(principal.name);
    for (const certificate of certificates) insertCertificate.run(certificate);
    return { status: "stored" };
  }

  return {
    readAccess() {
      const certificates = selectCertificates.all();
      return {
        principals: selectPrincipals.all().map((row) => toPrincipal(row, certificates)),
        tokens: selectTokens.all().map(toToken),
      };
    },

    // A file has one server, which knows what it has changed.
    accessRevision: () => 0,

    putPrincipal: put,

    deletePrincipal(name) {
      removeCertificates.run(name);
      removeTokens.run(name);
      return remove.run(name).changes === 1 ? "deleted" : "not_found";
    },

    putToken(token) {
      if (findUpdateMs.get(token.principal) === undefined) return "not_found";
      putToken.run(toTokenRow(token));
      return "stored";
    },

    pageKey() {
      const key = selectPageKey.get();
      if (key === undefined) throw new Error("the file has no key of page tokens");
      return key;
    },

    setTokenUses(uses) {
      for (const { id, lastUseMs } of uses) setUse.run(lastUseMs, id);
    },
  };
}

function toPrincipal(row: PrincipalRow, certificates: readonly CertificateRow[]): StoredPrincipal {
  const own = certificates.filter(({ principal }) => principal === row.name);
  const names = (kind: CertificateRow["kind"]) => own.filter((each) => each.kind === kind).map(({ name }) => name);
  return {
    name: row.name,
    // Damaged on the disk: it may do nothing.
    grants: readJson<Grant[]>(row.grants) ?? [],
    certificateUris: names("uri"),
    certificateDnsNames: names("dns"),
    createMs: row.create_ms,
    updateMs: row.update_ms,
  };
}

function toToken(row: TokenRow): Token {
  return {
    id: row.id,
    principal: row.principal,
    hash: row.hash,
    createMs: row.create_ms,
    expireMs: row.expire_ms,
    lastUseMs: row.last_use_ms,
    revokeMs: row.revoke_ms,
  };
}

function toTokenRow(token: Token): TokenRow {
  return {
    id: token.id,
    principal: token.principal,
    hash: token.hash,
    create_ms: token.createMs,
    expire_ms: token.expireMs,
    last_use_ms: token.lastUseMs,
    revoke_ms: token.revokeMs,
  };
}
