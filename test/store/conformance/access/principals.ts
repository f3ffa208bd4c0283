import { describe, expect } from "vitest";
import { wholeGrant } from "../../../../src/domain/access/grant.ts";
import type { StoredPrincipal, Token } from "../../../../src/domain/access/stored-principal.ts";
import { type StoreTest, startMs } from "../../store-harness.ts";

const worker = { role: "worker", payloads: false, queue: ["mail.*"], event_type: [], service: ["mail"] } as const;

function principal(changes: Partial<StoredPrincipal> = {}): StoredPrincipal {
  return {
    name: "mail",
    grants: [worker],
    certificateUris: ["spiffe://sitq.test/mail"],
    certificateDnsNames: ["mail.test"],
    createMs: startMs,
    updateMs: startMs,
    ...changes,
  };
}

function token(changes: Partial<Token> = {}): Token {
  return {
    id: "0123456789ab",
    principal: "mail",
    hash: "a".repeat(64),
    createMs: startMs,
    expireMs: null,
    lastUseMs: null,
    revokeMs: null,
    ...changes,
  };
}

/** Principals and tokens. */
export function describePrincipals(test: StoreTest): void {
  describe("principals and tokens", () => {
    test("keeps them whole, also after a restart", async (harness) => {
      const admin = principal({ name: "admin", grants: [wholeGrant], certificateUris: [], certificateDnsNames: [] });
      const tokens = [token(), token({ id: "zz", expireMs: startMs + 1, lastUseMs: startMs, revokeMs: startMs + 2 })];
      expect(await harness.store.putPrincipal(principal(), null)).toEqual({ status: "stored" });
      expect(await harness.store.putPrincipal(admin, null)).toEqual({ status: "stored" });
      for (const each of tokens) expect(await harness.store.putToken(each)).toBe("stored");
      await harness.reopen();
      expect(await harness.store.readAccess()).toEqual({ principals: [admin, principal()], tokens });
    });

    test("creates a name once, and updates only what there is", async ({ store }) => {
      expect(await store.putPrincipal(principal(), startMs)).toEqual({ status: "not_found" });
      await store.putPrincipal(principal(), null);
      expect(await store.putPrincipal(principal({ grants: [] }), null)).toEqual({ status: "exists" });
      const changed = principal({
        grants: [wholeGrant],
        certificateUris: ["spiffe://sitq.test/other"],
        updateMs: startMs + 1,
      });
      expect(await store.putPrincipal({ ...changed, createMs: 0 }, startMs)).toEqual({ status: "stored" });
      expect((await store.readAccess()).principals).toEqual([changed]);
    });

    test("changes a principal only where it is still the one that was read", async ({ store }) => {
      await store.putPrincipal(principal(), null);
      const [first, second] = [principal({ updateMs: startMs + 1 }), principal({ grants: [], updateMs: startMs + 2 })];
      expect(await store.putPrincipal(first, startMs)).toEqual({ status: "stored" });
      expect(await store.putPrincipal(second, startMs)).toEqual({ status: "changed" });
      expect((await store.readAccess()).principals).toEqual([first]);
      expect(await store.putPrincipal(second, startMs + 1)).toEqual({ status: "stored" });
    });

    test("leaves a token as it was revoked, and its last use, whatever was known of them", async ({ store }) => {
      await store.putPrincipal(principal(), null);
      await store.putToken(token());
      await store.setTokenUses([{ id: token().id, lastUseMs: startMs + 5 }]);
      await store.putToken(token({ revokeMs: startMs + 6 }));
      await store.putToken(token({ lastUseMs: startMs + 4, revokeMs: startMs + 7 }));
      const [kept] = (await store.readAccess()).tokens;
      expect(kept).toEqual(token({ lastUseMs: startMs + 5, revokeMs: startMs + 6 }));
    });

    test("gives a certificate name to one principal", async ({ store }) => {
      await store.putPrincipal(principal(), null);
      const other = principal({ name: "other", certificateUris: [], certificateDnsNames: ["mail.test"] });
      const refused = { status: "certificate_in_use", certificate: "mail.test" };
      expect(await store.putPrincipal(other, null)).toEqual(refused);
      await store.putPrincipal({ ...other, certificateDnsNames: [] }, null);
      expect(await store.putPrincipal(other, startMs)).toEqual(refused);
      // A URI is another kind of name.
      expect(
        (await store.putPrincipal({ ...other, certificateDnsNames: [], certificateUris: ["mail.test"] }, startMs))
          .status,
      ).toBe("stored");
      expect((await store.readAccess()).principals.map(({ name }) => name)).toEqual(["mail", "other"]);
      await store.deletePrincipal("mail");
      expect(await store.putPrincipal(other, startMs)).toEqual({ status: "stored" });
    });

    test("deletes a principal with its tokens, and has no token without one", async ({ store }) => {
      expect(await store.putToken(token())).toBe("not_found");
      await store.putPrincipal(principal(), null);
      await store.putPrincipal(principal({ name: "other", certificateUris: [], certificateDnsNames: [] }), null);
      await store.putToken(token());
      await store.putToken(token({ id: "kept", principal: "other" }));
      expect(await store.deletePrincipal("mail")).toBe("deleted");
      expect(await store.deletePrincipal("mail")).toBe("not_found");
      const { principals, tokens } = await store.readAccess();
      expect([principals.map(({ name }) => name), tokens.map(({ id }) => id)]).toEqual([["other"], ["kept"]]);
    });

    test("keeps one key of page tokens, also over a restart", async (harness) => {
      const key = await harness.store.pageKey();
      expect(key).toMatch(/^[0-9A-F]{64}$/);
      await harness.reopen();
      expect(await harness.store.pageKey()).toBe(key);
    });

    test("notes when tokens were used, and revokes one in its place", async ({ store }) => {
      await store.putPrincipal(principal(), null);
      await store.putToken(token());
      await store.setTokenUses([
        { id: token().id, lastUseMs: startMs + 5 },
        { id: "gone", lastUseMs: 1 },
      ]);
      await store.putToken(token({ lastUseMs: startMs + 5, revokeMs: startMs + 6 }));
      expect((await store.readAccess()).tokens).toEqual([token({ lastUseMs: startMs + 5, revokeMs: startMs + 6 })]);
    });
  });
}
