/**
 * Builds the packages below dist/, ready for `npm pack` and `npm publish`: JavaScript with declarations, laid out like the
 * source tree, so that what the code finds beside it is there too.
 *
 * - `dist/client` is `@sitq/client`: the SDK, with two dependencies, and OpenTelemetry where the application has it.
 * - `dist/sitq` is `sitq`: the server and the command. Its `sitq/client` is `@sitq/client`, which its command uses as well, so
 *   that each class exists once.
 */

import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

interface Manifest {
  readonly version: string;
  readonly license: string;
  readonly dependencies: Readonly<Record<string, string>>;
}

const root: Manifest = JSON.parse(readFileSync("package.json", "utf8"));

/** A library takes what is compatible, so that a program has one copy of each. */
const clientDependencies = Object.fromEntries(
  ["@bufbuild/protobuf", "@grpc/grpc-js"].map((name) => [name, `^${root.dependencies[name]}`]),
);

rmSync("dist", { recursive: true, force: true });
compile("tsconfig.client.json");
rewriteDeclarations("dist/client");
finish("client", clientDependencies);

compile("tsconfig.server.json");
replaceClient("dist/sitq/src/client");
checkThreads("dist/sitq/src");
cpSync("src/store/sqlite/migrations", "dist/sitq/src/store/sqlite/migrations", { recursive: true });
cpSync("console/dist", "dist/sitq/console/dist", { recursive: true });
cpSync("bin", "dist/sitq/bin", { recursive: true });
chmodSync("dist/sitq/bin/sitq", 0o755);
finish("sitq", { "@sitq/client": root.version, ...root.dependencies });
console.log(`dist/client and dist/sitq hold version ${root.version}.`);

function compile(project: string): void {
  const { status, error } = spawnSync("tsc", ["-p", project], { stdio: "inherit" });
  if (status !== 0) throw new Error(`tsc -p ${project} failed`, { cause: error });
}

/** The compiler leaves `./x.ts` in declarations (microsoft/TypeScript issue 61037). It finds `./x.d.ts` by that; not every tool does. */
function rewriteDeclarations(directory: string): void {
  for (const path of filesBelow(directory, ".d.ts")) {
    const text = readFileSync(path, "utf8");
    writeFileSync(path, text.replace(/((?:from|import\()\s*"\.{1,2}\/[^"]+)\.ts"/g, '$1.js"'));
  }
}

/** Puts `@sitq/client` in the place of the client's sources: the command imports nothing else of them than their index. */
function replaceClient(directory: string): void {
  rmSync(directory, { recursive: true });
  for (const path of filesBelow("dist/sitq/src", ".js")) {
    const inner = /["'][./]+\/client\/(?!index\.js["'])[^"']+["']/.exec(readFileSync(path, "utf8"));
    if (inner !== null) throw new Error(`${path} imports ${inner[0]}, which @sitq/client does not export`);
  }
  mkdirSync(directory);
  for (const name of ["index.js", "index.d.ts"])
    writeFileSync(join(directory, name), 'export * from "@sitq/client";\n');
}

/** A thread's file is named in a text, which the compiler does not rewrite: whoever names one names both its forms. */
function checkThreads(directory: string): void {
  for (const path of filesBelow(directory, ".js")) {
    const text = readFileSync(path, "utf8");
    for (const [, name] of text.matchAll(/"(\.{1,2}\/[^"]+)\.ts"/g)) {
      if (!text.includes(`"${name}.js"`)) throw new Error(`${path} names ${name}.ts, which no package holds`);
    }
  }
}

/** Adds the generated code, the manifest and the texts. */
function finish(name: "client" | "sitq", dependencies: Readonly<Record<string, string>>): void {
  const target = join("dist", name);
  cpSync("gen", join(target, "gen"), { recursive: true });
  const { name: packageName, ...facts } = JSON.parse(readFileSync(join("packages", name, "package.json"), "utf8"));
  const manifest = { name: packageName, version: root.version, license: root.license, ...facts, dependencies };
  writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join("packages", name, "README.md"), join(target, "README.md"));
  copyFileSync("LICENSE", join(target, "LICENSE"));
}

function filesBelow(directory: string, ending: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name));
}
