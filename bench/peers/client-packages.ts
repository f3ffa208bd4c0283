import { execFile } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";

/** The manifest and the lockfile. */
const source = join(import.meta.dirname, "clients");
/** Where they are installed: outside of the sources, which tests and checks read. */
const cache = resolve(import.meta.dirname, "../../.tools/bench-peers");
const lockfile = "package-lock.json";

/** The exact versions of the client packages, by name, and of the modules that programs in Go are built with. */
export const clientVersions: Readonly<Record<string, string>> = {
  ...JSON.parse(readFileSync(join(source, "package.json"), "utf8")).dependencies,
  ...Object.fromEntries(
    [...readFileSync(join(source, "river/go.mod"), "utf8").matchAll(/^\t(\S+) v(\S+)$/gm)].map(([, name, version]) => [
      name,
      version,
    ]),
  ),
};

/** Installs the packages of the lockfile, unless exactly these are there. */
export async function installClients(): Promise<void> {
  const wanted = readFileSync(join(source, lockfile), "utf8");
  // What npm writes when everything is there.
  const isInstalled = existsSync(join(cache, "node_modules", ".package-lock.json"));
  if (isInstalled && readFileSync(join(cache, lockfile), "utf8") === wanted) return;
  mkdirSync(cache, { recursive: true });
  for (const file of ["package.json", lockfile]) copyFileSync(join(source, file), join(cache, file));
  await promisify(execFile)("npm", ["ci", "--no-audit", "--no-fund"], { cwd: cache });
}

/** Loads one of them. @typeParam T what of it is used: the packages are no dependencies, so their own types are not there */
export async function clientPackage<T>(name: string): Promise<T> {
  const entry = createRequire(join(cache, "package.json")).resolve(name);
  const loaded = await import(pathToFileURL(entry).href);
  // Of a CommonJS module everything is in the default.
  return loaded.default ?? loaded;
}
