import { expect, it } from "vitest";
import { SealedPageTokens } from "../../../src/rpc/paging/sealed-page-token.ts";

const tokensOf = (key: string) => new SealedPageTokens({ pageKey: async () => key.repeat(64) });
const query = { list: "tasks", filter: { queue: "mail" } };

it("hides where a page ends, and is read with the same key alone, for the same query", async () => {
  const token = await tokensOf("a").seal(query, "0f3k9q2m7xa");
  expect(Buffer.from(token, "base64url").toString("latin1")).not.toContain("0f3k9q2m7xa");
  expect(await tokensOf("a").open(query, token)).toBe("0f3k9q2m7xa");
  const wrong = { reason: "INVALID_PAGE_TOKEN" };
  await expect(tokensOf("b").open(query, token)).rejects.toMatchObject(wrong);
  await expect(tokensOf("a").open({ ...query, list: "events" }, token)).rejects.toMatchObject(wrong);
  for (const bad of ["nonsense", token.slice(0, -2), `${token}AA`, `A${token.slice(1)}B`]) {
    await expect(tokensOf("a").open(query, bad)).rejects.toMatchObject(wrong);
  }
});

it("is empty where there is no next page", async () => {
  expect(await tokensOf("a").seal(query, null)).toBe("");
  expect(await tokensOf("a").open(query, "")).toBeNull();
});

it("reads the key again after a failure", async () => {
  let fails = true;
  const tokens = new SealedPageTokens({
    async pageKey() {
      if (fails) throw new Error("the disk is gone");
      return "a".repeat(64);
    },
  });
  await expect(tokens.seal(query, "x")).rejects.toThrow("the disk is gone");
  fails = false;
  expect(await tokens.open(query, await tokens.seal(query, "x"))).toBe("x");
});
