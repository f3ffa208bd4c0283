import { Client } from "pg";
import { test as base, expect } from "vitest";
import type { StoredPrincipal, Token } from "../../../src/domain/access/stored-principal.ts";
import type { Store } from "../../../src/store/store.ts";
import { isPostgresMissing } from "../../harness/databases/postgres.ts";
import { serversForTests } from "./open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const open = serversForTests();

function principal(name: string, certificateUris: readonly string[], role: "admin" | "viewer"): StoredPrincipal {
  const grants = [{ role, queue: ["*"], event_type: [], service: [], payloads: false }];
  return { name, grants, certificateUris, certificateDnsNames: [], createMs: 1, updateMs: 1 };
}

function token(principalName: string): Token {
  return {
    id: "t",
    principal: principalName,
    hash: "0".repeat(64),
    createMs: 1,
    expireMs: null,
    lastUseMs: null,
    revokeMs: null,
  };
}

test("of servers that make principals of one name or certificate at once, one does, and the others hear of it", async () => {
  const { stores, close } = await open(3);
  try {
    for (let round = 0; round < 10; round++) {
      const [name, uri] = [`name-${round}`, `spiffe://sitq.test/${round}`];
      const named = await Promise.all(
        stores.map((store, n) => store.putPrincipal(principal(name, [], n === 0 ? "admin" : "viewer"), null)),
      );
      expect(named.map(({ status }) => status).sort()).toEqual(["exists", "exists", "stored"]);
      const proved = await Promise.all(
        stores.map((store, n) => store.putPrincipal(principal(`${name}-${n}`, [uri], "viewer"), null)),
      );
      expect(proved.map(({ status }) => status).sort()).toEqual(["certificate_in_use", "certificate_in_use", "stored"]);
      const winner = named.findIndex(({ status }) => status === "stored");
      const { principals } = (await stores[0]?.readAccess()) ?? { principals: [] };
      expect(principals.find((each) => each.name === name)?.grants[0]?.role).toBe(winner === 0 ? "admin" : "viewer");
      expect(principals.filter(({ certificateUris }) => certificateUris.includes(uri))).toHaveLength(1);
    }
  } finally {
    await close();
  }
});

test("a server reads a principal with the certificates of the same moment, while another one changes them", async () => {
  const { stores, close } = await open(2);
  const [writer, reader] = stores as unknown as [Store, Store];
  try {
    const version = (n: number) => ({ ...principal("mail", [`spiffe://sitq.test/${n}`], "viewer"), updateMs: n });
    await writer.putPrincipal(version(1), null);
    let isOver = false;
    const writing = (async () => {
      for (let n = 2; n <= 300; n++) expect(await writer.putPrincipal(version(n), n - 1)).toEqual({ status: "stored" });
      isOver = true;
    })();
    while (!isOver) {
      const [found] = (await reader.readAccess()).principals;
      expect(found).toEqual(version(found?.updateMs ?? 0));
    }
    await writing;
  } finally {
    await close();
  }
});

test("nothing is left of a principal that is deleted at one server while another one gives it a token or a certificate", async () => {
  const servers = await open(2);
  const [one, other] = servers.stores as unknown as [Store, Store];
  const client = new Client({ connectionString: servers.url });
  await client.connect();
  await client.query(`SET search_path TO "${servers.schema}"`);
  const waiting = async (n: number) => {
    const found = async () =>
      (await client.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rows.length;
    while ((await found()) < n);
  };
  try {
    for (const [round, change] of [
      (name: string) => other.putToken(token(name)),
      (name: string) =>
        other.putPrincipal({ ...principal(name, [`spiffe://sitq.test/${name}`], "viewer"), updateMs: 2 }, 1),
    ].entries()) {
      const name = `gone-${round}`;
      await one.putPrincipal(principal(name, [], "viewer"), null);
      // Both wait for the last thing that the first one does, when it has changed everything else.
      const holder = new Client({ connectionString: servers.url });
      await holder.connect();
      await holder.query(`SET search_path TO "${servers.schema}"; BEGIN; UPDATE revision SET access = access`);
      const changing = change(name);
      await waiting(1);
      const deleting = one.deletePrincipal(name);
      await waiting(2);
      await holder.query("COMMIT");
      await holder.end();
      expect([await changing, await deleting]).toEqual([round === 0 ? "stored" : { status: "stored" }, "deleted"]);
      const left = await client.query(
        "SELECT principal FROM token UNION ALL SELECT principal FROM principal_certificate",
      );
      expect(left.rows).toEqual([]);
    }
  } finally {
    await client.end();
    await servers.close();
  }
});
