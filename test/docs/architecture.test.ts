import { existsSync, readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { expect, test } from "vitest";

const page = readFileSync("docs/architecture.md", "utf8");

/** The folders that the tree shows, by their indentation. */
function shownFolders(): string[] {
  const [, tree = ""] = /^## The tree\n+```\n(.*?)^```/ms.exec(page) ?? [];
  const way: string[] = [];
  return [...tree.matchAll(/^( *)(\S+)\/(?= |$)/gm)].map(([, indent = "", name = ""]) => {
    way.length = indent.length / 2;
    way.push(name);
    return way.join("/");
  });
}

test("the tree shows every folder of src/, and no other", () => {
  const folders = readdirSync("src", { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => posix.join(entry.parentPath.replaceAll("\\", "/"), entry.name));
  expect(shownFolders().toSorted()).toEqual(["src", ...folders].toSorted());
});

test("every line of the tree says what its folder holds", () => {
  const [, tree = ""] = /^## The tree\n+```\n(.*?)^```/ms.exec(page) ?? [];
  expect(tree.split("\n").filter((line) => /^ +\S+\/\s*$/.test(line))).toEqual([]);
});

test("every file and folder that the page names exists", () => {
  const named = [...page.matchAll(/`((?:src|test|docs|proto)\/[^`\s]+)`/g)].map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((path) => !path.includes("NAME") && !existsSync(path))).toEqual([]);
});

test("the words are in alphabetical order, each once", () => {
  const [, table = ""] = /^## Words\n(.*?)^## /ms.exec(page) ?? [];
  const words = [...table.matchAll(/^\| ([a-z][a-z -]*) \|/gm)].map(([, word]) => word);
  expect(words.slice(1)).toEqual([...new Set(words.slice(1))].toSorted());
});
