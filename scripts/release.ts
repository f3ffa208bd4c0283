/**
 * Releases a version: `npm run release -- 0.2.0` says what it would do and changes nothing; with `--yes` it does it. See
 * docs/releasing.md.
 */

import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";

/** The contract that no change may break: of the last release, and before the first one of the day when that was promised. */
const baseline = "proto-baseline.binpb";
const changed = ["package.json", "package-lock.json", "CHANGELOG.md", baseline];
const unreleased = "## [Unreleased]\n";

/** Something that has to be put right first; nothing was changed. */
class Refused extends Error {}

try {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { yes: { type: "boolean" } } });
  release(positionals[0] ?? "", values.yes === true);
} catch (error) {
  if (!(error instanceof Refused)) throw error;
  console.error(`release: ${error.message}`);
  process.exitCode = 1;
}

function release(version: string, isMeant: boolean): void {
  const lastTag = git("tag", "--list", "v*", "--sort=-version:refname").split("\n")[0] ?? "";
  checkTree();
  checkVersion(version, lastTag);
  const notes = unreleasedNotes();
  checkContract(lastTag);
  console.log(`Version ${version}, after ${lastTag || "none"}. What users see:\n\n${notes}\n`);
  if (!isMeant) {
    console.log(`Nothing was changed. To commit, tag v${version} and pack: npm run release -- ${version} --yes`);
    return;
  }
  try {
    writeVersion(version);
    run("buf", ["build", "proto", "--exclude-source-info", "--output", baseline]);
    run("npm", ["run", "--silent", "package"]);
    git("add", ...changed);
    git("commit", "--quiet", "--message", `Release ${version}`);
    // As it is: git takes a line that begins with # for a comment.
    git("tag", "--annotate", "--cleanup=verbatim", `v${version}`, "--message", `Version ${version}\n\n${notes}`);
  } catch (error) {
    git("restore", "--staged", "--worktree", ...changed);
    throw error;
  }
  console.log(`Committed and tagged v${version}; the packages are in dist/. To publish:
  git push --follow-tags
  npm publish ./dist/client && npm publish ./dist/sitq`);
}

function checkTree(): void {
  const dirty = git("status", "--porcelain");
  if (dirty !== "") throw new Refused(`there are changes that are not committed:\n${dirty}`);
}

function checkVersion(version: string, lastTag: string): void {
  if (!/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Refused(`"${version}" is no version. Name one: npm run release -- 0.2.0`);
  }
  if (lastTag !== "" && compare(version, lastTag.slice(1)) <= 0) {
    throw new Refused(`${version} does not come after ${lastTag}`);
  }
}

/** What the changelog says under Unreleased. */
function unreleasedNotes(): string {
  const [, after] = readFileSync("CHANGELOG.md", "utf8").split(unreleased);
  const notes = after?.split(/^## /m)[0]?.trim() ?? "";
  if (!/^- /m.test(notes)) throw new Refused("CHANGELOG.md has nothing under Unreleased");
  return notes;
}

/** Clients of the last version have to go on working. */
function checkContract(lastTag: string): void {
  const { status, stdout, stderr } = spawnSync("buf", ["breaking", "proto", "--against", baseline], {
    encoding: "utf8",
  });
  if (status === 0) return;
  throw new Refused(`the contract breaks clients of ${lastTag || "the baseline"}:\n${stdout}${stderr}`);
}

function writeVersion(version: string): void {
  for (const path of ["package.json", "package-lock.json"]) {
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    manifest.version = version;
    if (manifest.packages !== undefined) manifest.packages[""].version = version;
    writeFileSync(path, `${JSON.stringify(manifest, null, 2)}\n`);
  }
  const day = new Date().toISOString().slice(0, 10);
  const text = readFileSync("CHANGELOG.md", "utf8");
  writeFileSync("CHANGELOG.md", text.replace(unreleased, `${unreleased}\n## [${version}] - ${day}\n`));
}

function compare(a: string, b: string): number {
  const [left, right] = [a, b].map((each) => each.split(".").map(Number));
  const differences = (left ?? []).map((n, at) => n - (right?.[at] ?? 0));
  return differences.find((difference) => difference !== 0) ?? 0;
}

function git(...args: readonly string[]): string {
  return run("git", args);
}

function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} failed: ${stderr}`, { cause: error });
  return stdout.trim();
}
