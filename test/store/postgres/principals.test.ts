import { test as base, expect } from "vitest";
import type { StoredPrincipal } from "../../../src/domain/access/stored-principal.ts";
import type { Store } from "../../../src/store/store.ts";
import { isPostgresMissing } from "../../harness/databases/postgres.ts";
import { serversForTests } from "./open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const open = serversForTests();

function principal(name: string, certificateUris: readonly string[], role: "admin" | "viewer"): StoredPrincipal {
  const grants = [{ role, queue: ["*"], event_type: [], service: [], payloads: false }];
  return { name, grants, certificateUris, certificateDnsNames: [], createMs: 1, updateMs: 1 };
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
