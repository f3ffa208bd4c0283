import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { languages } from "../../conformance/languages.ts";
import { conformancePage, marksIn } from "../../conformance/page.ts";
import { rules } from "../../conformance/rules/rules.ts";

const page = readFileSync("docs/conformance.md", "utf8");

test("the page has the rules and the languages of the kit, and every language keeps every rule that it can", () => {
  const columns = languages.map(({ name, without }) => {
    const marks = rules.map(({ id }) => [id, without[id] === undefined ? "kept" : "cannot"] as const);
    return { name, without, marks: new Map(marks) };
  });
  expect(page).toBe(conformancePage(rules, columns));
});

test("what stands in the page is read back for a language that cannot be judged", () => {
  const marks = marksIn(page, "TypeScript");
  expect(marks.size).toBe(rules.length);
  expect(marks.get("heartbeats-while-blocked")).toBe("cannot");
  expect(marksIn(page, "COBOL").size).toBe(0);
});

test("no two rules have one id, and each names a section that is there", () => {
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
  for (const { section } of rules) {
    const [file = "", anchor = ""] = section.split("#");
    const headings = readFileSync(`docs/${file}`, "utf8").matchAll(/^#+ (.*)$/gm);
    const anchors = [...headings].map(([, text = ""]) =>
      text
        .toLowerCase()
        .replace(/[^\w -]/g, "")
        .replaceAll(" ", "-"),
    );
    expect(anchors, section).toContain(anchor);
  }
});
