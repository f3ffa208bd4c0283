import fc from "fast-check";
import { test as base, expect } from "vitest";
import { fromStored, toStored } from "../../../../src/store/postgres/database/text.ts";
import { isPostgresMissing } from "../../../harness/databases/postgres.ts";
import { postgresForTests } from "../open-postgres.ts";

const test = base.skipIf(isPostgresMissing);
const open = postgresForTests();

test("any text comes back as it was, is sent without U+0000, and no two are sent alike", () => {
  const texts = fc.string({ unit: fc.constantFrom("\0", "\u0001", "0", "1", "a", "ä", "\uffff") });
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      const [sent, other] = [toStored(a), toStored(b)] as [string, string];
      expect(sent).not.toContain("\0");
      expect(fromStored(sent)).toBe(a);
      expect(sent === other).toBe(a === b);
    }),
  );
  expect(toStored(["a\0", null, "\u0001", 1])).toEqual(["a\u00010", null, "\u00011", 1]);
});

test("a text with U+0000 is kept by the database", async () => {
  const opened = await open();
  try {
    const texts = ["a\0b", "a\u00010b", "\u0001", "a0b"];
    const entry = { timeMs: 1, credential: "", peer: "", method: "m", resource: "r", code: "OK", reason: "", count: 1 };
    await opened.store.appendAudit(texts.map((principal) => ({ ...entry, principal })));
    const all = { createdAfterMs: null, method: null, outcome: null, refusedOnly: false, cursor: null, limit: 9 };
    const found = async (principal: string | null) =>
      (await opened.store.listAudit({ ...all, principal })).entries.map((each) => each.principal);
    expect((await found(null)).toReversed()).toEqual(texts);
    for (const text of texts) expect(await found(text)).toEqual([text]);
  } finally {
    await opened.close();
  }
});
