import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Say it with the field's word, subject first: "Creates …", "the caller", "no worker", "until stopped", "gets". */
const worst = /\b(whoever|nobody|somebody|for ever|comes? to be|(is|are|be|was|were) told)\b/i;

test("no comment, message or page uses a word that a reader has to translate", () => {
  const paths = ["src", "proto", "docs", "packages"].flatMap((root) =>
    readdirSync(root, { recursive: true, encoding: "utf8" }).map((path) => join(root, path)),
  );
  const lines = [...paths, "README.md"]
    .filter((path) => /\.(ts|proto|md)$/.test(path))
    .flatMap((path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .map((line, index) => `${path}:${index + 1}: ${line.trim()}`),
    );
  expect(lines.length).toBeGreaterThan(1_000);
  expect(lines.filter((line) => worst.test(line))).toEqual([]);
});
