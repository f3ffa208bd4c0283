import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { Setting } from "../../src/config/setting.ts";
import { settings } from "../../src/config/settings.ts";

const page = readFileSync("docs/configuration.md", "utf8");
const rows = page.split("\n").filter((line) => line.startsWith("| `--"));

test("the page has a row for every setting, as the table of settings has it, and no other row", () => {
  const wanted = Object.values<Setting<unknown>>(settings).map(
    ({ flag, environment, kind, defaultValue, description }) =>
      `| \`${flag}\` | \`${environment}\` | \`${kind.format(defaultValue)}\` | ${kind.expected} | ${description} |`,
  );
  expect(rows.toSorted()).toEqual(wanted.toSorted());
});

test("the page speaks of no setting that is not there", () => {
  const known: readonly Setting<unknown>[] = Object.values(settings);
  for (const [flag] of page.matchAll(/--[a-z][a-z-]+/g)) expect(known.map((setting) => setting.flag)).toContain(flag);
});
