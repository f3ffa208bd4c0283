import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorReasons } from "../../src/domain/errors.ts";

it("lists every reason of a refusal, and no other", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, reason]) => reason);
  // INTERNAL is no refusal: rpc gives it to what nobody foresaw.
  expect(listed.toSorted()).toEqual([...errorReasons, "INTERNAL"].toSorted());
});
