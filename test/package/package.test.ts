/**
 * The packages as they are published: built, packed, installed into directories outside the source tree, and used by the
 * runtimes and the tools of a user. The oldest runtime of each `engines` is among them.
 */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { cp, mkdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createTempDir } from "../harness/temp-dir.ts";
import { run, type Serving, serve, succeed } from "./commands.ts";
import { type Installed, installPackages } from "./installed.ts";
import { printed, writePrograms } from "./programs.ts";
import { nodeDirectory } from "./runtimes.ts";

const { version }: { version: string } = JSON.parse(readFileSync("package.json", "utf8"));
const tool = (name: string) => resolve("node_modules/.bin", name);

/** Node 20 is for the SDK alone. */
const runtimes = { client: ["20.19.0", "22.18.0", process.versions.node], server: ["22.18.0", process.versions.node] };

let installed: Installed;
const directories = new Map<string, string | undefined>();

beforeAll(async () => {
  for (const each of runtimes.client) directories.set(each, await nodeDirectory(each));
  installed = await installPackages();
  await writePrograms(installed.both, "sitq/client");
  await writePrograms(installed.clientOnly, "@sitq/client");
  for (const directory of [installed.both, installed.clientOnly]) await bundle(directory);
});
afterAll(() => installed?.[Symbol.asyncDispose]());

/** Bundles the program in both formats. gRPC is CommonJS and calls `require`, which an ES module has to be given. */
async function bundle(directory: string): Promise<void> {
  const options = { absWorkingDir: directory, bundle: true, platform: "node", logLevel: "silent" } as const;
  await build({ ...options, entryPoints: ["program.mjs"], format: "cjs", outfile: "bundle.cjs" });
  const js = `import { createRequire } from "node:module"; const require = createRequire(import.meta.url);`;
  await build({ ...options, entryPoints: ["program.mjs"], format: "esm", outfile: "bundle.mjs", banner: { js } });
}

describe("the tarballs", () => {
  test.each(["client", "sitq"] as const)("publint and attw find nothing in %s", async (name) => {
    const lint = await run(tool("publint"), ["--strict", "--pack", "npm", resolve("dist", name)], { cwd: "." });
    expect(lint, lint.stdout).toMatchObject({ code: 0 });
    const args = ["--profile", "esm-only", installed.tarballs[name]];
    const types = await run(tool("attw"), args, { cwd: installed.both });
    expect(types, types.stdout).toMatchObject({ code: 0 });
  });

  test("hold what is run, and nothing else", async () => {
    for (const tarball of Object.values(installed.tarballs)) {
      const files = (await succeed("tar", ["-tzf", tarball], { cwd: "." })).trim().split("\n");
      expect(files.filter((file) => !/^package\/(src|gen|bin)\//.test(file)).sort()).toEqual([
        "package/LICENSE",
        "package/README.md",
        "package/package.json",
      ]);
      expect(files.filter((file) => /(?<!\.d)\.ts$/.test(file))).toEqual([]);
    }
  });

  test("of the client brings neither SQLite nor the command", () => {
    const packages = readdirSync(join(installed.clientOnly, "node_modules"));
    expect(packages).toContain("@grpc");
    expect(packages.filter((name) => /sqlite|commander|pino|cli-|^sitq$/.test(name))).toEqual([]);
    expect(existsSync(join(installed.clientOnly, "node_modules/@bufbuild/cel"))).toBe(false);
  });
});

describe("types", () => {
  test.each(["nodenext", "bundler"])("compile by tsc with %s, declarations of libraries included", async (project) => {
    for (const cwd of [installed.both, installed.clientOnly]) {
      expect(await run(tool("tsc"), ["-p", `${project}.json`], { cwd })).toMatchObject({ code: 0, stdout: "" });
    }
  });
});

test("each class exists once", async () => {
  const code = `
    import { CallError } from "sitq/client";
    import { CallError as same } from "@sitq/client";
    console.log(CallError === same);`;
  const args = ["--input-type=module", "--eval", code];
  expect(await succeed(process.execPath, args, { cwd: installed.both })).toBe("true\n");
});

describe.each(runtimes.server)("Node %s", (runtime) => {
  test("npx sitq serves, drains, and tells its version", async ({ skip }) => {
    const directory = directories.get(runtime);
    if (directory === undefined) return skip(`there is no Node ${runtime} for this system`);
    const options = { cwd: installed.both, path: [directory] };
    expect(await succeed("npx", ["sitq", "version"], options)).toBe(`sitq ${version} (Node ${runtime})\n`);
    await using server = await serve("npx", serveArgs(`${runtime}.db`), options);
    const health = await succeed("npx", ["sitq", "health", "--address", server.address], options);
    expect(health).toContain("SERVING");
    // The copy is checked on a thread of its own.
    const copy = await succeed("npx", ["sitq", "backup", `${runtime}-copy.db`, "--address", server.address], options);
    expect(copy).toContain("sha256");
    expect(await server.stop()).toContain('"msg":"stopped"');
  });

  test("the source tree serves after npm ci --omit=dev", async ({ skip }) => {
    const directory = directories.get(runtime);
    if (directory === undefined) return skip(`there is no Node ${runtime} for this system`);
    await using tree = await copySourceTree();
    const options = { cwd: tree.path, path: [directory] };
    await succeed("npm", ["ci", "--omit=dev", "--prefer-offline", "--no-audit", "--no-fund"], options);
    expect(await run("bin/sitq", ["version"], options)).toEqual({
      code: 0,
      stdout: `sitq ${version} (Node ${runtime})\n`,
      stderr: "",
    });
    await using server = await serve("bin/sitq", serveArgs("sitq.db").slice(1), options);
    expect(await server.stop()).toContain('"msg":"stopped"');
  });
});

describe("the SDK", () => {
  let server: Serving;
  beforeAll(async () => {
    server = await serve("npx", serveArgs("sdk.db"), { cwd: installed.both, path: [dirname(process.execPath)] });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const programs = ["program.mjs", "program.cjs", "bundle.mjs", "bundle.cjs"];
  const cases = runtimes.client.flatMap((runtime) => programs.map((program) => ({ runtime, program })));
  test.for(cases)("works as $program on Node $runtime", async ({ runtime, program }, { skip }) => {
    const directory = directories.get(runtime);
    if (directory === undefined) return skip(`there is no Node ${runtime} for this system`);
    for (const cwd of [installed.clientOnly, ...(runtimes.server.includes(runtime) ? [installed.both] : [])]) {
      const env = { SITQ_ADDRESS: server.address };
      const ended = await run(join(directory, "node"), ["--disable-warning=ExperimentalWarning", program], {
        cwd,
        env,
      });
      expect(ended).toEqual({ code: 0, stdout: printed, stderr: "" });
    }
  });
});

function serveArgs(db: string): string[] {
  return ["sitq", "serve", "--listen", "127.0.0.1:0", "--db", db];
}

/** The files that git knows, as a clone has them. */
async function copySourceTree() {
  const dir = await createTempDir();
  const listed = await succeed("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: "." });
  for (const file of listed.trim().split("\n")) {
    if (!/^(bin|src|gen)\/|^package(-lock)?\.json$/.test(file) || !existsSync(file)) continue;
    await mkdir(dirname(dir.file(file)), { recursive: true });
    await cp(file, dir.file(file));
  }
  return dir;
}
