import { existsSync } from "node:fs";
import { cp, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createTempDir, type TempDir } from "../harness/temp-dir.ts";
import { run, succeed } from "./commands.ts";

/** A repository of its own with the files of this one. */
let dir: TempDir;
const git = (...args: readonly string[]) => succeed("git", args, { cwd: dir.path });
const release = (...args: readonly string[]) =>
  run(process.execPath, ["scripts/release.ts", ...args], {
    cwd: dir.path,
    path: [resolve("node_modules/.bin"), dirname(process.execPath)],
  });

async function commit(message: string): Promise<void> {
  await git("add", "--all");
  await git("commit", "--quiet", "--message", message);
}

async function edit(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(dir.file(file), change(await readFile(dir.file(file), "utf8")));
}

beforeAll(async () => {
  dir = await createTempDir();
  const listed = await succeed("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: "." });
  for (const file of listed.trim().split("\n")) {
    if (!existsSync(file) || /^(test|bench|docs|examples)\//.test(file)) continue;
    await mkdir(dirname(dir.file(file)), { recursive: true });
    await cp(file, dir.file(file));
  }
  await git("init", "--quiet", "--initial-branch", "main");
  await git("config", "user.name", "A Releaser");
  await git("config", "user.email", "releaser@example.com");
  // The link is no directory, which is what .gitignore leaves out.
  await writeFile(dir.file(".git/info/exclude"), "node_modules\n");
  await symlink(resolve("node_modules"), dir.file("node_modules"));
  await commit("Begin");
});
afterAll(() => dir?.remove());

test("a dry run says what would happen, and changes nothing", async () => {
  const { code, stdout } = await release("0.9.0");
  expect(code).toBe(0);
  expect(stdout).toContain("Version 0.9.0, after none.");
  expect(stdout).toContain("Nothing was changed.");
  expect(await git("tag")).toBe("");
  expect(await git("status", "--porcelain")).toBe("");
});

test("a release is a commit, a tag, a section of the changelog and two packages of one version", async () => {
  const { code, stderr } = await release("0.9.0", "--yes");
  expect(code, stderr).toBe(0);
  expect(await git("log", "--format=%s", "-1")).toBe("Release 0.9.0\n");
  expect(await git("tag")).toBe("v0.9.0\n");
  expect(await git("tag", "--list", "--format=%(contents)", "v0.9.0")).toContain("Version 0.9.0\n\n### Added");
  expect(await git("status", "--porcelain")).toBe("");
  expect(await readFile(dir.file("CHANGELOG.md"), "utf8")).toMatch(
    /^## \[Unreleased\]\n\n## \[0\.9\.0\] - \d{4}-\d\d-\d\d\n\n### Added$/m,
  );
  const lock = JSON.parse(await readFile(dir.file("package-lock.json"), "utf8"));
  expect([lock.version, lock.packages[""].version]).toEqual(["0.9.0", "0.9.0"]);
  const sitq = JSON.parse(await readFile(dir.file("dist/sitq/package.json"), "utf8"));
  expect(sitq).toMatchObject({ version: "0.9.0", dependencies: { "@sitq/client": "0.9.0" } });
  for (const file of ["sitq-0.9.0.tgz", "sitq-client-0.9.0.tgz"])
    expect(existsSync(dir.file(`dist/${file}`))).toBe(true);
});

test("refuses what cannot be released, and changes nothing", async () => {
  const refused = async (reason: string, ...args: readonly string[]) => {
    const before = await git("status", "--porcelain");
    const { code, stderr } = await release(...args, "--yes");
    expect({ code, stderr }).toEqual({ code: 1, stderr: expect.stringContaining(reason) });
    expect([await git("status", "--porcelain"), await git("tag")]).toEqual([before, "v0.9.0\n"]);
  };
  await refused("is no version", "next");
  await refused("does not come after v0.9.0", "0.9.0");
  await refused("does not come after v0.9.0", "0.8.9");
  await refused("nothing under Unreleased", "0.10.0");

  await edit("CHANGELOG.md", (text) => text.replace("## [Unreleased]\n", "## [Unreleased]\n\n### Added\n\n- More.\n"));
  await refused("not committed", "0.10.0");
  await edit("proto/sitq/v1/task.proto", (text) => text.replace(/^ {2}string id = 1;$/m, "  int64 id = 1;"));
  await commit("Break the contract");
  await refused("the contract breaks clients of v0.9.0", "0.10.0");
});

test("leaves the files as they were if a step fails", async () => {
  await edit("proto/sitq/v1/task.proto", (text) => text.replace(/^ {2}int64 id = 1;$/m, "  string id = 1;"));
  await edit("src/client/index.ts", (text) => `${text}\nexport const wrong: number = "a text";\n`);
  await commit("Break the build");
  const { code } = await release("0.10.0", "--yes");
  expect(code).not.toBe(0);
  expect([await git("status", "--porcelain"), await git("tag")]).toEqual(["", "v0.9.0\n"]);
});
