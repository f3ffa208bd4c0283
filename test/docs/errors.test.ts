import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { errorReasons } from "../../src/domain/errors.ts";

it("lists every reason of a refusal, and no other", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const listed = [...page.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, reason]) => reason);
  // INTERNAL is no refusal: rpc gives it to what nobody foresaw.
  expect(listed.toSorted()).toEqual([...errorReasons, "INTERNAL"].toSorted());
});

it("has a class in Python for every reason", () => {
  const classes = readFileSync(new URL("../../clients/python/src/sitq/reasons.py", import.meta.url), "utf8");
  const named = [...classes.matchAll(/^class (\w+)\(/gm)].map(([, name = ""]) =>
    name.replaceAll(/(?<!^)(?=[A-Z])/g, "_").toUpperCase(),
  );
  expect(named.toSorted()).toEqual([...errorReasons, "INTERNAL"].toSorted());
});

it("says of every reason when it is answered, whether the call may be repeated, and what to do", () => {
  const page = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
  const [head = [], , ...rows] = [...page.matchAll(/^\|(.*)\|$/gm)].map(([, row = ""]) =>
    row.split(" | ").map((cell) => cell.trim()),
  );
  expect(head).toEqual(["reason", "code", "when", "may be repeated", "what to do"]);
  const incomplete = rows.filter(
    (row) => row.length !== head.length || row.includes("") || !/^(yes|wait|later|no)$/.test(row[3] ?? ""),
  );
  expect(incomplete).toEqual([]);
});
