import type { Grant } from "../../../domain/access/grant.ts";
import type { StoredPrincipal, Token } from "../../../domain/access/stored-principal.ts";
import type { AccessStore, PutPrincipalAnswer } from "../../access-store.ts";
import { readJson } from "../../rows/json-column.ts";
import { Repeatable } from "../database/sql-state.ts";
import type { Engine } from "../engine/engine.ts";

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

interface WholeRow extends PrincipalRow {
  readonly certificates: readonly CertificateRow[];
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

/** Creates the verbs of principals and tokens. */
export function createPrincipals({ db, changed }: Pick<Engine, "db" | "changed">): AccessStore {
  /** When it was changed last; it is locked until the commit. `undefined`: there is none. */
  async function updateMsOf(name: string): Promise<number | undefined> {
    const row = await db.get<PrincipalRow>("SELECT update_ms FROM principal WHERE name = $1 FOR UPDATE", [name]);
    return row?.update_ms;
  }

  async function takenOf(certificates: readonly CertificateRow[]): Promise<CertificateRow | undefined> {
    for (const { kind, name, principal } of certificates) {
      const owner = await db.get<CertificateRow>(
        "SELECT kind, name, principal FROM principal_certificate WHERE kind = $1 AND name = $2",
        [kind, name],
      );
      if (owner !== undefined && owner.principal !== principal) return owner;
    }
    return undefined;
  }

  async function put(principal: StoredPrincipal, replaced: number | null): Promise<PutPrincipalAnswer> {
    const known = await updateMsOf(principal.name);
    const isKnown = known !== undefined;
    if (replaced === null && isKnown) return { status: "exists" };
    if (replaced !== null && !isKnown) return { status: "not_found" };
    if (replaced !== null && known !== replaced) return { status: "changed" };
    const certificates = certificatesOf(principal);
    const taken = await takenOf(certificates);
    if (taken !== undefined) return { status: "certificate_in_use", certificate: taken.name };
    const values = [principal.name, JSON.stringify(principal.grants), principal.updateMs];
    const stored = isKnown
      ? await db.run("UPDATE principal SET grants = $2, update_ms = $3 WHERE name = $1", values)
      : await db.run(
          "INSERT INTO principal (name, grants, update_ms, create_ms) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
          [...values, principal.createMs],
        );
    // Another server has made one of this name since the look.
    if (stored === 0) throw new Repeatable();
    await db.run("DELETE FROM principal_certificate WHERE principal = $1", [principal.name]);
    const named = await db.run(
      `INSERT INTO principal_certificate (kind, name, principal) SELECT kind, name, $3 FROM unnest($1::text[], $2::text[]) AS own (kind, name)
       ON CONFLICT DO NOTHING`,
      [certificates.map(({ kind }) => kind), certificates.map(({ name }) => name), principal.name],
    );
    // Another server has given one of these names to another principal since the look.
    if (named < certificates.length) throw new Repeatable();
    await changed("access");
    return { status: "stored" };
  }

  return {
    async readAccess() {
      // By one statement: the certificates of another moment would come with an update time that is not theirs.
      const principals = await db.all<WholeRow>(
        `SELECT own.*, ARRAY(SELECT to_json(proof) FROM principal_certificate AS proof WHERE proof.principal = own.name ORDER BY kind, name)
           AS certificates FROM principal AS own ORDER BY own.name`,
      );
      const tokens = await db.all<TokenRow>("SELECT * FROM token ORDER BY create_ms, id");
      return { principals: principals.map(toPrincipal), tokens: tokens.map(toToken) };
    },

    async accessRevision() {
      const row = await db.get<{ access: number }>("SELECT access FROM revision");
      if (row === undefined) throw new Error("the database has no revisions");
      return row.access;
    },

    putPrincipal: put,

    async deletePrincipal(name) {
      // Locked first: another server may be giving it a token or a certificate.
      if ((await updateMsOf(name)) === undefined) return "not_found";
      await db.run("DELETE FROM principal_certificate WHERE principal = $1", [name]);
      await db.run("DELETE FROM token WHERE principal = $1", [name]);
      await db.run("DELETE FROM principal WHERE name = $1", [name]);
      await changed("access");
      return "deleted";
    },

    async putToken({ id, principal, hash, createMs, expireMs, lastUseMs, revokeMs }) {
      if ((await updateMsOf(principal)) === undefined) return "not_found";
      await db.run(
        `INSERT INTO token (id, principal, hash, create_ms, expire_ms, last_use_ms, revoke_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (id) DO UPDATE SET principal = excluded.principal, hash = excluded.hash, create_ms = excluded.create_ms,
           expire_ms = excluded.expire_ms, last_use_ms = greatest(token.last_use_ms, excluded.last_use_ms),
           revoke_ms = coalesce(token.revoke_ms, excluded.revoke_ms)`,
        [id, principal, hash, createMs, expireMs, lastUseMs, revokeMs],
      );
      await changed("access");
      return "stored";
    },

    async pageKey() {
      const row = await db.get<{ value: string }>("SELECT value FROM meta WHERE name = 'page_key'");
      if (row === undefined) throw new Error("the database has no key of page tokens");
      return row.value;
    },

    async setTokenUses(uses) {
      await db.run(
        `UPDATE token SET last_use_ms = used.ms FROM unnest($1::text[], $2::bigint[]) AS used (id, ms) WHERE token.id = used.id`,
        [uses.map(({ id }) => id), uses.map(({ lastUseMs }) => lastUseMs)],
      );
    },
  };
}

function certificatesOf({ name: principal, certificateUris, certificateDnsNames }: StoredPrincipal): CertificateRow[] {
  const rows = (kind: CertificateRow["kind"], names: readonly string[]) =>
    names.map((name) => ({ kind, name, principal }));
  return [...rows("uri", certificateUris), ...rows("dns", certificateDnsNames)];
}

function toPrincipal(row: WholeRow): StoredPrincipal {
  const names = (kind: CertificateRow["kind"]) =>
    row.certificates.filter((each) => each.kind === kind).map(({ name }) => name);
  return {
    name: row.name,
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
