import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { succeed } from "./commands.ts";

/**
 * The directory with a Node of this version. It is installed once, into `.tools/`, from the package that carries the binary.
 * `undefined` where there is no such package: other systems than Linux have them for some versions only.
 */
export async function nodeDirectory(version: string): Promise<string | undefined> {
  if (version === process.versions.node) return dirname(process.execPath);
  if (process.platform !== "linux") return undefined;
  const name = `node-linux-${process.arch}`;
  const prefix = resolve(".tools", `node-${version}`);
  const directory = resolve(prefix, "node_modules", name, "bin");
  if (!existsSync(resolve(directory, "node"))) {
    await mkdir(prefix, { recursive: true });
    const install = ["install", "--prefix", prefix, "--no-save", "--no-audit", "--no-fund", `${name}@${version}`];
    await succeed("npm", install, { cwd: prefix });
  }
  return directory;
}
