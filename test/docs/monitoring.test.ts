import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Metric, metrics, processMetrics } from "../../src/metrics/names.ts";

const page = readFileSync("docs/monitoring.md", "utf8");
const rows = page.split("\n").filter((line) => /^\| `(sitq|process|nodejs)_/.test(line));

test("the page has a row for every metric, as the table of names has it, and says of each of ours what to do", () => {
  const ours = rows.filter((row) => row.startsWith("| `sitq_"));
  const wanted = Object.values<Metric>(metrics).map(({ name, kind, labels, help }) =>
    ["", `\`${name}\``, kind, labels.map((label) => `\`${label}\``).join(", "), help].join(" | ").trim(),
  );
  const said = ours.map((row) =>
    row
      .replace(/ \| \|/, " |  |")
      .split(" | ")
      .slice(0, 4)
      .join(" | "),
  );
  expect(said.toSorted()).toEqual(wanted.toSorted());
  for (const row of ours) expect(row).toMatch(/ \| [^|]{10,} \|$/);
});

test("the page has a row for every metric of the process, and no other", () => {
  const names = rows.map((row) => row.split("`")[1] ?? "").filter((name) => !name.startsWith("sitq_"));
  expect(names.toSorted()).toEqual(processMetrics.toSorted());
});

test("the page names no metric that is not there", () => {
  const known = new Set([...Object.values<Metric>(metrics).map(({ name }) => name), ...processMetrics]);
  const named = [...page.matchAll(/\b(?:sitq|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});
